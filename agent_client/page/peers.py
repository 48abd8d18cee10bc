"""Whose socket is at the other end of a loopback connection: of which user, and whether it is our own."""

import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

Address = tuple[str, int]

PROC_NET_TCP = Path("/proc/net/tcp")

UNKNOWN_USER = -1
"""The system lists connections, and not this one: it is nobody whom we would let in."""

_LOCAL, _REMOTE, _USER = 1, 2, 7
"""Columns of /proc/net/tcp (proc_net_tcp(5))."""


@dataclass(frozen=True, slots=True)
class Peer:
    """`user_id` is None where the system does not tell (elsewhere than on Linux).

    `is_ourselves`: the other end is a socket of this process, that is, an engineer's forwarded connection.
    """

    user_id: int | None
    is_ourselves: bool


def find_peer(theirs: Address, ours: Address) -> Peer:
    """Who has the socket `theirs` that is connected to our socket `ours`; both are IPv4."""
    return Peer(_user_of(theirs, ours), _is_ourselves(theirs, ours))


def _user_of(theirs: Address, ours: Address, table: Path = PROC_NET_TCP) -> int | None:
    try:
        lines = table.read_text("ascii").splitlines()[1:]
    except OSError:
        return None
    wanted = [_as_listed(theirs), _as_listed(ours)]
    for line in lines:
        columns = line.split()
        if columns[_LOCAL : _REMOTE + 1] == wanted:
            return int(columns[_USER])
    return UNKNOWN_USER


def _as_listed(address: Address) -> str:
    host, port = address
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"


def _is_ourselves(theirs: Address, ours: Address) -> bool:
    mine = psutil.Process().net_connections("tcp4")
    return any((one.laddr, one.raddr) == (theirs, ours) for one in mine)
