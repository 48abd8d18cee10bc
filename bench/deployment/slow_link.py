"""A TCP link with delay, in a process of its own: `python -m bench.deployment.slow_link PORT TARGET_PORT DELAY_MS`.

Every byte waits `DELAY_MS` in each direction, however many there are: delay without a limit on the rate. Needs no right
to change the network, unlike netem, and works inside containers.
"""

import contextlib
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from bench.deployment.openssh import free_port, wait_for_port

READ_BYTES = 256 * 1024
PIECES_ON_THE_WAY = 4096


@contextlib.contextmanager
def slow_link(target_port: int, *, delay_ms: float) -> Iterator[int]:
    """The port through which the target is `delay_ms` away in each direction."""
    port = free_port()
    words = [sys.executable, "-m", "bench.deployment.slow_link", str(port), str(target_port), str(delay_ms)]
    process = subprocess.Popen(words)
    try:
        wait_for_port(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _carry(source: socket.socket, target: socket.socket, delay_seconds: float) -> None:
    pieces: queue.Queue[tuple[float, bytes]] = queue.Queue(PIECES_ON_THE_WAY)
    threading.Thread(target=_deliver, args=(pieces, target), daemon=True).start()
    with contextlib.suppress(OSError):
        while data := source.recv(READ_BYTES):
            pieces.put((time.monotonic() + delay_seconds, data))
    pieces.put((time.monotonic() + delay_seconds, b""))


def _deliver(pieces: "queue.Queue[tuple[float, bytes]]", target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            due, data = pieces.get()
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)


def main(port: int, target_port: int, delay_ms: float) -> None:
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", target_port))
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=(source, target, delay_ms / 1000), daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
