"""Files for an engineer, inside the granted folders and nowhere else, each operation in the recording.

Where to look first:

    sftp.py       the SFTP server: scopes, handles, events; asyncssh speaks the protocol
    confined.py   from a hostile path to an open folder and one name in it, without ever following a link out
    transfer.py   what moved through one open file: how much, which ranges, which hash
"""
