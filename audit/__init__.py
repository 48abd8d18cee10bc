"""What was recorded: kept by those who cannot read it, read by those who keep the key.

    session_files.py   the names and formats of the files that the two halves share, one folder per session
    durability.py      each system call that a promise rests on, in one place
    settling.py        how a thread of either half answers whoever awaits it
    ingest/            the keyless half, inside the broker: verify, append, sync, only then acknowledge
    storage/           the audit service's own database
    service/           the audit service: a process of its own, which pulls, keeps and lets people see
    vault/             the half with the audit key, elsewhere: verify, replay, transcript, export, rate
    commands.py        `consentry audit …`, the vault on the command line
    service_commands.py  `consentry audit init`, backups: looking after the service; key_commands.py: its keys
    people_commands.py   `consentry audit user`, `events`: its people

`ingest` knows nothing that could open a record, and this package's root and `session_files` know neither half, so
that the broker can import its half alone; import-linter holds us to it.
"""
