### The customer's screens.

## Before anybody is in

agent-not-recording = not recording yet
agent-connecting = connecting …
agent-waiting = waiting for an engineer …
agent-opening = You said yes. The recording is being opened; before it is, nothing can be done here …
agent-engineer-asking = The code was right. The engineer is saying what they want …
agent-broker-away-short = away { $time }
agent-broker-away = no connection for { $time }, trying again
agent-code-title = Your code
agent-code-valid = valid for { $time }
agent-help-waiting = You asked for help: “{ $words }”. It is in the queue. Keep this open until somebody has taken it.
agent-help-taken = { $name } (staff no. { $staff_number }) has your request. Call { $organisation } on a number that you trust, and ask for them.
agent-code-warning =
    Read it only to someone YOU called on a number that you trust.
    Did somebody call you and ask for it? Hang up.
agent-code-ended-paired = The code was used.
agent-code-ended-wrong-code = Somebody tried a wrong code. It cannot be used any more: make a new one, and read it slowly.
agent-code-ended-expired = The code has expired.
agent-code-ended-cancelled = The code was cancelled.
agent-code-ended-lost = The connection to the engineer was lost while the code was checked. Make a new code.
agent-code-ended-broken = The code was checked in a way that makes no sense: perhaps somebody interferes. Make a new code; if it happens again, stop.
agent-code-renewed-wrong-code = Somebody tried a wrong code, so the one before cannot be used any more. This is a new one: read it slowly.
agent-code-renewed-expired = The code before has expired. This is a new one.
agent-code-renewed-lost = The connection to the engineer was lost while the code before was checked. This is a new one.
agent-code-renewed-broken = The code before was checked in a way that makes no sense: perhaps somebody interferes. This is a new one; if it happens again, stop.

## Beside the local page

agent-page-opening = Opening your browser, where you see and decide everything. If nothing opens there, open this address yourself: { $address }
agent-page-open = Go on in your browser. Here, Ctrl-C ends it at once; Enter opens the page again if you closed it.
agent-page-not-opened = No browser came to the page, so it goes on here.
agent-page-is-open = The page is open in your browser.
agent-page-link-used = The address of the page was used twice: somebody else on this machine may have been faster than you. Nothing was shared. Start again, with --no-page.

## The request

agent-request-who = ({ $organisation }, staff no. { $staff_number }, identity confirmed by { $organisation })
agent-request-wants = wants, because «{ $reason }»:
agent-request-raise = wants more, because «{ $reason }»:
agent-request-takes-over = wants to take over from { $leaver } (staff no. { $staff_number }), for the { $time } that are left, because «{ $reason }»:
agent-request-leaver = { $leaver } leaves: what they run here ends.
agent-request-folders = files: only in { $folders }
agent-request-minutes = for { $minutes } minutes
agent-request-more-minutes = everything that is allowed: for { $minutes } minutes from now
agent-request-same-time = the time stays as it is
agent-request-recorded = Everything is recorded; you get a receipt.
agent-request-browser = The engineer works on a web page, which comes from the server of { $organisation }: that server could then read along. Allow this only if you trust it.
agent-request-allow = Allow?
agent-request-change-help = ↑↓ choose   space on or off   − + minutes
agent-scope-view = see your terminal
agent-scope-shell = type in it and run commands
agent-scope-files-read = read files
agent-scope-files-write = change files
agent-scope-forward = open network connections from this machine
agent-scope-root = act as administrator (root)
agent-scope-gateway = do this with an SSH program of their own too

## Keys

agent-key-cancel = cancel
agent-key-no = No
agent-key-allow = allow
agent-key-change = change
agent-key-done = done
agent-key-new-code = new code
agent-key-no-code = cancel the code
agent-key-pause = pause
agent-key-resume = go on
agent-key-message = message
agent-key-end = end

## The shared terminal

agent-live-nobody = nobody is in
agent-live-recorded = recorded { $recorded }, safe { $acked }
agent-live-recorded-short = safe { $of }
agent-live-skipped = { $size } not drawn
agent-live-paused = PAUSED. Nothing runs.
agent-live-paused-short = PAUSED
agent-live-paused-recorder = PAUSED: the recording cannot be delivered. Nothing runs.
agent-live-joined = { $name } has joined.
agent-live-invited = { $name } invites a colleague: whoever has the code asks you first.
agent-live-left = { $name } has left.
agent-live-taken-over = { $name } has taken over from { $leaver }, who is out.
agent-live-changed = Allowed now: { $scopes }
agent-live-nothing = nothing
agent-live-connection = { $name } connects from this machine to { $destination }
agent-live-command = { $name } runs: { $command }
agent-live-file = { $name }: { $action } { $path } ({ $size })
agent-live-said = { $name }: { $text }
agent-live-unread = { $count } new: Ctrl-] m
agent-live-unread-short = { $count } new
agent-live-help = Press Ctrl-] and then one of the keys below. Ctrl-] twice sends it to the terminal.
agent-short-view = sees
agent-short-shell = types
agent-short-files-read = reads
agent-short-files-write = writes
agent-short-forward = connects
agent-short-root = ROOT
agent-short-gateway = own SSH
agent-change-title = What may they go on doing?
agent-change-help = ↑↓ choose   space takes away or gives back   Enter applies   Esc leaves it as it was
agent-file-read = read
agent-file-write = wrote
agent-file-list = listed
agent-file-remove = removed
agent-file-rename = renamed
agent-file-make-folder = made folder
agent-file-remove-folder = removed folder
agent-file-set-attributes = changed attributes of
agent-file-link = linked

## Messages

agent-chat-title = Messages. Everybody in the session reads them, and they are recorded.
agent-chat-empty = Nothing was written yet.
agent-chat-you = You
agent-chat-help = Enter sends   Esc goes back to the terminal
agent-chat-refused-not-in = Nobody is in who could read that.
agent-chat-refused-too-fast = That was too fast. Send it again in a moment.
agent-chat-refused-full = So much was written in this session that nothing more is taken.
agent-chat-refused-unusable = That cannot be sent. Write it anew.

## The end

agent-end-engineer-ended = The engineer has ended the session.
agent-end-customer-ended = You have ended the session.
agent-end-denied = You said no. Nothing was shared.
agent-end-expired = The time that you allowed is over.
agent-end-idle = The session ended because nothing happened for a long time.
agent-end-lost = The session ended because the connection did not come back.
agent-end-abandoned = The session ended because this program was stopped.
agent-end-recorder-failed = The session ended because it could no longer be recorded.
agent-end-broker-ended = The organisation has ended the session.
agent-end-supervisor-ended = A supervisor of the organisation has ended the session.
agent-stopped = { $name } (staff no. { $staff_number }), a supervisor of the organisation, has ended the session: { $why }
agent-summary = With { $engineers }, for { $time }. Commands beside the terminal: { $commands }. File operations: { $files }.
agent-summary-more = … and { $count } more
agent-summary-delivered = Nothing of it runs any more. The recording is complete with the organisation ({ $records } records).
agent-summary-undelivered = Nothing of it runs any more. Part of the recording ({ $records } records) could not be delivered yet; that happens when you share the next time.
agent-receipt =
    Your receipt: { $path }
    Anybody can check what it proves, on any machine: consentry verify { $path }
    For 72 hours you can change your rating: consentry rate { $path } 5
agent-rate-title = How was it?
agent-rate-stars = 1 (bad) to 5 (very good), Enter for no rating
agent-rate-solved = Is your problem solved?  y  yes   n  no   Enter  cannot say
agent-rate-comment = A comment, if you like; Enter sends it, Esc sends none
agent-request-unseen = More below: ↓ or PgDn. Read to the end to allow it.
agent-request-seen = ↑↓ PgUp PgDn: read it again.
agent-too-small = Make this window larger: { $columns } × { $rows } at least.
agent-rated = You gave { $stars } of 5. Thank you.
agent-rating-changed = Kept: { $stars } of 5. Thank you.
