### `consentry desk`: the audit service's people, at their own machines.

command-desk = Work at a running audit service: its sessions and what was said in them, holds, exports, erasing, who saw what.

command-desk-login = Log in to an audit service. What you may do there depends on your role.
    .address = The service's address, such as https://audit.example.org:8444. By default the one of the last login.
    .user = Your user name at the audit service.
    .certificate = The certificate that the service shows, where no authority vouches for it: its tls_certificate.pem.
    .password-stdin = Read the password from standard input.
    .totp = The six digits of your authenticator.
    .browser = Show a link instead, to be opened in a browser where you sign in, with a passkey for one: no password is typed here.
    .examples =
        consentry desk login https://audit.example.org:8444 --user chen --certificate tls_certificate.pem
        consentry desk login
        consentry desk login --browser

command-desk-logout = Log out on this machine.
    .examples =
        consentry desk logout

command-desk-tokens = List, make and revoke API tokens: for programs that ask the audit service in somebody's name.

command-desk-tokens-list = List API tokens, with what each may do, until when, and when it was last used.
    .everybody = Everybody's, not only your own; for administrators.
    .examples =
        consentry desk tokens list
        consentry desk tokens list --everybody --json

command-desk-tokens-make = Make an API token. It goes to standard output, this once. None can look into a recording.
    .name = What it is for, so that somebody knows later whether it is still needed.
    .may = What it may do, part of what you may: list, reports, who-saw, events. Give it several times.
    .days = How long it is good, 365 days at most.
    .password-stdin = Read your password from the first line of standard input, where your login is older than ten minutes.
    .examples =
        consentry desk tokens make "monthly figures" --may reports --days 90 > token

command-desk-tokens-revoke = Revoke an API token: whatever uses it is refused from then on.
    .token = The beginning of its number, as `consentry desk tokens list` shows it.
    .everybody = Somebody else's; for administrators.
    .examples =
        consentry desk tokens revoke 5c01d7

command-desk-sessions = List sessions, the newest first.
    .limit = How many at most.
    .team = Among those, only sessions of this team; `-` for those of none.
    .tier = Among those, only sessions of this tier; `-` for those of none.
    .examples =
        consentry desk sessions
        consentry desk sessions --team Berlin --limit 200
        consentry desk sessions --json | jq -r 'select(.state == "partial") | .session_id'

command-desk-search = Find words in all sessions: on terminals, in commands, chat, notes and file names. Newest first.
    .words = What a line must hold, all of it. Words in quotes must stand side by side. Case and width do not matter.
    .purpose = Why you look. It stands beside your name in `consentry desk who-saw`.
    .engineer = Only sessions of engineers with this in their name or staff number.
    .customer = Only sessions on machines whose user or name holds this.
    .from = Only what happened at this time or later: 2026-11-25, or 2026-11-25T14:30 (UTC).
    .to = Only what happened before this time.
    .mark = Only sessions with a mark or gap of this name, or with this in its text.
    .kind = Only this kind of hit. Give it several times for several kinds.
    .after = Go on where the last page ended.
    .examples =
        consentry desk search "permission denied" --purpose "complaint 8841"
        consentry desk search nginx restart --purpose audit --kind command --engineer Mei --from 2026-11-01

command-desk-verify = Check a recording and what the log proves of it.
    .session = The session's number, or its beginning, as `consentry desk sessions` shows it.
    .exit-status =
        0: complete and intact.
        1: anything else.
    .examples =
        consentry desk verify 3fa8

command-desk-fetch = Fetch what a session holds into a file. Noted as a look.
    .session = The session's number, or its beginning, as `consentry desk sessions` shows it.
    .output = The file, which must not exist.
    .part = transcript: text as it was seen; replay: asciicast v3 for a player; files: what was done to files.
    .purpose = Why you look. It stands beside your name in `consentry desk who-saw`.
    .examples =
        consentry desk fetch 3fa8 -o session.txt --purpose "complaint 8841"
        consentry desk fetch 3fa8 --part replay -o session.cast --purpose "review"

command-desk-retention = Set how long a recording is kept at least.
    .session = The session's number, or its beginning, as `consentry desk sessions` shows it.
    .keep = standard (400 days), short (183 days) or pci (400 days).
    .reason = Why. It is kept.
    .examples =
        consentry desk retention 3fa8 short --reason "no card data, customer's wish"

command-desk-hold = Put a recording under a legal hold: nobody can erase it until the hold is lifted.
    .session = The session's number, or its beginning, as `consentry desk sessions` shows it.
    .reason = Why. Whoever wants to erase it is told.
    .examples =
        consentry desk hold 3fa8 --reason "court order 17/2026"

command-desk-lift-hold = Lift a legal hold.
    .session = The session's number, or its beginning, as `consentry desk sessions` shows it.
    .reason = Why it is no longer needed. It is noted beside who placed it, and why.
    .examples =
        consentry desk lift-hold 3fa8 --reason "court order 17/2026 has run out"

command-desk-due = List recordings that may be erased: past the time that their class is kept, and not held.
    .examples =
        consentry desk due

command-desk-schedule = List what is due, and when a policy erases it by itself.
    .examples =
        consentry desk schedule

command-desk-policy = Erase by itself what is due: policies for a class, each decided by two people.

command-desk-policy-list = List the policies that there are and were, the newest first.
    .examples =
        consentry desk policy list

command-desk-policy-ask = Ask that what is due in a class is erased by itself, a week after it was announced. Somebody else has to confirm it.
    .retention = standard (400 days), short (183 days) or pci (400 days).
    .reason = Why. It stands in every erase that the policy orders.
    .erase-when-due = Say that this is meant: recordings are destroyed without anybody asking again. Holds are kept.
    .examples =
        consentry desk policy ask short --erase-when-due --reason "data protection office, decision 12"

command-desk-policy-confirm = Be the second person: the policy is in force from now on.
    .number = The policy's number.
    .examples =
        consentry desk policy confirm 3

command-desk-policy-refuse = Refuse a policy that somebody asked for.
    .number = The policy's number.
    .examples =
        consentry desk policy refuse 3

command-desk-policy-end = End a policy: nothing more is erased by it. This needs no second person.
    .number = The policy's number.
    .examples =
        consentry desk policy end 3

command-desk-ask = Ask for an export or an erase. Somebody else has to confirm it.
    .kind = export, or erase: nothing opens the recording afterwards, from live data or backups.
    .reason = Why. Whoever confirms it reads this.
    .session = The session's number, or its beginning, as `consentry desk sessions` shows it. Several are possible.
    .all-due = Everything that `consentry desk due` lists.
    .exit-status =
        0: asked for.
        1: with --all-due, nothing is due and nothing was asked for, as grep ends when it finds nothing.
    .examples =
        consentry desk ask export --reason "for the court" 3fa8
        consentry desk ask erase --reason "past its time" --all-due

command-desk-requests = List exports and erases that were asked for, the newest first.
    .state = Only those that are asked, confirmed, refused or done.
    .examples =
        consentry desk requests --state asked

command-desk-confirm = Be the second person of an export or an erase. An erase is carried out at once, for good.
    .number = The request's number. Several are possible.
    .examples =
        consentry desk confirm 12

command-desk-refuse = Refuse an export or an erase that somebody asked for.
    .number = The request's number. Several are possible.
    .examples =
        consentry desk refuse 12

command-desk-export = Fetch an export that you asked for and somebody else confirmed, within a day.
    .number = The request's number.
    .output = The file, which must not exist.
    .format = asciicast for a player, text, or jsonl with every event.
    .examples =
        consentry desk export 12 -o session.cast
        consentry desk export 12 --format jsonl -o session.jsonl

command-desk-who-saw = List who looked at what, and why, the newest first.
    .session = Only looks at this session. By default at all.
    .user = Only this person's looks.
    .from = Only what happened at this time or later: 2026-11-25, or 2026-11-25T14:30 (UTC).
    .to = Only what happened before this time.
    .limit = How many at most.
    .examples =
        consentry desk who-saw 3fa8
        consentry desk who-saw --user chen --json | jq -r .purpose

command-desk-journal = List what was decided or noticed: logins, roles, looks, requests, recordings that are not whole. The newest first.
    .session = Only what is about this session. By default everything.
    .kind = Only this kind, as --json names it. Several are possible.
    .who = Only what this person did, or what was done to them.
    .from = Only what happened at this time or later: 2026-11-25, or 2026-11-25T14:30 (UTC).
    .to = Only what happened before this time.
    .limit = How many at most.
    .examples =
        consentry desk journal
        consentry desk journal --kind login_refused --kind login_locked
        consentry desk journal --json | jq 'select(.kind == "login_refused")'

command-desk-siem = Show how the security monitors of siem.toml are fed.
    .exit-status =
        0: every monitor takes what it is sent.
        1: one does not.
    .examples =
        consentry desk siem

desk-logged-in = Logged in as { $name } ({ $role }) at { $origin }, until { $until }.
desk-no-sessions = There are no sessions yet.
desk-nothing-due = Nothing may be erased today.
desk-nothing-asked = Nothing is due, so nothing was asked for.
desk-no-requests = Nobody has asked for anything.
desk-no-policies = There is no policy: nothing is erased unless somebody asks.
desk-policy-says-what = Say that recordings are to be erased by themselves: --erase-when-due
desk-policy = { $number }  { $retention }  { $state }  { $who }, { $asked }: { $reason }
desk-policy-state =
    .asked = asked
    .confirmed = in force
    .refused = refused
    .ended = ended
    .other = unknown
desk-scheduled = { $session }  { $retention }  due { $due }  { $then }
desk-scheduled-then =
    .policy = erased by policy { $policy } on { $erase } or soon after
    .notice = policy { $policy } erases it a week after it is announced
    .nobody = kept until somebody asks
desk-nobody-looked = Nobody looked.
desk-journal-empty = Nothing was decided or noticed yet.
desk-no-siem = No security monitor is fed: there is no siem.toml in the audit service's data folder.
desk-siem-delivers = delivers
desk-siem-fails = FAILS since { $since }: { $problem }
desk-siem-line = { $name }  { $format }  { $to }  { $state }  (waiting: { $entries } entries, { $sessions } sessions)
desk-search-next = There is more. Go on with --after { $place }
desk-saved = { $bytes } bytes in { $path }.
desk-held = held: { $reason }
desk-state =
    .complete = complete
    .partial = partial
    .arriving = arriving
    .lost = lost
    .none = none
    .erased = erased
    .other = ?
desk-request = { $number }  { $kind }  { $session }  { $state }  { $who }, { $asked }: { $reason }
desk-request-kind =
    .export = export
    .erase = erase
    .other = ?
desk-request-state =
    .asked = asked
    .confirmed = confirmed
    .refused = refused
    .done = done
    .other = ?
