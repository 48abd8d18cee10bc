"""`ssh-proxy` for the one `ssh` whose output is vouched for: the stream's id is chosen by `consentry connect`.

An attestation names the stream that it speaks of. For every other `ssh` the proxy draws the id itself.
"""

import signal
import sys
import time
from collections.abc import Sequence

from engineer_client import ssh_proxy
from engineer_client.ssh_proxy import SshProxy
from protocol.errors import ConsentryError
from protocol.stream import CloseCode, ResumableStream, StreamKind
from tunnel.paired_session import PairedSession


class AttestedProxy(SshProxy):
    """The same proxy over a stream with a given id."""

    def __init__(self, session: PairedSession, stream_id: bytes, input_fd: int, output_fd: int) -> None:
        super().__init__(session, input_fd, output_fd)
        self._stream = ResumableStream.open(
            session.stream_key,
            StreamKind.SSH,
            session.pairing_id,
            stream_id,
            time.monotonic_ns() // 1_000_000,
            resume_window_ms=session.resume_window_seconds * 1000,
        )


def main(argv: Sequence[str]) -> int:
    """`SESSION-FILE STREAM-ID`; returns the exit status. Started by `shell.py`, through ssh."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # for the same reasons as in ssh_proxy.main
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    session_file, stream_id = argv
    try:
        code = AttestedProxy(PairedSession.load(session_file), bytes.fromhex(stream_id), 0, 1).run()
        if code is CloseCode.DONE:
            return 0
        raise ssh_proxy._ERRORS[code]
    except ConsentryError as error:
        ssh_proxy._say(error)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
