"""The relay's peer: haproxy in TCP mode with TLS on both sides."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.core.needs import find
from bench.deployment.openssh import free_port, wait_for_port

_CONFIG = """\
global
    nbthread 1
    maxconn 4000
    tune.bufsize 65536
    tune.ssl.default-dh-param 2048
defaults
    mode tcp
    timeout connect 10s
    timeout client 10m
    timeout server 10m
frontend near
    bind 127.0.0.1:{port} ssl crt {pem}
    default_backend far
backend far
    server far 127.0.0.1:{target_port} ssl verify none no-check
"""
"""One thread, as our relay has; buffers of 64 KiB, with which it forwards bulk best; idle memory is with them, too."""


@dataclass(frozen=True)
class Haproxy:
    pid: int
    port: int
    target_port: int


@contextlib.contextmanager
def haproxy(folder: Path, certificate: tuple[Path, Path], *, buffer_bytes: int = 65536) -> Iterator[Haproxy]:
    """Runs until the block ends. Whoever connects to `port` is connected to whoever listens on `target_port`."""
    folder.mkdir(parents=True, exist_ok=True)
    pem = folder / "haproxy.pem"
    pem.write_bytes(b"".join(path.read_bytes() for path in certificate))
    port, target_port = free_port(), free_port()
    config = folder / "haproxy.cfg"
    text = _CONFIG.format(port=port, pem=pem, target_port=target_port).replace("65536", str(buffer_bytes))
    config.write_text(text)
    process = subprocess.Popen([find("haproxy"), "-q", "-db", "-f", str(config)])
    try:
        wait_for_port(port)
        yield Haproxy(process.pid, port, target_port)
    finally:
        process.kill()
        process.wait()
