"""Answers on a Unix socket what this process's memory is made of. Imported by Python itself at its start (site)."""

import ctypes
import gc
import json
import os
import socket
import threading
import tracemalloc
from collections import Counter
from pathlib import Path

SOCKET = "BENCH_INSIDE_SOCKET"
FRAMES = "BENCH_INSIDE_FRAMES"
"""How many frames of each allocation are remembered; 0 or absent is none, which costs no time."""


class _Mallinfo(ctypes.Structure):
    """struct mallinfo2, mallinfo(3)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    ]


def _malloc() -> dict[str, int]:
    try:
        ask = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        return {}
    ask.restype = _Mallinfo
    found = ask()
    return {"malloc: in use": found.uordblks + found.hblkhd, "malloc: free, kept": found.fordblks}


def _mappings() -> dict[str, int]:
    """Resident bytes: of the heap, of what is mapped without a file, and of files."""
    sums: Counter[str] = Counter()
    kind = ""
    for line in Path("/proc/self/smaps").read_text().splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            name = words[5] if len(words) > 5 else "anonymous"
            kind = name if name in ("[heap]", "anonymous") else "files"
        elif words[0] == "Rss:":
            sums[f"resident: {kind}"] += int(words[1]) * 1024
    return dict(sums)


def _types() -> dict[str, int]:
    gc.collect()
    gc.unfreeze()
    counts = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
    gc.freeze()
    return dict(counts.most_common(2000))


def _lines() -> dict[str, int]:
    """Bytes in use, by the lines of code that asked for them, the innermost first; empty unless they are traced."""
    if not tracemalloc.is_tracing():
        return {}
    found = tracemalloc.take_snapshot().statistics("traceback")[:3000]
    return {" < ".join(_place(frame) for frame in reversed(one.traceback)): one.size for one in found}


def _place(frame: tracemalloc.Frame) -> str:
    return f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno}"


def _answer(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            found = {"bytes": {**_malloc(), **_mappings()}, "lines": _lines(), "objects": _types()}
            connection.sendall(json.dumps(found).encode())


if path := os.environ.pop(SOCKET, ""):
    if frames := int(os.environ.get(FRAMES, "0")):
        tracemalloc.start(frames)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    threading.Thread(target=_answer, args=(listener,), daemon=True, name="inside").start()
