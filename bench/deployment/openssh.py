"""The peer: OpenSSH's own server, once as the machine to reach and once as the jump host in front of it."""

import getpass
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from bench.core.needs import find

_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
PrintMotd no
PrintLastLog no
MaxStartups 100
Subsystem sftp internal-sftp
"""
"""What is cheap and fast: no PAM, no password database, the SFTP server inside sshd."""

_OUR_CIPHERS = "  Ciphers aes256-gcm@openssh.com,aes128-gcm@openssh.com\n"
"""Those that our agent offers, and the fastest that OpenSSH has. By itself its client takes chacha20-poly1305."""

START_SECONDS = 10.0


class OpenSsh:
    """Two sshd processes on this machine, and a client configuration that knows how to reach them.

    `target` behind `jump`, `direct` without it, both with our ciphers; `shipped` is `target` with OpenSSH's own choice.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.config = folder / "ssh_config"
        self._servers: list[subprocess.Popen[bytes]] = []
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        sshd = find("sshd")
        self._folder.mkdir(parents=True)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where sshd locks itself in; the service makes it at boot
        self._make_key("host_key")
        self._make_key("user_key")
        public = (self._folder / "user_key.pub").read_bytes()
        (self._folder / "authorized_keys").write_bytes(public)
        for name in ("target", "jump"):
            self._start(sshd, name)
        self._write_client_config()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.terminate()
            server.wait()

    def pid(self, name: str) -> int:
        return self._servers[["target", "jump"].index(name)].pid

    def _make_key(self, name: str) -> None:
        path = self._folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)

    def _start(self, sshd: str, name: str) -> None:
        port = self.ports[name] = free_port()
        config = self._folder / f"{name}.conf"
        config.write_text(_CONFIG.format(port=port, folder=self._folder))
        log = (self._folder / f"{name}.log").open("ab")
        self._servers.append(subprocess.Popen([sshd, "-D", "-e", "-f", str(config)], stderr=log, stdout=log))
        wait_for_port(port)

    def _write_client_config(self) -> None:
        common = (
            f"  HostName 127.0.0.1\n  User {getpass.getuser()}\n  IdentityFile {self._folder}/user_key\n"
            f"  IdentitiesOnly yes\n  StrictHostKeyChecking no\n  UserKnownHostsFile {self._folder}/known_hosts\n"
            "  GlobalKnownHostsFile /dev/null\n  LogLevel ERROR\n"
        )
        jump, target = (f"  Port {self.ports[name]}\n{common}" for name in ("jump", "target"))
        hosts = [
            f"Host jump\n{jump}{_OUR_CIPHERS}",
            f"Host direct\n{target}{_OUR_CIPHERS}",
            f"Host target\n  ProxyJump jump\n{target}{_OUR_CIPHERS}",
            f"Host shipped-jump\n{jump}",
            f"Host shipped\n  ProxyJump shipped-jump\n{target}",
        ]
        self.config.write_text("\n".join(hosts))

    def write_config_through(self, port: int) -> Path:
        """A client configuration whose `direct` goes through another port, such as a slow link's."""
        path = self._folder / f"ssh_config_{port}"
        path.write_text(self.config.read_text().replace(f"Port {self.ports['target']}\n", f"Port {port}\n"))
        return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, *, seconds: float = START_SECONDS) -> None:
    """Returns once somebody listens there. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")
