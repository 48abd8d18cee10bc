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
console-totp-help = Six digits from your authenticator app, or a recovery code.
console-signing-in = Signing in …
console-or = or
console-sign-in-passkey = Sign in with a passkey
console-sign-in-provider = Sign in with { $name }
console-sign-in-leaving = Going to { $name } …
console-signed-out-elsewhere = You have been signed out: the sign-in has expired, or was ended elsewhere. Sign in again.
console-signed-out-idle = You have been signed out: nobody did anything on this page for { $minutes } minutes. Sign in again.
console-idle-soon = Nobody has done anything here for a while. After { $minutes } minutes of that you are signed out.
console-idle-stay = Stay signed in
console-ending-soon = Your sign-in ends at { $time }, whatever you do. Sign in again before, and nothing is interrupted.
console-ending-renew = Sign in again
console-ending-title = Sign in again
console-ending-lead = A new sign-in takes the place of the one that ends. Terminals, transfers and what you have typed go on.
console-unsaved-title = Sign out, and lose what you have typed?
console-unsaved-lead = There is something on this page that you have typed and that is not saved anywhere.
console-unsaved-leave = Sign out without it
console-unsaved-stay = Go back to it
console-signed-out-here = You have signed out here. You may still be signed in at your organisation's sign-in.
console-sign-out-there = Sign out there, too
console-confirm-title = Confirm that it is you
console-confirm-lead = This needs a sign-in that is only minutes old. What you were doing goes on after it.
console-confirm-cancel = Not now
console-confirm-elsewhere = A window has opened: sign in there. What you have typed here stays.
console-confirm-window-done = You have signed in. Close this window: your work goes on in the other one.
console-confirm-window-failed = Nothing was changed. Close this window and try again in the other one.
console-confirm-window-home = Go on in this window

## Your account

console-account = Account
console-account-lead = { $name } · { $user_name }
console-passkeys = Passkeys
console-passkeys-lead = A passkey signs you in with your finger, face or PIN instead of password and one-time number. It stays in your devices.
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

## Taking a code

console-take-code = Take a code
console-come-join = Join a colleague by code
console-come-take-over = Take over from a colleague by code
console-take-code-lead = Ask the customer to read the code on their screen to you.
console-code = Code
console-code-example = 482-9137-7551
console-code-right = The check digit is right.
console-code-spent = A code works once: say what you need before you use it.
console-code-spent-beside = A code works once. If the customer says no, you may ask again with it while the session goes on, three times in all.
console-code-kept = You need no new code: the session goes on, and the one that you used is good for another question. Talk to the customer first.
console-code-other = Use another code
console-ask-again = Ask again
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
console-dial-now = Dial now
console-terminal = Terminal of the customer's machine
console-terminal-help = Alt+Shift+F shows the files, +T the terminal, +M the messages, +N the notes, +W the whispers; +A asks for more, +I invites a colleague, +O takes over from one, +E ends the session, +K jumps anywhere. Ctrl+Shift+C copies, Ctrl+Shift+V pastes.
console-terminal-look-on = You look on: what you type here does not arrive. Alt+Shift+A asks the customer for more.
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
console-take-over = Take over
console-take-over-lead = You come in for the engineer who is in: with what they have, for the time that is left. The customer is asked once, by name; with a yes you are in and your colleague is out, at once.
console-preview-takes-over = wants to take over from the engineer who is in, who leaves, because «{ $reason }»
console-preview-takes-over-from = wants to take over from the engineer with the staff no. { $staff_number }, who leaves, because «{ $reason }»
console-take-over-from = From whom
console-take-over-choose = Choose
console-take-over-from-help = Their staff number. It is needed if several are in.
console-take-over-what = The customer is asked. With a yes you have what { $name } has, in place of what you have: { $scopes }, until { $time }.
console-take-over-leaves = { $name } is out then, at once, and what they run there ends. They read that it was you.
console-take-over-nobody = Nobody else is in.
console-taken-over = { $name } (staff no. { $staff_number }) has taken over, as the customer allowed. You are out, and nothing of yours runs there any more.
console-state-out = you are out
console-state-cut-off = cut off
console-again-possible = While the session goes on, you may ask the customer to let you in again: no new code is needed.
console-again-title = Ask to be let in again
console-again-lead = The customer is asked as they were the first time, by your name. With a yes you are in again; the terminal begins anew.
console-cut-off = Nothing came through for so long that this page gave up its connection; the session may go on without it. Connect again.
console-cut-signed-out = You have been signed out, which cut you off from this session. Sign in again; to come back, ask the customer for a new code.
console-connect-again = Connect again
console-side = Beside the terminal
console-chat = Messages
console-chat-empty = Nothing was written yet. The customer and all engineers of this session read along, and it is recorded.
console-chat-away = The messages are being connected again. What you send now goes out then.
console-chat-unknown = The customer's program is from before there were messages. Talk on the phone.
console-chat-over = This session has ended. Nothing more can be written.
console-chat-cut-off = The connection is gone. Connect again to read on and to write.
console-chat-taken-over = A colleague has your place now. You read no new messages, and can write none.
console-chat-nothing-left = You are out: the customer took everything back, or the time is over. You read no new messages, and can write none.
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
console-over = The session is over. { $why }
console-back = Back to the desk

## The customer's files

console-panes = What is in front
console-pane-terminal = Terminal
console-pane-files = Files
console-files = Files
console-files-here = This computer
console-files-there = { $host }
console-files-none = Files are not part of what the customer allows. Ask for more (Alt+Shift+A): for reading files, or for changing them.
console-files-no-writing = The customer lets you read files, and not change them: nothing can be sent.
console-files-write-only = The customer lets you put files here, and not look: what you send goes into { $folder }.
console-files-choose = Choose files to send
console-files-choose-folder = Choose a folder to send
console-files-drop = or drop files and folders here
console-files-folder = What you fetch goes into { $name }.
console-files-folder-none = Before the first file is fetched, choose where it goes.
console-files-folder-choose = Choose a folder
console-files-memory = This browser lets no page write into a folder: what you fetch is held in memory until it is whole, { $limit } MiB at most. Chromium and Edge have no such limit.
console-files-transfers = Transfers
console-files-transfers-empty = Nothing yet. Choose a file here, or one of the customer's.
console-files-state-waiting = waiting
console-files-state-running = { $done } of { $total }
console-files-running-rate = { $done } of { $total }, { $rate } a second
console-files-state-done = { $total }
console-files-state-stopped = stopped at { $done } of { $total }; it can go on from there
console-files-state-exists = there already
console-files-state-failed = failed
console-files-heard-done = done
console-files-heard-failed = failed
console-files-stop = Stop
console-files-resume = Go on
console-files-replace = Replace it
console-files-replace-all = Replace it, and others that are there
console-files-forget = Take { $name } off the list
console-files-same = Both ends hold the same.
console-files-not-compared = Moved whole; the other end was not asked for its hash, for you may not read there.
console-files-resumed-at = { $size } of it were there before.
console-files-tree = { $done } of { $total } files
console-files-left-out = { $count ->
    [one] One link or special file was left out.
   *[other] { $count } links and special files were left out.
}
console-files-hashes = SHA-256 of each file
console-files-more-hashes = { $count } more were compared and are not in this list.
console-files-up = Up one folder (Backspace)
console-files-again = Look again
console-files-new-folder = New folder
console-files-filter = Filter by name
console-files-filter-nothing = No name here has that in it.
console-files-more = { $shown } of { $count } are shown: filter to find the rest.
console-files-cut = This folder has more than { $count } entries; the others are not in this list. Use the terminal for it.
console-files-empty = This folder is empty.
console-files-empty-write = This folder is empty. Drop a file to send it here.
console-files-open-folder = Open the folder { $name }
console-files-fetch-folder = Fetch the folder { $name }
console-files-open-file = Fetch { $name }
console-files-open-link = Follow the link { $name }
console-files-open-other = { $name } is no file: it cannot be fetched
console-files-rename-name = Rename { $name } (F2)
console-files-delete-name = Delete { $name } (Delete)
console-files-ask-new-folder = New folder
console-files-ask-rename = Rename { $name }
console-files-ask-delete = Delete { $name }?
console-files-delete-lead = It is removed from the customer's computer and cannot be brought back.
console-files-delete-folder-lead = The folder is removed from the customer's computer. Only an empty one can be.
console-files-name = Name
console-files-make = Make it
console-files-rename = Rename
console-files-delete = Delete
console-files-cancel = Cancel
console-files-error-refused = The customer's computer said no: { $said }
console-files-error-missing = There is no such file any more. Look again.
console-files-error-exists = The customer has a file of that name. Replacing it overwrites theirs.
console-files-error-changed = The file changed while it was moved: what arrived is not what is there. Try again.
console-files-error-too-large = This browser can hold { $limit } MiB at most. Use Chromium or Edge, or `scp`.
console-files-error-not-a-file = The customer has something of that name that is no file. Choose another name.
console-files-error-nothing = { $name } is a pipe, a device or the like, or a link to one: it cannot be fetched. Use the terminal for it.
console-files-error-folder = This browser lets no page write into a folder, so a folder cannot be fetched here. Use Chromium or Edge, or `scp -r`.
console-files-error-folder-large = There is more in this folder than is moved here: { $entries } files and folders, { $depth } folders deep, at most. Pack it first, or use `scp -r`.
console-files-error-gone = The connection for files has ended. If the session is still open, go on.

## Jumping

console-jump = Jump to
console-jump-where = A pane, a session, a colleague …
console-jump-button = Jump to …
console-jump-desk = Desk
console-jump-desk-beside = Desk, in another tab
console-jump-session = { $people } · { $time } · { $state }
console-jump-nothing = Nothing here has that in its name.

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
console-back-in = Coming back
console-back-in-elsewhere = You are in this session in another tab, browser or program, which alone has its keys. If that is closed, ask the customer to make a new code, and take it: they are asked once more.
console-back-in-out = You are out of this session. If the tab or program is still open in which you were in, ask again from there. Else ask the customer to make a new code, and take it.
console-notes = Notes
console-notes-empty = No notes yet. Colleagues of this session read what you write.
console-note-new = New note
console-note-yours = Your note
console-note-done = Done, begin another
console-note-change = Change
console-note-change-of = Change your note of { $time }
console-note-state-empty = It saves itself while you write.
console-note-state-unsaved = Not saved yet …
console-note-state-saving = Saving …
console-note-state-saved = Saved at { $time }. Colleagues of this session can read it.
console-note-state-failed = Not saved. What you wrote is still here.
console-note-state-conflict = Not saved: there are two of it.
console-note-conflict = This note was changed elsewhere while you wrote. There it says:
console-note-keep-mine = Keep what I wrote
console-note-take-theirs = Take that one
console-note-by = { $author }, { $time }

## My account

console-logins = Where you are logged in
console-logins-theirs = Where they are logged in
console-logins-lead = Something here that is not yours? End it, and change your password.
console-login-current = this one
console-login-device-unknown = Unknown device
console-login-facts = from { $address } · by { $method }
console-login-times = since { $since } · last used { $used }
console-login-end = Log out
console-login-end-title = Log out there?
console-login-end-lead = It ends at once: its connections, and sessions with customers that were begun there.
console-logins-end-others = Log out everywhere else
console-logins-end-others-title = Log out everywhere but here?
console-logins-end-all = Log out everywhere
console-logins-none = Logged in nowhere.
console-method-password = password
console-method-totp = password and one-time number
console-method-recovery-code = recovery code
console-method-browser = another login, in the browser
console-method-passkey = passkey
console-method-oidc = the organisation's sign-in
console-method-oidc-fresh = the organisation's sign-in, asked just then
console-password-lead = A new one ends all your other logins.
console-password-own = Choose a password of your own
console-password-own-lead = An administrator has seen the one that you signed in with. Nothing else is possible until you have a new one.
console-password-again = Your password
console-password-new = New password
console-password-repeat = New password again
console-password-help = 12 characters or more; a few words that do not belong together.
console-password-differ = The two new passwords are not the same. Nothing was changed.
console-password-changed = Your password is changed. All other logins have ended.
console-password-change = Change password
console-second-factor = One-time numbers
console-second-factor-on = on
console-second-factor-off = off
console-second-factor-lead = Six digits from an app on your phone, asked for beside the password. They come with recovery codes for the day when the phone is gone.
console-recovery-left = { $count ->
    [0] No recovery code is left. Make new ones before you need them.
    [one] One recovery code is left. Make new ones before you need them.
   *[other] { $count } recovery codes are left.
}
console-totp-begin = Set up one-time numbers
console-totp-replace = Move to another phone
console-totp-step-app = Show this picture to your authenticator app.
console-totp-picture = Key of your one-time numbers as a QR code
console-totp-step-typed = No camera? Type this key into the app:
console-totp-open-app = or open the app on this device
console-totp-step-number = Type the number that the app shows now, and your password.
console-totp-turn-on = Turn on
console-totp-turn-off = Turn off
console-totp-turn-off-title = Turn off one-time numbers?
console-totp-turn-off-lead = Your password alone will log you in. Recovery codes are no longer good, and all other logins end.
console-recovery = Your recovery codes
console-recovery-lead = Print them or keep them in a password manager. Each logs you in once in place of a one-time number. They are shown only now.
console-recovery-was-used = You signed in with a recovery code. { $count ->
    [0] No other is left
    [one] One more is left
   *[other] { $count } more are left
}. Is your phone gone? Set up another one, or make new codes, under:
console-recovery-new = New recovery codes
console-recovery-new-title = Make new recovery codes?
console-recovery-new-lead = Those of before are good no more.
console-tokens = API tokens
console-tokens-lead = For programs that ask this server in your name: with less than you may do, and an end. None comes to customers or looks into recordings.
console-tokens-empty = No API token yet. Programs that ask in your name get one each.
console-tokens-others = API tokens of everybody else ({ $count })
console-tokens-find = Find by name or person
console-tokens-none-of-others = Nobody else has an API token.
console-tokens-none-match = None fits. Change what you look for.
console-tokens-ending = { $count ->
    [one] An API token of yours ends within a week. Make another, and give it to the program that uses it, under:
   *[other] { $count } API tokens of yours end within a week. Make others, and give them to the programs that use them, under:
}
console-token-ending = { $days ->
    [one] ends within a day
   *[other] ends in { $days } days
}
console-token-expired = expired
console-token-until = until { $until }
console-token-used = last used { $used } from { $address }
console-token-never-used = never used
console-token-new = New API token
console-token-name = What is it for?
console-token-days = For how long?
console-days = { $days } days
console-token-may = What may it do?
console-token-make = Make the token
console-token-made = Your API token
console-token-revoke = Revoke
console-token-revoke-title = Revoke { $name }?
console-token-revoke-lead = Whatever uses it is refused from now on. This cannot be undone.
console-may-list = list sessions, what the broker says of them and how whole they are
console-may-reports = read the figures of a period
console-may-who-saw = read who saw what, what was decided, and how monitors are told
console-may-sessions = read sessions and their notes
console-may-notes = write notes
console-may-queue = see who waits for help
console-may-end = end sessions
console-may-all-sessions = the same with everybody's sessions
console-may-health = see the state of log, witnesses and disk
console-may-events = read what was decided about people
console-shown-once = It is shown only now. The server keeps just enough to recognise it.
console-copy = Copy
console-copied = Copied
console-kept = I have kept it
console-cancel-plain = Cancel

## A program is logged in

console-link = Log a program in
console-link-code = Code that the program shows
console-link-code-help = Eight letters. Upper or lower case, with or without the dash.
console-link-look = Look
console-link-compare = Is this the code that your own program shows at this moment?
console-link-device = It says it is
console-link-address = Network address
console-link-waiting = Waiting for
console-link-as = Logged in as
console-link-elsewhere = It asks from another network address than this browser. Is that machine yours?
console-link-grants = It may then do all that you may do, for { $hours } hours at most. You can log it out in your account.
console-link-warning = Somebody sent you this link or told you the code? Then deny it: they want to be you.
console-link-deny = Deny
console-link-allow = Allow
console-link-allowed = The program is logged in. You can close this page.
console-link-denied = Denied. The program has been told so.
console-link-account = Where you are logged in

## Administration

console-administration = Administration
console-people = People
console-people-count = { $count ->
    [one] One person
   *[other] { $count } people
}
console-people-find = Find by name, number, team or role
console-people-none = Nobody fits. Change what you look for, or add somebody above.
console-person-new = Add somebody
console-person-name = Full name
console-person-number = Staff number
console-person-role = Role
console-person-scopes = The most that they may ask customers for
console-person-add = Add
console-person-disabled = locked out
console-person-no-totp = no one-time number
console-person-disable = Locked out: cannot log in
console-person-own = This is you. Another administrator changes your role, so that one is always left.
console-person-save-lead = Saving ends their logins, and the sessions that they are in.
console-person-save = Save
console-person-saved = Saved.
console-person-help = Help them back in
console-person-password = New password
console-person-totp = Remove one-time numbers
console-look-again = Look again
console-first-password = Their password
console-first-password-lead = Hand it over in person or by telephone. They change it under “Account”. It is shown only now.
console-new-password = Their new password
console-role-engineer = Engineer
console-role-supervisor = Supervisor
console-role-reviewer = Reviewer
console-role-external-reviewer = External reviewer
console-role-administrator = Administrator
console-role-means-engineer = Takes codes and helps customers; sees their own sessions.
console-role-means-supervisor = As an engineer, and sees everybody's sessions and the state of the broker.
console-role-means-reviewer = Works at the audit service; here they have an account and nothing else.
console-role-means-external-reviewer = Works at the audit service on what is assigned to them; here they have an account and nothing else.
console-role-means-administrator = Looks after people, reads what was decided, sees the state of the broker. Takes no codes.
console-act-password = Make a new password
console-act-password-title = A new password for { $name }?
console-act-password-lead = The old one is good no more, and all their logins end.
console-act-totp = Remove
console-act-totp-title = Remove one-time numbers of { $name }?
console-act-totp-lead = For a lost phone. Their password alone logs them in until they set it up again; all their logins end. Be sure that it is they who ask.
console-act-logins = Log out everywhere
console-act-logins-title = Log { $name } out everywhere?
console-act-logins-lead = All their logins end at once: connections, and sessions with customers that were begun there.
console-act-login = Log out
console-act-login-title = Log { $name } out there?
console-act-login-lead = It ends at once: its connections, and sessions with customers that were begun there.
console-act-token = Revoke
console-act-token-title = Revoke this API token of { $name }?
console-act-token-lead = Whatever uses it is refused from now on. This cannot be undone.
console-webhooks = Webhooks
console-events = Decisions
console-events-empty = Nothing has been decided yet.
console-events-older = Older ones
console-event-by = by { $actor }
console-fact-team = team
console-fact-team-before = team before
console-fact-people = people
console-fact-linked = account at the provider
console-fact-role = role
console-fact-disabled = locked out
console-fact-method = by
console-fact-device = device
console-fact-device-address = of address
console-fact-left = left
console-fact-clock-seconds-off = their clock is off by seconds
console-fact-second-factor = second factor
console-fact-logins = logins
console-fact-token = token
console-fact-may = may
console-fact-reason = because
console-fact-session = session
console-fact-number = whisper no.
console-fact-engineers = of staff no.
console-fact-webhook = webhook
console-fact-host = host
console-fact-hears = hears
console-fact-change = change
console-fact-purpose = what for
console-fact-policy = policy
console-fact-retention = class
console-fact-request = request
console-fact-kind = kind
console-fact-condition = condition
console-event-session-stopped = Session stopped
console-event-session-taken-over = Took over a session
console-event-join-asked = Asked to join a session
console-event-whispered = Whispered about a session
console-event-webhook-added = Webhook added
console-event-webhook-changed = Webhook changed
console-event-webhook-removed = Webhook removed
console-event-logged-in = Logged in
console-event-login-refused = Login refused
console-event-login-locked = Login locked for a while
console-event-logged-out = Logged out
console-event-login-revoked = Logins ended
console-event-browser-login-allowed = Program logged in
console-event-browser-login-denied = Program denied
console-event-password-changed = Password changed
console-event-totp-set = One-time numbers turned on
console-event-totp-removed = One-time numbers removed
console-event-passkey-added = Passkey added
console-event-passkey-removed = Passkey removed
console-event-recovery-codes-made = Recovery codes made
console-event-recovery-code-used = Recovery code used
console-event-api-token-made = API token made
console-event-api-token-revoked = API token revoked
console-event-person-added = Person added
console-event-person-changed = Person changed
console-keys = Keys
console-organisation = Organisation
console-health = State
console-health-log = Transparency log
console-health-log-whole = whole
console-health-log-waiting = waits for a witness
console-health-origin = Name
console-health-entries = Entries
console-health-needed = Witnesses that a proof needs
console-health-cosigned = vouched { $time }
console-health-not-cosigned = has not vouched for the newest
console-health-no-witness = No witness is named in the profile: proofs count without one.
console-health-no-log = This organisation has no log yet. Run `consentry admin profile update --new-log` on the broker's machine.
console-health-running = Sessions and disk
console-health-takes = takes sessions
console-health-full = takes no new sessions
console-health-disk = Free disk
console-health-gib = { $free } of { $total } GiB
console-health-agents = Customers on the line
console-health-sessions = Sessions: { $state }
console-health-profile = Profile in force
console-health-organisation = Organisation
console-health-address = Address
console-health-minutes = Longest request, in minutes
console-health-resume = Time to reconnect
console-health-output = Output policy
console-health-browser = Browsers allowed
console-health-key-until = until { $until }
console-health-no-keys = No audit key is named: no session can begin.
console-yes = yes
console-no = no

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
console-ended-supervisor-ended = A supervisor ended it.

## What can go wrong

console-denied-customer = The customer said no.
console-denied-timeout = The customer did not answer in two minutes.
console-denied-certificate = The customer's machine did not accept your certificate. Often a clock is wrong: ask the customer what theirs shows, and compare it with yours. If they agree, tell your administrator.
console-denied-scope = Your organisation does not let you ask for this.
console-denied-root-needed = The customer's program runs as the system's administrator. Ask for “all of this as the system's administrator” too, or have it started as an ordinary user.
console-denied-root-absent = The customer's program does not run as the system's administrator. Ask without “all of this as the system's administrator”.
console-denied-policy = The customer's machine does not allow this: too long, for example, or a browser where none is allowed.
console-denied-nobody = There is nobody to take over from: they have left, or what they may do has just changed. Look who is in, and ask again.
console-denied-several = Several engineers are in. Say from whom you take over, and ask again.
console-error-asked-too-often = The customer has refused { $limit } times in a row, so their program asks them no more. Talk to them: to ask again you need a new code.
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
console-error-clocks-apart = The broker's clock says { $theirs } UTC and this computer's { $ours } UTC: they are { $minutes } minutes apart. The code was not used. Compare with a clock that you trust: if this computer's is wrong, set it and try again; if the broker's is wrong, tell your administrator, who has to set it. Signing in again does not help.
console-error-too-many-minutes = At most { $limit } minutes are possible.
console-error-host-key = The machine at the other end is not the one that proved the code. Nothing of yours was sent to it. Tell your administrator.
console-not-said-not-in = You are not in the session at this moment, so nobody saw the message.
console-not-said-too-fast = That was too fast. Send it again in a moment.
console-not-said-full = So much was written in this session that nothing more is taken.
console-not-said-unusable = That cannot be sent. Write it anew.
console-error-line = A message has 1 to { $limit } characters.
console-error-line-uncertain = The customer's machine has not confirmed the message yet. It may still arrive.
console-error-passkey-cancelled = No passkey was used: it was cancelled, or took too long. Try again, or sign in another way.
console-error-passkey-known-here = This device has a passkey of yours already.
console-error-ssh = The connection to the customer's machine could not be opened. If the session is still open, try again.
console-error-ssh-silent = The customer's machine has not answered for a minute, although the line is there. Try again; if that does not help, ask the customer whether their computer is very busy.
console-error-part-missing = A part of this page could not be loaded, for the server did not answer. Try again in a moment; if it stays so, reload the page.
console-error-unexpected = Something went wrong in this page. Reload it; if it happens again, tell your administrator.
console-refused = The server refused: { $sentence }
console-refused-server-failed = The server has failed ({ $sentence }): nothing that you did. Try again in a minute; if it happens again, tell your administrator.
console-refused-login-refused = The user name, the password or the one-time number is not right.
console-refused-one-time-number-wrong = The one-time number or recovery code is not right, or was used already. If it is what the app shows, set the phone's clock to the network's time.
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
console-refused-last-passkey = Without this passkey you could not sign in any more. Add another one first.
console-refused-passkey-unknown = There is no such passkey of yours. It may have been removed elsewhere.
console-refused-provider-unreachable = Your organisation's sign-in cannot be reached. Try again, or tell your administrator.
console-refused-provider-broken = Your organisation's sign-in gave an answer that cannot be used. Tell your administrator.
console-refused-code-refused = Your organisation's sign-in did not accept the way back to us. Begin again.
console-refused-id-token-refused = Your organisation's sign-in gave an answer that cannot be trusted. Tell your administrator.
console-refused-provider-clock-off = Your organisation's sign-in and this server do not have the same time. Tell your administrator.
console-refused-signing-key-unknown = Your organisation's sign-in uses a key that it does not show. Try again, or tell your administrator.
console-refused-claim-missing = Your organisation's sign-in does not say your user name, your name and your staff number. Tell your administrator.
console-refused-sign-in-not-ours = That was not the answer to a sign-in that was begun here. Begin again.
console-refused-provider-said-no = Your organisation's sign-in refused. Try again, or tell your administrator.
console-refused-sign-in-stronger = Your organisation's sign-in was not strong enough for this. Sign in there with your second factor.
console-refused-no-role-here = You have signed in, but none of your groups may work here. Ask your administrator.
console-refused-provider-sign-in-needed = Use your organisation's sign-in this time: what it says of you is too old to go by.
console-refused-not-added-here = You have signed in, but nobody has added you here. Ask your administrator.
console-refused-person-clashes = Somebody here has your user name or staff number already. Ask your administrator to link the two.
console-refused-not-logged-in = Your sign-in has expired. Sign in again.
console-refused-code-unknown = There is no such code, or it was used already. Ask the customer to read it again.
console-refused-note-unknown = There is no such note any more, or it is not yours.
console-refused-note-changed = This note was changed elsewhere meanwhile. Look at it again before you change it.
console-refused-note-closed = A note can be changed for twelve hours, and this one is older. Write another one.
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
console-error-ssh-key = This is no Ed25519 public key. Paste one line of a .pub file that begins with ssh-ed25519.
console-refused-password-wrong = That is not your password. Nothing was changed.
console-refused-changed-meanwhile = Somebody else has changed this person in the meantime. Look again before you repeat your change.
console-refused-user-exists = There is somebody with that user name or staff number already.
console-refused-person-unknown = There is nobody with that user name.
console-refused-user-code-unknown = No program is waiting with that code. Compare it with what the program shows; it may have run out.
console-refused-number-wrong = That is not the number which the app shows at this moment. Nothing was changed. If it is, set the phone's clock to the network's time.
console-refused-password-unusable = The password must have 12 to 256 characters.
console-refused-login-unknown = There is no such login, or it has ended already.
console-refused-not-allowed = Your role does not allow that.
console-refused-too-busy = Too many requests at this time. Try again in a minute.
console-refused-too-many-tokens = You have as many API tokens as there can be. Revoke one first.
console-refused-user-name-unusable = Take 1 to 63 of a-z, 0-9, dot, dash and underscore for the user name.
console-refused-user-text-unusable = Names and numbers must be 1 to 64 visible characters.

## Supervising: what runs, stopping it, whispers

console-running = Live
console-running-lead = Every session that runs. What happens in it is not known to the broker: the desk of the audit service shows it to those who may look.
console-running-count = { $count ->
    [one] one session
   *[other] { $count } sessions
}
console-running-empty = No session runs at this time. Sessions appear here as soon as a customer shares.
console-running-find = Find by name, staff number or session number
console-running-nobody = Nobody yet: the customer waits with a code
console-running-nothing = nothing is allowed yet
console-running-since = for { $time }
console-stop = Stop
console-stop-of = Stop the session of { $name }
console-stop-title = Stop this session?
console-stop-lead = Everything that runs in it is ended at once. The customer and its engineers read your name and the reason; both are in the recording.
console-stop-why = Why?
console-stop-why-help = In the customer's words: they read it.
console-stop-confirm = Stop it
console-stopped = Stopped by
console-stopped-by = { $name } (staff no. { $staff_number }): { $why }
console-whispers = Whispers
console-whispers-lead = Between the staff of this session. The customer does not read it. The broker keeps it readable: nothing of the customer's belongs here.
console-whispers-empty = Nothing was whispered.
console-whispers-unread = { $count ->
    [one] one new whisper
   *[other] { $count } new whispers
}
console-whisper-new = To your colleagues
console-whisper-send = Whisper
console-whisper-from = { $name } whispers, the customer does not see it:
console-whisper-answer = Answer
console-whisper-seen = Seen

## The queue

console-queue = Queue
console-queue-empty = Nobody waits for help.
console-queue-waits = waits { $time }
console-queue-left = to be taken within { $time }
console-queue-late = { $time } over the promise
console-queue-take = Take
console-queue-yours = yours
console-queue-taken-by = { $name } has it
console-queue-here = shares, code is ready
console-queue-away = connection interrupted
console-queue-give-back = Give back
console-queue-served = Helped
console-queue-served-lead = They leave the queue. If it was in one of your sessions, say in which: that session has the tier of their request then, and the figures open it.
console-queue-served-in = In which session?
console-queue-served-in-none = In none, or another one
console-queue-gone = Gave up
console-queue-next = They read on their screen whom to ask for. Take the code that they read to you.
console-queue-next-call = Call them, and have them run consentry share.
console-queue-contact = To be reached at { $contact }
console-queue-add = Somebody called
console-queue-customer = Who?
console-queue-words = What is wrong?
console-queue-contact-label = How to reach them
console-queue-tier = Tier
console-queue-put = Put into the queue
console-queue-today = { $ended ->
    [0] Nobody has left the queue today.
   *[other] Today: { $within } of { $promised } within the promise, { $abandoned } of { $ended } gave up.
}
console-queue-speed = Half were taken within { $median }, nine of ten within { $p90 }.

## Joining a session of others

console-join = Join
console-join-lead = You come in as everybody does: with a code, and when the customer says yes to you by name. The engineer in the session makes a code and reads it to you. You look on; ask for more there if you need it.
console-join-ask = Ask the engineer for a code
console-join-code = I have the code
console-join-take-over = I have the code: take over
console-join-take-over-help = Taking over is one question to the customer, too: with a yes you have what the engineer has now, and they are out. Who has joined already takes over in the session.
console-join-asked = Asks to join: for a code that is read to them.
console-join-asks = { $name } asks to join, and needs a code from you. The customer does not see this.
console-invite = Invite a colleague
console-invite-short = Invite
console-invite-make = Make a code
console-invite-read = Read it to your colleague, aloud: the broker must not know it. The customer sees that you made it, and is asked before anybody is in.
console-invite-until = It works once, until { $time }.
console-invite-close = Close

## Teams and tiers

console-every-team = Every team
console-every-tier = Every tier
console-which-team = Team
console-which-tier = Tier
console-no-team = no team
console-no-tier = no tier
console-teams = Teams
console-teams-empty = Nobody is in a team yet. Open somebody in the list and say which one is theirs: lists and reports can then be told apart by team.
console-team-rename = Rename
console-team-rename-of = Rename { $team }
console-team-rename-title = Another name for { $team }
console-team-rename-lead = Everybody in it is in the team of the new name from then on. Sessions of before keep the name of then, and count for it in reports.
console-team-name = Name of the team
console-person-team = Team
console-person-team-help = One that there is, or a new name. A team gives nobody any right; sessions of before stay with the team of then.
console-person-team-save = Set team
console-event-team-changed = Team changed
console-event-team-renamed = Team renamed
console-refused-team-name-unusable = A team's name has 1 to 64 visible characters, a letter or a digit among them.
console-refused-team-unknown = Nobody is in a team of that name any more. Look again.
console-refused-team-taken = There is a team of that name already. Move its people one by one.
