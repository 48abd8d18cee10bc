"""Files for an engineer, inside the granted folders and nowhere else, each operation in the recording.

Where to look first:

    sftp.py       the SFTP server, operation by operation; asyncssh speaks the protocol
    guarded.py    what each of them passes through: the grant is asked before, the recording told after
    handles.py    what SFTP handles stand for: an open file, an open folder
    check_file.py the hash of a part of an open file, as an extension of SFTP
    sftp_run.py   an SFTP session on an SSH channel
    confined.py   from a hostile path to an open folder and one name in it, without ever following a link out
    transfer.py   what moved through one open file: how much, which ranges, which hash
"""
