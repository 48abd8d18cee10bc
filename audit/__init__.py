"""What was recorded: kept by those who cannot read it, read by those who keep the key.

    session_files.py   the names and formats of the files that the two halves share, one folder per session
    durability.py      each system call that a promise rests on, in one place
    settling.py        how a thread of either half answers whoever awaits it
    ingest/            the keyless half, inside the broker: verify, append, sync, only then acknowledge
    storage/           the audit service's own database
    service/           the audit service: a process of its own, which pulls, keeps and lets people see
    vault/             the half with the audit key, elsewhere: verify, replay, transcript, export, rate
    replay_index/      any second of a session, its commands and words; search/: words in all sessions
    quality/           scorecards, marks, sampling, reviews, figures
    log/               the transparency log; witness/: who vouches for it
    siem/              audit events in others' formats, and how they get there
    desk_client/       `consentry desk …`: the audit service's people at their own machines
    commands.py        `consentry audit …`, the vault on the command line
    *_command.py, *_commands.py   one of its parts each: replay, verify, search, marks, proofs, monitors
    command_line.py    what they share; log_trust.py: whose word counts about the log; csv_lines.py: CSV
    service_commands.py  `consentry audit init`, backups: looking after the service; key_commands.py: its keys
    people_commands.py   `consentry audit user`, `events`: its people
    service_command_line.py   what these share

`ingest` and `log` know nothing that could open a record, and what both halves share knows neither, so that the broker
can import its half alone; import-linter holds us to it.
"""
