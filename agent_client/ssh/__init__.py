"""The SSH server of one session: the engineer's stock tools on one side, shell and files on the other.

Where to look first:

    server.py          algorithms, limits, the one admitted key; one SSH connection per stream
    channel.py         what an engineer's client asks of a channel
    runs.py            what comes of it: a seat in the room, a command, files, a refusal
    channel_output.py  output on its way into an SSH channel, counted when it left
    forwarding.py      direct TCP connections, under their own scope
    refusal.py         why something is refused, in sentences
    host_keys.py       the session's SSH host keys

What is changed in asyncssh, for speed, is `tunnel/ssh_tuning.py` and `tunnel/ssh_bulk.py`.
"""
