"""What is made of recordings while they arrive, so that they open at any second and can be searched.

Part of the vault: it holds plaintext, encrypted under one key per session that an erase deletes, and the broker never
imports it. The sealed records stay the evidence; an index can be thrown away and made anew.

    keys.py             one key per session, wrapped; erasing.py the erase
    sealed_files.py     encrypted chunks and small files
    index_files.py      where an index lies, and what its head says
    indexer.py          records → index, in pieces, after a crash too
    channel_watch.py    one terminal, watched: lines.py what it showed, commands.py what was typed in it
    snapshots.py        a terminal's state, exactly or as a drawing
    entries.py          what can be found; text_blocks.py how it is kept, words.py how text is cut into tokens
    session_index.py    an index, read: any moment of a session, its time line
    segments.py         asciinema's segmented recording, for players
    viewing.py          a session as lines for a viewer that draws
    live_tail.py        a running session's lines as they come, for any number of followers
    refreshing.py       indexes of a records folder, brought up to date on demand
"""
