### The audit commands.

command-audit-make-key = Make the organisation's audit key. Prints its public half, which belongs into the profile.
    .path = Where the key file is to be. It must not exist yet.
    .suite = x-wing is safe against quantum computers too. x25519 only for key stores that lack ML-KEM.
    .passphrase = Ask for a passphrase and seal the file with it.
    .examples =
        consentry audit make-key ~/audit.key > recipient.json
        consentry audit make-key --passphrase /media/vault/audit.key > recipient.json

command-audit-witness = Vouch for transparency logs, as a process of its own. Prints its key, which belongs into the profile of whoever keeps the log.
    .log = The key of a log that may ask, as its profile names it. Give it once for each log.
    .data = Where the witness keeps its key and what it has seen.
    .name = The witness's name, a host and perhaps a path: audit.example.org/witness. It is part of its key.
    .listen = Where to listen. Put a proxy with TLS in front.
    .examples =
        consentry audit witness --name audit.example.org --data ~/witness --log help.example.org/log+1a2b3c4d+AVS9…

audit-witness-key = This witness's key: { $vkey }

command-audit-list = List sessions: complete, partial, arriving or lost.
    .records = The broker's records folder, or a copy of it.
    .key = Audit key file. With it, the list says who and why. Give it several times for several keys.
    .examples =
        consentry audit list --records /var/lib/consentry/records --key ~/audit.key
        consentry audit list --records ./records --json | jq -r 'select(.state != "complete") | .session_id'

command-audit-show = Tell what happened in a session, without its terminal.
    .records = The broker's records folder, or a copy of it.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .key = Audit key file. Give it several times for several keys.
    .log = Key of the log whose proofs are kept beside the recordings, as the profile names it. In an audit service's folder it is known.
    .witness = Key of a witness of that log. Give it several times for several.
    .examples =
        consentry audit show 3fa8 --records ./records --key ~/audit.key

command-audit-verify = Check a recording from its bytes.
    .records = The broker's records folder, or a copy of it.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .key = Audit key file. Without it, only what can be checked without reading is checked.
    .ca = An engineer CA's public key, as the profile writes it (engineer_ca_key): then it is also checked who issued the certificates. Give it several times where the CA was replaced; KEY@TIME counts in sessions that began before TIME.
    .profile = File with the organisation's signed profile, as `consentry admin profile show` prints it: it names every engineer CA and until when each counts, the log and its witnesses. Needs --broker. In an audit service's folder it is known.
    .broker = The broker's address, as customers have it, with the part after #, by which the profile is proved.
    .log = Key of the log whose proofs are kept beside the recordings, as the profile names it. In an audit service's folder it is known.
    .witness = Key of a witness of that log. Give it several times for several.
    .exit-status =
        0: complete and intact; without a key, as far as can be checked without one.
        1: something is missing or wrong, or it still arrives.
        3: nothing is wrong, but none of the given keys opens it.
    .examples =
        consentry audit verify 3fa8 --records ./records --key ~/audit.key
        consentry audit verify 3fa8 --records ./records --key ~/audit.key --profile profile.note --broker https://help.example.org/#qX3k…
        consentry audit verify 3fa8 --records ./records --json | jq .intact

command-audit-replay = Play a session's terminal.
    .records = The broker's records folder, or a copy of it.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .key = Audit key file. Give it several times for several keys.
    .channel = Which channel: 0 is the shared terminal, others as `consentry audit show` numbers them.
    .speed = How fast, 1 being as it was.
    .idle = Shorten pauses to so many seconds; 0 keeps them.
    .start = Begin at this time: seconds, or 1:30, or 0:01:30.
    .search = Begin where this text comes to stand on the screen; n goes to the next place.
    .index = Where the indexes lie, if not beside the records. If this session has one, any moment opens at once.
    .examples =
        consentry audit replay 3fa8 --records ./records --key ~/audit.key
        consentry audit replay 3fa8 --speed 4 --from 12:30
        consentry audit replay 3fa8 --search "permission denied"

command-audit-export = Write a recording in a format for other programs.
    .records = The broker's records folder, or a copy of it.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .key = Audit key file. Give it several times for several keys.
    .format- = asciicast (version 3, for asciinema), text, jsonl with every event, or segments (a folder for asciinema-player, which seeks in it quickly).
    .output = Write to this file instead of standard output; for segments, into this folder.
    .index = For segments, where the indexes lie, if not beside the records.
    .channel = For asciicast, which channel: 0 is the shared terminal.
    .raw = For asciicast, keep every escape sequence. Playing it can act on the terminal that it is played on.
    .examples =
        consentry audit export 3fa8 -o session.cast && asciinema play session.cast
        consentry audit export 3fa8 --format text | less
        consentry audit export 3fa8 --format jsonl | jq 'select(.kind == "file")'
        consentry audit export 3fa8 --format segments --output ./session

command-audit-files = List what was done to files, with sizes and SHA-256.
    .records = The broker's records folder, or a copy of it.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .key = Audit key file. Give it several times for several keys.
    .examples =
        consentry audit files 3fa8 --records ./records --key ~/audit.key

command-audit-search = Find words in all sessions: on terminals, in commands, notes and file names. Newest first.
    .words = What a line must hold, all of it. Words in quotes must stand side by side. Case and width do not matter.
    .records = The broker's records folder, or a copy of it.
    .key = Audit key file. Give it several times for several keys.
    .engineer = Only sessions of engineers with this in their name or staff number.
    .customer = Only sessions on machines whose user or name holds this.
    .from = Only what happened at this time or later: 2026-11-25, or 2026-11-25T14:30 (UTC).
    .to = Only what happened before this time.
    .mark = Only sessions with a mark or gap of this name, or with this in its text.
    .kind = Only this kind of hit. Give it several times for several kinds.
    .limit = How many hits at most.
    .after = Go on where the last page ended.
    .index = Where the indexes lie, if not beside the records. They are encrypted, and made when first needed.
    .examples =
        consentry audit search "permission denied" --records ./records --key ~/audit.key
        consentry audit search nginx restart --kind command --engineer Mei --from 2026-11-01
        consentry audit search 磁盘 --json | jq -r .session_id

command-audit-commands = List the commands that were typed in a session, and how each came to be known.
    .records = The broker's records folder, or a copy of it.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .key = Audit key file. Give it several times for several keys.
    .index = Where the indexes lie, if not beside the records.
    .examples =
        consentry audit commands 3fa8 --records ./records --key ~/audit.key
        consentry audit commands 3fa8 --json | jq -r 'select(.source == "prompt") | .text'

command-audit-tail = Watch a running session. Ends with the session, or with q.
    .records = The broker's records folder, or a copy of it.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .key = Audit key file. Give it several times for several keys.
    .channel = Which channel: 0 is the shared terminal, others as `consentry audit show` numbers them.
    .index = Where the indexes lie, if not beside the records.
    .examples =
        consentry audit tail 3fa8 --records ./records --key ~/audit.key
        consentry audit tail 3fa8 --json | jq 'select(.kind == "file")'

command-audit-marks = Check a file of mark rules, and try it: what would it mark in these sessions? Nothing is kept.
    .session = Sessions to try the rules on: their numbers, or the beginnings. Without one, the rules are checked and listed.
    .rules = The file. Without it, the rules that come along. Put it as marks.toml into the audit service's data folder to use it.
    .records = The broker's records folder, or a copy of it.
    .key = Audit key file. Give it several times for several keys.
    .examples =
        consentry audit marks --rules marks.toml
        consentry audit marks 3fa8 77b0 --rules marks.toml --records ./records --key ~/audit.key

command-audit-proof = Print the log's proof of a session's end, which completes a customer's receipt.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .records = The records folder of an audit service, or a copy of it.
    .examples =
        consentry audit proof 3fa8 --records ./records > proof.json

command-audit-rate = Keep your own rating of a session, apart from the customer's.
    .records = The broker's records folder, or a copy of it. The ratings stand beside it, in qa_ratings.jsonl.
    .session = The session's number, or its beginning, as `consentry audit list` shows it.
    .key = Audit key file. With it, the rating also says whether the contents were intact.
    .stars = From 1 to 5.
    .reviewer = Who rates. By default, your user name.
    .comment = Why.
    .examples =
        consentry audit rate 3fa8 4 --records ./records --comment "solved, but the cause was not explained"

command-audit-siem = Send audit events to your security monitoring: what is new since the last time, at least once.
    .to = A file, syslog+tls://host:6514, syslog+tcp://host:601, or https://… for a webhook.
    .records = The broker's records folder, or a copy of it.
    .key = Audit key file. Give it several times for several keys.
    .format = ocsf, ecs or cef.
    .secret-file = File with the secret that signs webhook deliveries, at least 16 bytes.
    .cursor = Where it is kept how far events were sent. By default beside the records; one for each target.
    .exit-status =
        0: all of it was read and sent.
        1: a recording could not be read; the others were sent.
    .examples =
        consentry audit siem --records ./records --key ~/audit.key --to /var/log/consentry/audit.ndjson
        consentry audit siem --to syslog+tls://logs.example.org --format cef --cursor syslog_cursor.json
        consentry audit siem --to https://hooks.example.org/consentry --secret-file ~/webhook.secret

audit-marks-shipped = The file that comes along
audit-marks-usable = { $source } can be used: { $count ->
    [one] 1 rule
   *[other] { $count } rules
}.
audit-marks-of = Session { $session }: { $count ->
    [0] no marks
    [one] 1 mark
   *[other] { $count } marks
}
audit-key-made =
    The private key is in { $path }. Keep it away from the broker, and keep a copy: without it, no recording can be read.
audit-ask-passphrase = Passphrase of the audit key
audit-ask-passphrase-again = The same again
audit-list-empty = There are no recordings yet.
audit-files-none = No file was touched.
audit-rated = Kept: session { $session }, { $stars } of 5, in { $path }.
audit-not-whole = This recording is not whole: only its first { $count } records are shown. `consentry audit verify` says why.

audit-segments-written = Written. Give { $path } to asciinema-player as a segmented recording.

audit-index-building = { $count ->
    [one] Indexing a session …
   *[other] Indexing { $count } sessions …
}
audit-index-problem = Session { $session } is not in the index, or not all of it: { $problem }

audit-search-nothing = Nothing holds { $words }.
audit-search-more-in = There is more in session { $session }.
audit-search-next = Searched back to { $date }. Go on with --after { $place }
audit-commands-none = No command was found.
audit-command-source =
    .recorded = recorded
    .shown = shown
    .shell-integration = shell
    .prompt = guessed
    .added = added

audit-tail-live = live
audit-tail-over = over
audit-tail-keys = q quit

audit-state =
    .complete = complete
    .partial = partial
    .arriving = arriving
    .lost = lost

audit-sealed =
    .opened = –
    .no-key = (sealed)
    .other-key = (sealed to another key)
    .erased = (erased)
    .unreadable = (cannot be read)

audit-show-head =
    Session   { $session }
    Started   { $started }
    Engineer  { $name } ({ $number }), { $organisation }
    Reason    { $reason }
    Ticket    { $ticket }
    Machine   { $user } on { $host }
audit-show-rating = The customer gave { $stars } of 5. { $comment }
audit-show-review = { $reviewer } gave { $stars } of 5. { $comment }

audit-replay-keys = space pause · ←→ 5 s · +− speed · n next · q quit

audit-event-customer = customer
audit-event-engineer = engineer { $number }
audit-event-manifest = Recording begins.
audit-event-asked = { $who } asks for { $scopes }, { $minutes } min: { $reason }
audit-event-asked-place = { $who } asks to take over from { $leaver }, with { $scopes }: { $reason }
audit-event-allowed = Allowed to { $who }: { $scopes }
audit-event-denied = Not allowed to { $who }.
audit-event-grant-changed = { $who } may now: { $scopes }
audit-event-joined = { $who } ({ $number }) came in with { $client }.
audit-event-left = { $who } left.
audit-event-taken-over = { $who } has taken over from { $leaver }, as the customer allowed.
audit-event-room = { $who } opened the shared terminal.
audit-event-command = { $who } ran: { $command }
audit-event-sftp = { $who } opened file transfer.
audit-event-exit = Channel { $channel } ended with status { $status }.
audit-event-forwarded = { $who } connected to { $destination } ({ $outcome }).
audit-event-file = { $who }: { $action } { $path }, { $count } bytes ({ $outcome })
audit-event-hidden = { $who } typed { $count } bytes that the terminal did not echo by itself (a password, or a line editor); only their number is kept.
audit-event-redacted = { $count } bytes were hidden by the rule { $rule }.
audit-event-paused = Paused by the { $by }.
audit-event-resumed = Resumed.
audit-event-clock = The customer's clock is { $milliseconds } ms from the broker's.
audit-event-attested = { $who } signed what they saw: { $count } bytes.
audit-event-chat = { $who } writes: { $text }
audit-event-ssh-key = { $who } may come in with the SSH key { $fingerprint }
audit-event-stopped = { $name } (staff no. { $staff_number }), who takes no part, has the session ended: { $why }
audit-event-closing = The session ends: { $reason }.

audit-check-chain =
    .ok = Records: { $count }, epochs: { $epochs }. All signed by the agent, in order, none missing. Chain: { $hash }
audit-check-fault-flipped =
    .failed = Record { $record } was changed: it is not what the agent signed (at byte { $offset }; { $count } records before it are right).
audit-check-fault-dropped =
    .failed = Record { $record } is missing: a later one stands in its place (at byte { $offset }; { $count } records before it are right).
audit-check-fault-reordered =
    .failed = Record { $record } is not in its place: it stands further behind (at byte { $offset }; { $count } records before it are right).
audit-check-fault-repeated =
    .failed = Where record { $record } should stand, an earlier one stands again (at byte { $offset }; { $count } records before it are right).
audit-check-fault-truncated =
    .failed = The recording is cut off at record { $record } (at byte { $offset }; { $count } records before it are right).
audit-check-fault-foreign =
    .failed = Where record { $record } should stand, there is something that does not belong to this session (at byte { $offset }; { $count } records before it are right).
audit-check-fault-forked =
    .failed = Record { $record } continues another past: the agent signed two (at byte { $offset }; { $count } records before it are right).
audit-check-fault-malformed =
    .failed = Record { $record } is signed by the agent but breaks the format's rules (at byte { $offset }; { $count } records before it are right).
audit-check-end =
    .ok = It ends with the agent's FINAL record.
    .unchecked = It has not ended: records still arrive.
    .failed = Its end is missing: there is no FINAL record.
audit-check-forks =
    .failed = The agent signed records that contradict others: { $count }. They are kept in the folder as fork-….csr.
audit-check-tails =
    .remark = After a crash, the broker cut off unfinished ends: { $count }. They are kept in the folder as tail-….csr.
audit-check-erased =
    .remark = Erased: what opened it was destroyed, on purpose (epochs: { $count }). Every record is still proved by its signed hash.
    .failed = What opens { $count } epochs is missing, and nothing says that it was erased.
audit-check-contents =
    .ok = All records open with the key: { $count } events.
    .unchecked = The contents were not checked: no audit key was given.
    .failed = The contents cannot be read: { $problem }
audit-check-key =
    .unchecked = What is inside was not checked: manifest, certificates, consent, files and output stay unknown. { $problem }
audit-check-manifest =
    .ok = The manifest is the one that was committed to before the session began ({ $organisation }).
    .unchecked = The manifest has not arrived.
    .failed = The manifest is not the one that was committed to before the session began.
audit-check-certificate =
    .ok = { $ca_kind ->
        [present] { $engineer } ({ $number }) had a valid certificate of the organisation when the session began, by the engineer CA { $ca }.
       *[former] { $engineer } ({ $number }) had a valid certificate of the organisation when the session began, by a former engineer CA, { $ca }, which counts in sessions that began before { $ca_until }.
    }
    .unchecked = { $engineer } ({ $number }) is who the certificate names. Who issued it was not checked: give the CA's key with --ca, or the profile with --profile and --broker.
    .failed = The certificate of { $engineer } ({ $number }) does not prove who was here. { $problem }
audit-check-consent =
    .ok = Nothing was opened before the customer had said yes.
    .failed = { $count } channels were opened without the customer's consent.
audit-check-times =
    .ok = All events lie within the times of their records.
    .failed = { $count } events lie outside the times of their records.
audit-check-clocks =
    .remark = The customer's clock and the broker's differ by up to { $seconds } s.
audit-check-redacted =
    .remark = { $count } bytes of output were hidden by rule on the customer's machine: { $rules }.
audit-check-totals =
    .ok = FINAL counts the same: { $count } records, { $events } events.
    .unchecked = There are no totals yet: FINAL is missing.
    .failed = FINAL counts otherwise than what is here: { $count } records, { $events } events.
audit-check-room =
    .ok = The shared terminal's output has the hash that FINAL names: { $bytes } bytes.
    .failed = The shared terminal's output ({ $bytes } bytes) does not have the hash that FINAL names.
audit-check-files =
    .ok = FINAL lists the same file transfers with the same hashes: { $count }.
    .remark = FINAL has room for { $count } of { $all } file transfers; those have the same hashes.
    .failed = FINAL lists other file transfers ({ $count }) than were recorded.
audit-check-channels =
    .ok = What each channel gave to its engineer is in the recording, with the same hash. Channels: { $count }.
    .failed = Of { $count } channels, { $wrong } gave their engineer something else than was recorded.
audit-check-channel-totals =
    .ok = FINAL names the same hashes for each channel: { $count }.
    .failed = FINAL names other hashes for its { $count } channels than were recorded.
audit-check-attestations =
    .ok = { $engineer } signed for the same { $bytes } bytes: both ends saw the same.
    .unchecked = No engineer signed what they saw.
    .failed = What { $engineer } signed ({ $bytes } bytes) is not what was recorded, or not properly signed.
audit-check-rating =
    .ok = The customer's rating ({ $stars } of 5) is signed with the session's key.
    .unchecked = There is no rating.
    .failed = The rating is not signed with the session's key.

audit-badge = { $records ->
    [one] 1 record
   *[other] { $records } records
}, { $chain }, { $log }
audit-badge-chain =
    .whole = chain whole
    .so-far = chain whole so far
    .broken = chain broken after that
audit-badge-log =
    .closed = opened and closed in the log at { $opened } and { $closed }, { $cosigned }
    .opened = opened in the log at { $opened }, { $cosigned }
    .nothing = nothing is known of the log
    .against = the log speaks against it
    .unknown = the log was not looked at: say whose word counts with --log
audit-badge-witness =
    .some = cosigned
    .none = not cosigned
audit-verdict =
    .intact = Intact: this is the whole session as it was recorded.
    .whole = Whole, as far as it can be seen without an audit key: every record is here as its agent signed it. What is inside was not checked.
    .sealed = Not opened: the given keys do not open this recording. What can be checked without one is right; nothing is proved of what is inside.
    .erased = Erased on purpose: nothing opens it any more; its chain is as its agent signed it.
    .arriving = Right so far, and still arriving.
    .partial = Incomplete: what is here is right, but the end is missing.
    .broken = Not intact. See the lines marked ✗.

audit-siem-shipped = Sent: { $count } events in { $deliveries } deliveries.
audit-siem-unreadable = Session { $session } does not open; what was proved before the fault was sent. `consentry audit verify` says why.
