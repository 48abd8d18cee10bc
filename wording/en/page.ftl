### The customer's local page. What it says in the words of the terminal stands in agent.ftl.

page-skip = Skip to the content
page-language = 中文
page-theme-auto = Theme: as the system
page-theme-light = Theme: light
page-theme-dark = Theme: dark
page-title-asked = { $name } asks · Consentry
page-connecting = One moment …
page-over = Consentry has ended here. You can close this page.
page-away = The connection to Consentry on this machine is gone. As long as nobody looks, everything that an engineer runs stands still. Trying again …
page-not-yours = This page belongs to the Consentry that was started on this machine, and only once: it may be open in another tab, or have ended. Press Enter in the terminal where it runs to open it again.
page-refused = Somebody or something tried to open this page a second time, and was refused. If that was you: it is only open here.
page-recording-over = not recording any more
page-noted = All right
page-stop = Stop now
page-stop-sharing = Stop sharing

## Before anybody is in

page-one-moment = One moment
page-somebody-asks = Somebody is asking
page-code-gone = There is no code now
page-new-code = Make a new code
page-nobody-can-come = Without a code nobody can come in.

## The request

page-what-they-may = What they may do
page-powerful = with this, almost everything on this machine can be changed
page-fewer-minutes = Fewer minutes
page-more-minutes = More minutes
page-no = No
page-allow = Allow
page-allow-in = Allow ({ $seconds })
page-nothing-chosen = Nothing is switched on, so there is nothing to allow.
page-answer-within = Without an answer it is No in { $time }.

## While somebody is in

page-terminal = The shared terminal
page-no-terminal-yet = The engineer has not opened a terminal yet.
page-type-here = Type here, too
page-typing = What you type goes into the shared terminal. Ctrl-] ends that.
page-pause = Pause
page-go-on = Go on
page-time-left = { $time } left
page-may-do = What { $name } may do
page-take-away-lead = What you switched off ends at once. { $name } would have to ask for it again.
page-send-out-lead = With nothing left, { $name } is out at once.
page-take-away = Take it away
page-send-out = Send them out
page-leave-it = Leave it
page-invite-title = One engineer more
page-invite = Invite another engineer
page-cancel-code = Cancel this code
page-chat-title = Messages
page-chat-lead = Everybody in the session reads it, and it is recorded.
page-chat-send = Send
page-happenings = What happened
page-nothing-yet = No file was touched, and nothing was run beside the terminal.

## The end

page-keep-receipt = Keep the receipt
page-stars-1 = Very bad
page-stars-2 = Bad
page-stars-3 = So-so
page-stars-4 = Good
page-stars-5 = Very good
page-solved = Is your problem solved?
page-solved-yes = Yes
page-solved-no = No
page-solved-cannot-say = Cannot say
page-comment = A comment, if you like
page-send-rating = Send
page-skip-rating = No rating
page-thank-you = Thank you.
page-not-rated = No rating was sent.
