"""The half with the key. It never runs in the broker, and trusts nothing that it reads.

The order is always the same: verify the chain first, open second, parse third. Nothing here imports the code that
writes records (`protocol/record_sealing.py`), so that a mistake there cannot hide itself.

    recipient_key.py what a vault asks of a key, whoever has it
    keys.py          the audit key: made, kept in a file, read
    external_key.py  one that another program holds
    inspection.py    the chain from bytes alone, and what exactly is wrong with the first record that fails
    opening.py       records → events: HPKE, ratchet, bounded inflating
    epoch_files.py   what opens a recording, kept apart from it
    reading.py       a recording that is open for reading; following.py: one that grows
    verify.py        everything re-derived, one line per check
    log_evidence.py  what the transparency log proves of a recording
    badge.py         what can be proved of a recording, in one sentence
    facts.py         what the events add up to: hashes, totals, who and what
    library.py       the sessions of a records folder: complete, partial, arriving or lost
    escapes.py       terminal output made harmless: what may reach a reader's terminal
    emulator.py      what a terminal would show: pyte, made fast and hardened (screen.py: one screen of it;
                     flood.py: output that only scrolls by)
    transcript.py    events → text as it was seen
    replay.py        a recording on a time line; painting.py and terminal_console.py show it on a terminal
    live_view.py     a running session there
    narrator.py      what happened, in words
    export.py        asciicast v3, text, JSON Lines
    qa_ratings.py    the reviewers' own ratings
"""
