"""What was recorded: kept by those who cannot read it, read by those who keep the key.

    session_files.py   the names and formats of the files that the two halves share, one folder per session
    ingest/            the keyless half, inside the broker: verify, append, sync, only then acknowledge
    vault/             the half with the audit key, elsewhere: verify, replay, transcript, export, rate
    commands.py        `consentry audit …`, the vault on the command line

`ingest` knows nothing that could open a record, and this package's root and `session_files` know neither half, so
that the broker can import its half alone; import-linter holds us to it.
"""
