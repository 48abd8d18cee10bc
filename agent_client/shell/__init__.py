"""What runs on the customer's machine for an engineer, and how all of it can be frozen and ended.

Where to look first:

    room.py          the shared terminal that everyone sees alike
    viewer.py        one engineer's place in the room
    command.py       one command without the room: `ssh host command`
    output.py        redact, then record, then show: the one path of every output byte
    tally.py         counts and hashes what really left towards one engineer
    process_tree.py  the agent's end of a warden: start, freeze, thaw and kill everything below it
    warden.py        a small process above everything that is started: orphans fall to it, and it never dies alone
    pty_process.py   a program with a terminal of its own
    environment.py   what a started program inherits: little
    pause.py         where operations wait while the customer has paused the session
    fd_reader.py     reads a terminal or a pipe when nobody asks it to wait
    fd_writer.py     writes to one, and says when it is full
"""
