"""The walls around the process that parses recordings. What it reads was made on a customer's machine.

    limits      memory, processor time, files, file size; no core dump, no child processes
    system calls  no sockets, no io_uring (which could make some), no ptrace, no new program (seccomp, Linux)
    files       only the recordings, and what Python itself is made of (Landlock, Linux 5.13 and later)

Each wall stands alone: where a system lacks one, the others hold, and the service's log says which there are. All of it
is the kernel's; once up, a wall cannot be taken down from inside.
"""

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

OPEN_FILES_LIMIT = 32
FILE_SIZE_LIMIT_BYTES = 0
"""It writes to no file but its pipe, which this does not count: what is to be kept is handed over."""

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2

# <linux/seccomp.h>, <linux/filter.h>: a classic BPF program over (nr u32, arch u32, …).
_LOAD_WORD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_X32_BIT = 0x40000000

_ARCHITECTURES = {
    "x86_64": (0xC000003E, (41, 53, 42, 101, 59, 322, 425)),
    "aarch64": (0xC00000B7, (198, 199, 203, 117, 221, 281, 425)),
}
"""AUDIT_ARCH_*, and there the numbers (<asm/unistd.h>) of: socket, socketpair, connect, ptrace, execve, execveat,
io_uring_setup."""

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_PATH_BENEATH = 1
_LANDLOCK_EXECUTE, _LANDLOCK_WRITE_FILE, _LANDLOCK_READ_FILE, _LANDLOCK_READ_DIR = 1, 2, 4, 8
_LANDLOCK_ALL = (1 << 13) - 1
"""Every right of the first version: what is not named in a rule is refused."""


def confine(*, memory_bytes: int, processor_seconds: int, readable: Sequence[Path]) -> list[str]:
    """Puts up what walls this system has, for good; answers their names."""
    _limit(memory_bytes, processor_seconds)
    walls = ["limits"]
    if _restrict_files(readable):
        walls.append("files")
    if _filter_system_calls():
        walls.append("system calls")
    return walls


def _limit(memory_bytes: int, processor_seconds: int) -> None:
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, processor_seconds),
        (resource.RLIMIT_NOFILE, OPEN_FILES_LIMIT),
        (resource.RLIMIT_FSIZE, FILE_SIZE_LIMIT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        if limit == resource.RLIMIT_AS and sys.platform == "darwin":
            continue  # not kept there
        resource.setrlimit(limit, (least, least))


def _filter_system_calls() -> bool:
    found = _ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or found is None:
        return False
    architecture, refused = found
    numbers = sorted(refused)
    program = [  # jumps count from the next instruction; the two answers stand at the end
        struct.pack("HBBI", _LOAD_WORD, 0, 0, 4),
        struct.pack("HBBI", _JUMP_EQUAL, 1, 0, architecture),
        struct.pack("HBBI", _RETURN, 0, 0, _KILL),
        struct.pack("HBBI", _LOAD_WORD, 0, 0, 0),
        struct.pack("HBBI", _JUMP_GREATER_EQUAL, len(numbers) + 1, 0, _X32_BIT),  # another way to name the same calls
    ]
    program += [struct.pack("HBBI", _JUMP_EQUAL, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
    program += [struct.pack("HBBI", _RETURN, 0, 0, _ALLOW), struct.pack("HBBI", _RETURN, 0, 0, _REFUSE)]
    code = ctypes.create_string_buffer(b"".join(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def _restrict_files(readable: Sequence[Path]) -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    attributes = ctypes.create_string_buffer(struct.pack("Q", _LANDLOCK_ALL), 8)
    ruleset = libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return False
    try:
        for path in {*readable, *_python_folders()}:
            if path.exists():
                _allow_reading(libc, ruleset, path)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return bool(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow_reading(libc: ctypes.CDLL, ruleset: int, path: Path) -> None:
    rights = _LANDLOCK_READ_FILE | (_LANDLOCK_READ_DIR | _LANDLOCK_EXECUTE if path.is_dir() else 0)
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, handle), 12)
        libc.syscall(_LANDLOCK_ADD, ruleset, _LANDLOCK_PATH_BENEATH, rule, 0)
    finally:
        os.close(handle)


def _python_folders() -> set[Path]:
    """The interpreter's own and the installed packages, which may still be imported; the system's libraries."""
    names = {sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/dev/urandom", "/dev/null", *sys.path}
    return {Path(name) for name in names if name}
