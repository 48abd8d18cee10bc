### The engineer's console, in a browser.

console-title = Consentry
console-tagline = Help that was asked for.
console-promise-blind = The broker carries your session and cannot read it.
console-promise-consent = The customer sees who you are, why you ask, and everything you do.
console-promise-recorded = Everything is recorded, sealed at the customer's end, and stays verifiable.
console-skip = Skip to the content
console-language = 中文
console-theme-auto = Theme: as the system
console-theme-light = Theme: light
console-theme-dark = Theme: dark
console-sign-out = Sign out
console-signed-in-as = { $name } · staff no. { $staff_number }
console-loading = Loading …
console-retry = Try again

## Signing in

console-sign-in = Sign in
console-sign-in-lead = With the account that your organisation gave you.
console-user-name = User name
console-password = Password
console-totp = One-time number
console-totp-help = Six digits from your authenticator app.
console-signing-in = Signing in …
console-or = or
console-sign-in-passkey = Sign in with a passkey
console-sign-in-provider = Sign in with { $name }
console-sign-in-leaving = Going to { $name } …
console-signed-out-elsewhere = You have been signed out: the sign-in has expired, or was ended elsewhere. Sign in again.

## Your account

console-account = Account
console-account-lead = { $name } · { $user_name }
console-passkeys = Passkeys
console-passkeys-lead = A passkey signs you in with your finger, face or PIN instead of password and one-time number. It stays in your device.
console-passkeys-empty = No passkey yet. Add this device, and sign in faster and safer from now on.
console-passkeys-off = Passkeys are turned off here.
console-passkeys-no-browser = This browser knows no passkeys.
console-passkey-add = Add a passkey
console-passkey-name = Name for the new passkey
console-passkey-name-help = So that you know it again: which device it is in.
console-passkey-adding = Follow your browser …
console-passkey-added = Added { $time }
console-passkey-used = last used { $time }
console-passkey-never-used = never used
console-passkey-synced = on several devices
console-passkey-rename = Rename
console-passkey-rename-label = New name for { $name }
console-passkey-save = Save
console-passkey-remove = Remove
console-passkey-remove-title = Remove { $name }?
console-passkey-remove-lead = It will no longer sign you in here. Delete it from the device as well.
console-passkey-remove-confirm = Remove it
console-passkey-keep = Keep it

## Taking a code

console-take-code = Take a code
console-take-code-lead = Ask the customer to read the code on their screen to you.
console-code = Code
console-code-example = 482-9137-7551
console-code-right = The check digit is right.
console-code-spent = A code works once: say what you need before you use it.
console-reason = Why do you ask?
console-reason-example = Receipts have not arrived since this morning
console-reason-help = The customer reads this before they answer.
console-ticket = Ticket
console-optional = optional
console-minutes = For how long?
console-minutes-choice = { $minutes } minutes
console-scopes = What do you need?
console-powerful = The customer has to wait three seconds before they can allow this.
console-preview = What the customer will read
console-preview-who = { $name } ({ $organisation }, staff no. { $staff_number })
console-preview-wants = wants, because «{ $reason }»:
console-preview-minutes = for { $minutes } minutes. Everything is recorded.
console-preview-browser = You come with a browser, and they are told: its program comes from the broker, which could then read along.
console-ask = Use the code and ask
console-reason-missing = Say why you ask: the customer decides by it.
console-scopes-missing = Choose at least one.
console-scope-view = see the terminal
console-scope-shell = type in the terminal and run commands
console-scope-files-r = read files
console-scope-files-w = change files
console-scope-forward = open network connections
console-scope-root = all of this as the system's administrator
console-scope-gateway = do this with your own SSH program too

## Waiting

console-waiting = Waiting for the customer
console-step-code = Checking the code with the customer's machine
console-step-consent = The customer reads your request and decides
console-step-shell = Opening the terminal
console-consent-left = They have { $time } left. Silence means no.
console-cancel = Withdraw the question

## The session

console-live-with = { $user } on { $host }
console-time-left = { $time } left
console-connected = connected
console-dialling = dialling again
console-reconnecting = Connection lost. Dialling again; nothing is lost …
console-terminal = Terminal of the customer's machine
console-terminal-help = Alt+Shift+M goes to the messages, +N to the notes, +A asks for more, +E ends the session.
console-shell-ended = The shell has ended (status { $status }).
console-shell-cut = The terminal was closed at the customer's end.
console-new-shell = Open the terminal again
console-attested-same = Signed: the customer's recording has exactly what you saw.
console-attested-different = The customer's recording does not have what you saw. Tell your supervisor.
console-attested-none = The customer's machine did not confirm what you saw.
console-grant-narrowed = The customer changed what you may do: { $scopes }, until { $time }.
console-grant-widened = The customer allows now: { $scopes }, until { $time }.
console-grant-nothing = The customer took everything back, or the time is over.
console-paused-customer = The customer has paused everything. Nothing runs until they go on.
console-paused-recorder = Everything waits: the recording cannot be delivered at the moment.
console-paused-question = The customer reads a question. Everything waits until they answer.
console-time-soon = Less than two minutes are left. Ask for more time if you need it.
console-more = Ask for more
console-more-title = Ask for more
console-more-lead = What is allowed stays as it is until the customer answers.
console-more-all = You have everything that your organisation lets you ask for.
console-more-same-time = Leave the time as it is
console-more-minutes = { $minutes } minutes from the answer on
console-more-nothing = Choose what you need: a permission, time, or both.
console-more-ask = Ask the customer
console-more-cancel = Do not ask
console-more-waiting = They see your question now. Whatever you have running waits until they answer.
console-side = Beside the terminal
console-chat = Messages
console-chat-empty = Nothing was written yet. The customer and all engineers of this session read along, and it is recorded.
console-chat-unknown = The customer's program is from before there were messages. Talk on the phone.
console-chat-new = New message
console-chat-send = Send
console-chat-you = You
console-chat-customer = Customer
console-chat-unread = { $count ->
    [one] 1 new message
   *[other] { $count } new messages
}
console-end = End session
console-end-title = End the session?
console-end-lead = Whatever you started on the customer's machine is stopped. To come back you need a new code.
console-end-confirm = End it
console-end-cancel = Go on
console-over = The session is over
console-back = Back to the desk

## My sessions

console-sessions = My sessions
console-sessions-empty = No session yet. When a customer reads you a code, it starts here.
console-session = Session
console-state-waiting = waiting
console-state-paired = asking
console-state-live = live
console-state-ended = ended
console-customer-here = customer on the line
console-customer-away = customer away
console-opened = Opened
console-lasted = Lasted
console-end-reason = Ended because
console-records = Sealed records
console-rating = The customer's rating
console-rating-stars = { $stars } of 5
console-rating-none = not rated
console-solved-yes = solved
console-solved-no = not solved
console-participants = Engineers
console-notes = Notes
console-notes-empty = No notes yet. Colleagues of this session read what you write.
console-note-new = New note
console-note-add = Add note
console-note-by = { $author }, { $time }

## What ends a session

console-ended-engineer-ended = An engineer ended it.
console-ended-customer-ended = The customer ended it.
console-ended-denied = The customer said no.
console-ended-expired = The time that was allowed is over.
console-ended-idle = Nothing happened for too long.
console-ended-lost = The connection was lost and did not come back.
console-ended-abandoned = The customer's machine went away.
console-ended-recorder-failed = The recording could not be kept, so nothing went on.
console-ended-broker-ended = The broker ended it.

## What can go wrong

console-denied-customer = The customer said no.
console-denied-timeout = The customer did not answer in two minutes.
console-denied-certificate = The customer's machine did not accept your certificate. Check your clock, sign in again, and ask for a new code.
console-denied-scope = Your organisation does not let you ask for this.
console-denied-policy = The customer's machine does not allow this: too long, a browser where none is allowed, or administrator rights asked where there are none (or not asked where it needs them).
console-pairing-wrong-code = The code was not right, and is used up. Ask the customer for a new one. If they are sure that they read it right, somebody may be in between: tell your administrator.
console-pairing-expired = The code has expired. Ask the customer for a new one.
console-pairing-cancelled = The customer has cancelled the code. Ask whether they still want help.
console-pairing-lost = The connection was lost while the code was checked. Ask the customer for a new one.
console-pairing-broken = The other end does not follow the rules, so nothing was connected. Ask the customer for a new code.
console-error-code-shape = A code has 11 or 12 digits; this has { $digits }.
console-error-code-slip = One digit is not right. The code is still good: ask the customer to read it again.
console-error-unreachable = The server cannot be reached. Check your connection.
console-error-agent-silent = The customer's computer does not answer. It may be asleep or off the network.
console-error-peer = The other end does not follow the rules ({ $problem }). Nothing was connected.
console-error-profile = The organisation's profile cannot be accepted: { $problem }. Do not go on; tell your administrator.
console-error-root-changed = This broker shows another organisation than before. Do not go on; tell your administrator.
console-error-forged = The connection to the customer was tampered with on the way, and was closed.
console-error-too-long = That is too long to send. Shorten the text.
console-error-browser-not-allowed = Your organisation does not allow browsers. Use `consentry connect`.
console-error-too-many-minutes = At most { $limit } minutes are possible.
console-error-host-key = The machine at the other end is not the one that proved the code. Nothing of yours was sent to it. Tell your administrator.
console-error-ssh = The terminal could not be opened. If the session is still open, try again.
console-not-said-not-in = You are not in the session at this moment, so nobody saw the message.
console-not-said-too-fast = That was too fast. Send it again in a moment.
console-not-said-full = So much was written in this session that nothing more is taken.
console-not-said-unusable = That cannot be sent. Write it anew.
console-error-line = A message has 1 to { $limit } characters.
console-error-line-uncertain = The customer's machine has not confirmed the message yet. It may still arrive.
console-error-passkey-cancelled = No passkey was used: it was cancelled, or took too long. Try again, or sign in another way.
console-error-passkey-known-here = This device has a passkey of yours already.
console-error-unexpected = Something went wrong in this page. Reload it; if it happens again, tell your administrator.
console-refused = The server refused: { $sentence }
console-refused-login-refused = The user name, the password or the one-time number is not right.
console-refused-one-time-number-needed = Give the six digits of your authenticator app, too.
console-refused-login-locked = Too many attempts. Wait a while before you try again.
console-refused-way-off = Nobody signs in that way here. Choose another.
console-refused-fresh-sign-in-needed = Confirm that it is you: for this you must have signed in only minutes ago.
console-refused-ceremony-over = That took too long, or was used already. Begin again.
console-refused-account-locked = Your account is locked. Ask your administrator.
console-refused-passkey-refused = This passkey was not accepted. Sign in another way, or tell your administrator.
console-refused-passkey-copied = This passkey seems to have been copied, and was not accepted. Remove it, and tell your administrator.
console-refused-passkey-unusable = This device's passkey cannot be used here. Try another device, or another browser.
console-refused-passkey-known = This passkey is in use already.
console-refused-too-many-passkeys = You have as many passkeys as there may be. Remove one that you no longer use first.
console-refused-passkey-unknown = There is no such passkey of yours. It may have been removed elsewhere.
console-refused-provider-unreachable = Your organisation's sign-in cannot be reached. Try again, or tell your administrator.
console-refused-provider-broken = Your organisation's sign-in gave an answer that cannot be used. Tell your administrator.
console-refused-code-refused = Your organisation's sign-in did not accept the way back to us. Begin again.
console-refused-id-token-refused = Your organisation's sign-in gave an answer that cannot be trusted. Tell your administrator.
console-refused-signing-key-unknown = Your organisation's sign-in uses a key that it does not show. Try again, or tell your administrator.
console-refused-claim-missing = Your organisation's sign-in does not say your user name, your name and your staff number. Tell your administrator.
console-refused-sign-in-not-ours = That was not the answer to a sign-in that was begun here. Begin again.
console-refused-provider-said-no = Your organisation's sign-in refused. Try again, or tell your administrator.
console-refused-sign-in-stronger = Your organisation's sign-in was not strong enough for this. Sign in there with your second factor.
console-refused-no-role-here = You have signed in, but none of your groups may work here. Ask your administrator.
console-refused-not-added-here = You have signed in, but nobody has added you here. Ask your administrator.
console-refused-person-clashes = Somebody here has your user name or staff number already. Ask your administrator to link the two.
console-refused-not-logged-in = Your sign-in has expired. Sign in again.
console-refused-code-unknown = There is no such code, or it was used already. Ask the customer to read it again.
console-refused-customer-away = The customer's machine is not on the line at the moment. The code is still good: try again.
console-refused-engineer-locked = Too many codes failed. Pairing is locked for you for a while; tell your supervisor.

## The engineer's own SSH program

console-own-ssh = Your own SSH program
console-own-ssh-lead = ssh, scp, sftp and rsync reach this session too, while it runs. It stays encrypted from your program to the customer's machine.
console-own-ssh-key = Your public SSH key
console-own-ssh-key-help = One line of ~/.ssh/id_ed25519.pub. None yet? Run: ssh-keygen -t ed25519
console-own-ssh-admit = Let this key in
console-own-ssh-again = Let this key in instead
console-own-ssh-ready = The key may come in. Paste the two blocks once, then use the commands.
console-own-ssh-known-hosts = For ~/.ssh/known_hosts
console-own-ssh-config = For ~/.ssh/config
console-own-ssh-commands = Then
console-own-ssh-open = What you do there is recorded like everything else, and the customer can take it back at any time.
console-copy = Copy
console-copied = Copied
console-error-ssh-key = This is no Ed25519 public key. Paste one line of a .pub file that begins with ssh-ed25519.
