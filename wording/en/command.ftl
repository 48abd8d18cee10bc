### The command line: help, examples, usage.
###
### `command-admin-user-add` is the help of `consentry admin user add`; `.examples` stands below its options and every
### parameter has an attribute of its name: the long option as it is typed, or the argument. Parameters that mean the same in every
### command stand once, in `command-parameter`.

command =
    Remote support with consent first: the customer says yes, sees everything, and can stop it; everything is recorded.
    .version = Print the version.
    .debug = On failure, also print where in the program it happened.
    .install-completion = Install completion of commands and options for your shell.
    .show-completion = Print the completion script of your shell.
    .exit-status =
        0: done.
        1: it failed, and standard error says why; or, of what checks something: it does not hold.
        2: the command line is wrong.
        130: interrupted.
        141: nobody read the output to its end.
    .examples =
        # I need help
        consentry share https://support.example.org/
        # I give help
        consentry connect 482-9137-7551 --reason "receipts never arrive"
        # Try all of it on one machine
        consentry practice

command-panel =
    .usage = Usage:
    .examples = Examples
    .exit-status = Exit status
    .required = required
    .default = default: { $value }
    .variable = env var: { $name }
    .options = OPTIONS
    .arguments = ARGUMENTS
    .commands = COMMANDS
    .subcommand = COMMAND …
    .customer = You need help
    .engineer = You give help
    .audit = You check how help was given
    .broker = You run the service
    .practice = You are looking around

command-parameter =
    .help = Show this help.
    .json = Print JSON for programs instead of text for people.
    .broker = The broker's address, as your organisation gave it to you. By default the one you logged in to last.
    .session = The name that `consentry sessions` lists: the host alias, or the session's number or its beginning.

command-placeholder =
    .address = ADDRESS
    .channel = CHANNEL
    .class = CLASS
    .code = CODE
    .command = COMMAND
    .count = COUNT
    .criterion = CRITERION
    .date = YYYY-MM-DD
    .days = DAYS
    .digits = DIGITS
    .dir = DIR
    .figure = FIGURE
    .file = FILE
    .fraction = FRACTION
    .grounds = GROUNDS
    .host = HOST
    .id = ID
    .key = KEY
    .kind = KIND
    .mark = MARK
    .message = MESSAGE
    .minutes = MINUTES
    .name = NAME
    .number = NUMBER
    .outcome = OUTCOME
    .permission = PERMISSION
    .place = PLACE
    .points = POINTS
    .port = PORT
    .receipt = RECEIPT
    .request = REQUEST
    .review = REVIEW
    .role = ROLE
    .rule = RULE
    .run = RUN
    .scope = SCOPE
    .seconds = SECONDS
    .session = SESSION
    .speed = SPEED
    .stars = STARS
    .subject = SUBJECT
    .target = TARGET
    .team = TEAM
    .text = TEXT
    .tier = TIER
    .time = HH:MM:SS
    .token = TOKEN
    .url = URL
    .user = USER
    .vkey = VKEY
    .webhook = WEBHOOK
    .words = WORDS
    .zone = ZONE

command-failure =
    .internal = The program made a mistake ({ $kind }). Please report it, with what `consentry --debug …` prints.
    .aborted = Stopped. Nothing was changed.
    .interrupted = Interrupted.
    .system = The operating system refused: { $problem }.
    .missing = '{ $parameter }' is missing.
    .bad-value = What was given for '{ $parameter }' cannot be used: { $problem }.
    .no-such-option = There is no option { $option }.
    .no-such-command = There is no command '{ $name }'.
    .no-command = Which command? None was given.
    .meant = Did you mean: { $names }?
    .too-much = '{ $words }' is more than is taken here.
    .needs-value = { $option } needs a value behind it.
    .takes-no-value = { $option } takes no value.
    .try-help = See: { $command } --help
    .sentences = { $first } { $then }

command-completion =
    .installed = Completion for { $shell } is in { $path } now. It works in terminals that you open from now on.

command-share = Ask for help: shows a code, then everything that is done here.
    .address = The address that your support organisation gave you: https://host/#key.
    .folder = A folder whose files may be seen or changed, if you allow it. Several are possible; by default your home.
    .redact = A file with rules for what is hidden from the engineer and the recording, besides what is always hidden.
    .only = Offer no more than this, once per scope: view, shell, files:r, files:w, forward. Whatever an engineer asks for, you are asked for nothing else.
    .ask = Say what is wrong, and wait in the organisation's queue: an engineer takes it, and you are told whom to ask for. Its staff read these words, which do not go over the session.
    .name = Who you are, for the queue. By default, your user name and this machine.
    .page = Show it in your browser, or in this terminal. By default the browser, where there is a desktop.
    .json = Speak JSON lines on standard output, and take decisions on standard input: for programs that ask you instead.
    .as-root = Share as the system's administrator. Everything on this machine can be reached then.
    .home = Where this program keeps its own files.
    .examples =
        consentry share https://support.example.org/#qX3k…
        consentry share https://support.example.org/#qX3k… --ask "receipts never arrive"
        consentry share https://support.example.org/#qX3k… --folder ~/shop --folder /var/log/shop
        consentry share https://support.example.org/#qX3k… --only view --only files:r

command-verify = Say what a receipt proves, on any machine, with nothing but the file.
    .path = The receipt: a file receipt-….json that a session left behind.
    .language = In which language to explain it: en or zh-CN. By default the one of this machine.
    .json = Print what it says as JSON.
    .exit-status =
        0: proved.
        1: something does not hold, or is not proved yet.
    .examples =
        consentry verify receipt-3f9a1c22d0e4.json
        consentry verify receipt-3f9a1c22d0e4.json --language zh-CN
        consentry verify receipt-3f9a1c22d0e4.json --json

command-complete = Add the log's proof of the end to a receipt that was written while it could not be had.
    .path = The receipt: a file receipt-….json that a session left behind. It is changed only if the whole holds.
    .proof = A proof that the organisation's auditors sent, instead of asking the broker.
    .home = Where this machine keeps what it has seen of logs.
    .exit-status =
        0: it is complete now, or was before.
        1: what could be added is in it, and it still proves less than all.
    .examples =
        consentry complete receipt-3f9a1c22d0e4.json
        consentry complete receipt-3f9a1c22d0e4.json --proof proof.json

command-rate = Change your rating of a session, within 72 hours after it.
    .receipt = The file of your receipt, or the rating link in it.
    .stars = From 1 to 5.
    .comment = What you want to say.
    .solved = Whether your problem is solved. Left out: not said.
    .home = Where this machine keeps what it has seen of logs.
    .examples =
        consentry rate receipt-3fa8c1d20b77.json 4 --solved --comment "it broke again, and was mended at once"

command-login = Log in as an engineer.
    .address = The broker's address, as your administrator gave it to you: https://host/#key.
    .user = Your user name. Asked for if left out.
    .password-stdin = Read the password from standard input, one line, for scripts.
    .totp = The six digits of your authenticator, or a recovery code. Asked for if your account needs them.
    .browser = Show a link instead, to be opened in a browser where you sign in: no password is typed here.
    .examples =
        consentry login https://support.example.org/#qX3k…
        consentry login --user wang
        consentry login --browser
        pass show work/consentry | consentry login --user wang --password-stdin

command-queue = List customers who ask for help and wait, whose turn it is first; take one.
    .take = Take this request: it is yours, and the customer reads your name.
    .give-back = Give it back, so that others take it.
    .helped = They were helped. Of a customer who shares, the broker sees that for itself.
    .gave-up = They gave up.
    .session = With --helped: in which session, by its name or number. It then has the request's tier.
    .examples =
        consentry queue
        consentry queue --take 12
        consentry queue --helped 12 --session cs-482

command-connect = Connect to a customer who has read you a code.
    .code = The code as the customer reads it. Spaces and dashes do not matter.
    .reason = Why you want in. The customer sees it before they answer. Asked for if left out.
    .ticket = Your ticket's number, shown to the customer and kept with the recording.
    .scope = What you ask for, once per scope: view, shell, files:r, files:w, forward, root. The customer may grant less.
    .minutes = For how long.
    .alias = The name for `ssh`, `sftp` and `scp`. By default made of the code's first digits: cs-482.
    .take-over = Come in for the engineer who is in: one question to the customer, and with a yes you have what they had and they are out. Scopes that you name are the most that you take over; the time is what is left to them.
    .take-over-from = The staff number of whom you come in for, if several are in.
    .ssh-config = Write the name into your ssh configuration, so that `ssh`, `scp` and `rsync` know it.
    .shell = Open a shell at once. Without it, you only get the name to use with `ssh`, `sftp` and `scp`.
    .end = End the session when the shell or command ends.
    .client = Use OpenSSH's client, or the one that is built in. By default OpenSSH's where there is one.
    .command = Run this instead of a shell.
    .exit-status = That of the shell or command at the customer's, as ssh reports it; 0 where none is opened.
    .examples =
        consentry connect 482-9137-7551 --reason "receipts never arrive" --ticket 8841
        consentry connect 482-9137-7551 --reason "disk full" --scope shell --scope files:r --minutes 60
        consentry connect 482-9137-7551 --reason "collect the log" --end -- tail -n 200 /var/log/syslog
        consentry connect 482-9137-7551 --reason "copy the fix" --scope files:w --no-shell
        consentry connect 482-9137-7551 --take-over --reason "end of my colleague's shift"
        scp fix.tar.gz cs-482:/srv/app/

command-request-more = Ask the customer for one scope more, or for more time.
    .scope = What you need besides what you have, once per scope.
    .minutes = Minutes from now. Left out, the time stays as it is.
    .reason = Why. The customer sees it before they answer.
    .examples =
        consentry request-more cs-482 --scope files:w --reason "to put the fixed file in place"
        consentry request-more cs-482 --minutes 30 --reason "the update still runs"

command-take-over = Take over from an engineer who is in: the customer is asked, and with a yes you have what they had and they are out.
    .staff-number = From whom, by staff number. Left out, from the only other one.
    .reason = Why. The customer sees it before they answer.
    .examples =
        consentry take-over cs-482 --reason "end of my colleague's shift"
        consentry take-over cs-482 --from E-1007 --reason "I know this machine"

command-sessions = List your sessions.
    .everybody = Of everybody, those that run; for supervisors.
    .team = Of this team, those that run; `-` of people in none. For supervisors.
    .all = Also those that are over.
    .examples =
        consentry sessions
        consentry sessions --everybody
        consentry sessions --team Berlin
        consentry sessions --all --json | jq -r '.[].session_id'

command-chat = Write to the customer and the colleagues of a session that runs, and read what they write.
    .text = One message. Left out, messages are shown as they come, and each line that you type is one; `-` reads it from standard input.
    .examples =
        consentry chat cs-482 "I restart the print service now."
        consentry chat
        consentry chat cs-482 --json | jq -r 'select(.event == "said") | .text'

command-note = Write a note on a session, or read its notes.
    .text = The note. Left out, the notes are listed; `-` reads it from standard input.
    .examples =
        consentry note cs-482 "Printer driver replaced, customer tested two pages."
        consentry note cs-482
        git diff | consentry note cs-482 -

command-invite = Make a code for a colleague who shall join a session that runs: the customer is told, and asked when they come.
    .examples =
        consentry invite cs-482

command-whisper = Whisper to the engineer of a session that runs: the customer does not read it. Or read what was whispered.
    .text = The whisper. Left out, they are listed; `-` reads it from standard input. The broker keeps it in readable form: nothing of the customer's belongs here.
    .examples =
        consentry whisper 3f9a1c22d0e4 "Ask for the model first."
        consentry whisper cs-482

command-receipts = List your receipts: the log's word on each of your sessions.
    .examples =
        consentry receipts
        consentry receipts --json | jq -r '.[] | select(.verdict != "proved") | .path'
        consentry verify ~/.local/state/consentry/receipts/receipt-3f9a1c22d0e4.json

command-end = End a session: everything that runs in it stops.
    .reason = For supervisors, to end a session of others: why. The customer and its engineers read it.
    .examples =
        consentry end cs-482
        consentry end --all
        consentry end 3f9a1c22d0e4 --reason "the caller is not who they say"
    .all = End every session that this machine has open.

command-logins = List where you are logged in, and end what should not be there.
    .end = The beginning of a login's number. It ends, and whatever goes on under it is cut at once.
    .end-others = End all logins but this one.
    .examples =
        consentry logins
        # my laptop is gone
        consentry logins --end 5c01d7
        consentry logins --end-others

command-logout = Log out on this machine.
    .examples =
        consentry logout

command-audit = List, verify, replay and export recordings.

command-review = Review sessions: scorecards, sampling, disputes, calibration, reports.

command-practice = Try everything on this machine: a broker and a customer who waits for you.
    .data = Where all of it is kept. A second start finds it again.
    .examples =
        consentry practice
        consentry practice --data ~/consentry-practice

command-tokens = List, make and revoke API tokens: for programs that ask the broker in somebody's name.

command-tokens-list = List API tokens, with what each may do, until when, and when it was last used.
    .everybody = Everybody's, not only your own; for administrators.
    .examples =
        consentry tokens list
        consentry tokens list --everybody --json

command-tokens-make = Make an API token. It goes to standard output, this once.
    .name = What it is for, so that somebody knows later whether it is still needed.
    .may = What it may do, part of what you may; give it several times. See `grantable` of GET /v1/tokens.
    .days = How long it is good, 365 days at most.
    .password-stdin = Read your password from the first line of standard input, where your login is older than ten minutes.
    .examples =
        consentry tokens make monitoring --may health --days 90
        consentry tokens make reports --may sessions --may all-sessions > token

command-tokens-revoke = Revoke an API token: whatever uses it is refused from then on.
    .token = The beginning of its number, as `consentry tokens list` shows it.
    .everybody = Somebody else's; for administrators.
    .examples =
        consentry tokens revoke 5c01d7

command-webhooks = Say which systems are told of sessions and ratings; for administrators.

command-webhooks-list = List webhooks, without their secrets.
    .examples =
        consentry webhooks list

command-webhooks-add = Add a webhook. Its secret goes to standard output, this once.
    .url = Where messages go: https://, and out of the house unless the broker's settings allow private networks.
    .event = What it is told of: session.live, session.ended or rating.kept; give it several times. Left out: all.
    .examples =
        consentry webhooks add https://tickets.example.org/hooks --event session.ended

command-webhooks-remove = Remove a webhook and what is known of its messages.
    .webhook = The beginning of its number, as `consentry webhooks list` shows it.
    .examples =
        consentry webhooks remove 3fa8

command-webhooks-pause = Tell a webhook nothing until `resume`. What happens meanwhile waits for it.
    .webhook = The beginning of its number, as `consentry webhooks list` shows it.
    .examples =
        consentry webhooks pause 3fa8

command-webhooks-resume = Tell a webhook again that was paused, or that has answered that it is gone.
    .webhook = The beginning of its number, as `consentry webhooks list` shows it.
    .examples =
        consentry webhooks resume 3fa8

command-webhooks-secret = Make a new secret. The one of before signs along for a day.
    .webhook = The beginning of its number, as `consentry webhooks list` shows it.
    .examples =
        consentry webhooks secret 3fa8

command-webhooks-test = Send a message that says nothing, once, and tell what came of it.
    .webhook = The beginning of its number, as `consentry webhooks list` shows it.
    .exit-status =
        0: it was taken.
        1: it was not.
    .examples =
        consentry webhooks test 3fa8

command-webhooks-messages = List what a webhook was told in the last thirty days, and what became of it.
    .webhook = The beginning of its number, as `consentry webhooks list` shows it.
    .limit = So many at most, the newest first.
    .examples =
        consentry webhooks messages 3fa8 --limit 5

command-webhooks-replay = Send a message once more, and as often as a new one if it fails.
    .webhook = The beginning of its number, as `consentry webhooks list` shows it.
    .message = The whole number of the message, as `consentry webhooks messages` shows it.
    .examples =
        consentry webhooks replay 3fa8 msg_0123456789abcdef0123456789abcdef
