### The engineer's client.

engineer-ask =
    .user = User name
    .password = Password
    .totp = Six digits of your authenticator
    .reason = Why do you want in? (the customer sees this)

engineer-logged-in = Logged in as { $name }, staff no. { $staff_number }, { $organisation }, until { $until }.

engineer-open-browser = Open this in a browser, sign in there, and allow it only if it shows the code { $code }:
    { $link }
    Waiting …

engineer-logins =
    .row = { $login }  { $device }  { $address }  since { $since }, last used { $used }  { $here }
    .here = (this one)
    .ended = The login { $login } ({ $device }) has ended.

engineer-logins-ended = { $count ->
    [0] You were logged in nowhere else.
    [one] One other login has ended.
   *[other] { $count } other logins have ended.
}

engineer-logged-out = Logged out of { $origin }.

engineer-ask-again = The session goes on, and your pairing is good. Ask the customer again, without a new code?

engineer-step =
    .checking-code = Checking the code with the customer's computer …
    .waiting-for-consent = Waiting for the customer to answer …

engineer-granted = The customer allows you in as { $user } on { $host }: { $scopes }, until { $until }. Everything is recorded.

engineer-folders = Files in: { $folders }

engineer-alias =
    From other windows: ssh { $options }{ $alias }{ $files ->
        [yes] , sftp { $options }{ $alias }, scp { $options }FILE { $alias }:
       *[no] {""}
    }

engineer-login-ends = Your login ends at { $at }, before this session does. The session goes on; log in again in another terminal (consentry login), or you hear no whispers and cannot ask the broker anything.
engineer-still-open = The session stays open until { $until }. Go on with ssh { $options }{ $alias }; finish with consentry end { $alias }

engineer-over = The session is over: { $reason }.

engineer-attested =
    .same = The recording holds exactly the output that you saw; you have signed for it.
    .different = Warning: the customer's computer recorded other output than you saw here. This is in the recording, too; tell your supervisor.
    .unanswered = The customer's computer did not confirm that it recorded what you saw.
    .not-seen = Part of the output could not be shown here, so you have not signed for it.

engineer-more = The customer allows: { $scopes }, until { $until }.
engineer-took-over = You have taken over: { $scopes }, until { $until }. Your colleague is out.
engineer-taken-over = { $name } (staff no. { $staff_number }) has taken over, as the customer allowed. You are out, and nothing of yours runs there any more.

engineer-sessions =
    .none = No session is open. Begin with: consentry connect CODE
    .row = { $name }  { $state }  { $opened }  { $host }  [{ $scopes }]  { $reason }

engineer-state =
    .waiting = waiting
    .paired = paired
    .live = live
    .ended = ended

engineer-chat =
    .help = Enter sends a line to everybody in the session, Ctrl-D leaves. Everything is recorded.
    .told = Everybody in the session has your message.
    .where = Messages: consentry chat { $alias }. A bell rings when the customer writes.
    .meanwhile = Written meanwhile:
    .prompt = you:
    .you = you
    .customer = customer
    .row = { $clock }  { $name }: { $text }
    .more = { "       " }{ $text }
    .paused-customer = The customer has paused everything.
    .paused-recorder = Everything waits: the recording cannot be delivered at the moment.
    .paused-question = The customer reads a question; everything waits.
    .resumed = It goes on.
    .allowed = Allowed now: { $scopes }, until { $until }.
    .nothing = Nothing is allowed any more.

engineer-note =
    .kept = The note is kept.
    .none = There are no notes on this session.
    .row = { $when }  { $author } ({ $number })
    .line = { "    " }{ $line }

engineer-whisper =
    .row = { $clock }  { $name } whispers: { $text }
    .join = { $clock }  { $name } asks to join. For a code that you read to them: consentry invite
    .told = The staff of this session have your whisper. The customer does not see it.
    .none = Nothing was whispered about this session.
    .meanwhile = Whispered meanwhile (the customer does not see it):

engineer-everybody =
    .none = Nobody has a session open.
    .row = { $number }  { $state }  { $opened }  { $who }  [{ $scopes }]

engineer-invited = Read it to your colleague: by mouth, never through the broker. Until { $until } whoever enters it asks the customer, who sees their name.
engineer-stopped = { $session } is told to end. The customer and its engineers read who and why.
engineer-stopped-by = { $name } writes: { $why }
engineer-queue =
    .taken = Request { $number } is yours. They read on their screen whom to ask for; take the code that they read to you.
    .given-back = Request { $number } is given back.
    .ended = Request { $number } is out of the queue.
    .none = Nobody waits for help.
    .row = { $number }  { $customer }  [{ $tier }]  waits { $waited }  { $clock }  { $where }
    .mine = yours
    .of = { $name } has it
    .left = { $time } left
    .late = { $time } over the promise
    .here = shares, code is ready
    .away = connection interrupted
    .called = called
    .contact = { "    " }to be reached at { $contact }

engineer-ended = { $alias } is ended.
engineer-receipts =
    .none = You have no receipts yet: one is kept for each session that you are let into.
    .row = { $opened }  { $host }  { $verdict }  { $path }
engineer-receipt-verdict =
    .proved = proved
    .not-closed = end not proved
    .unlogged = not proved
    .false = DOES NOT HOLD

engineer-end-reason =
    .engineer-ended = an engineer ended it
    .customer-ended = the customer ended it
    .denied = the customer said no
    .expired = the time was up
    .idle = nothing happened for too long
    .lost = the connection was lost
    .abandoned = the customer's program stopped
    .recorder-failed = it could not be recorded any longer
    .broker-ended = the broker ended it
    .supervisor-ended = a supervisor ended it

engineer-tokens =
    .none = There is no API token.
    .row = { $number }  { $name }  ({ $may })  until { $until }, last used: { $used }
    .never = never
    .made = Good until { $until }. It is shown only now: keep it where only the program can read it.
    .revoked = Revoked: { $name }

engineer-webhooks =
    .none = Nobody is told. Add one: consentry webhooks add URL
    .told = told
    .paused = paused
    .gone = gone
    .delivered = delivered
    .pending = waits
    .failed = not taken
    .added = Added as { $number }. The secret is shown only now: the system that receives checks with it that a message is ours.
    .removed = Removed: { $url }
    .paused-now = Paused: { $url }
    .resumed = Told again: { $url }
    .secret = Until { $until } the secret of before signs along. The new one is shown only now.
    .no-messages = It was told nothing in the last thirty days.
    .replayed = It is sent once more.
