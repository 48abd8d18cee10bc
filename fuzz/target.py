"""What a target is, and the list of all."""

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"

SUBJECTS = ("documents", "files", "messages", "pairing", "records", "requests", "screens", "streams")
"""Modules of `fuzz.targets`."""

Run = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    """`seeds` are inputs that are right: mutations of them get far. `words` are worth inserting."""

    name: str
    about: str
    run: Run
    seeds: Callable[[], Iterable[bytes]]
    words: tuple[bytes, ...]

    @property
    def folder(self) -> Path:
        return CORPUS / self.name

    def kept(self) -> list[bytes]:
        """What the corpus holds for this target."""
        return [path.read_bytes() for path in sorted(self.folder.glob("*"))]

    def keep(self, data: bytes) -> Path:
        """Puts an input into the corpus: from now on it is a test."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / sha256(data).hexdigest()[:16]
        path.write_bytes(data)
        return path


_targets: dict[str, Target] = {}


def target(
    name: str, *, seeds: Callable[[], Iterable[bytes]] = lambda: (), words: Iterable[bytes] = ()
) -> Callable[[Run], Run]:
    """Registers the function below it; its docstring says what is fuzzed."""

    def register(run: Run) -> Run:
        about = (run.__doc__ or "").strip().splitlines()[0]
        _targets[name] = Target(name, about, run, seeds, tuple(words))
        return run

    return register


def all_targets() -> dict[str, Target]:
    """Every target by its name."""
    for subject in SUBJECTS:
        importlib.import_module(f"fuzz.targets.{subject}")
    return dict(sorted(_targets.items()))


_endings: list[Callable[[], object]] = []


def when_done(ending: Callable[[], object]) -> None:
    """Remembers what a target has to put away when nobody runs it any more."""
    _endings.append(ending)


def put_away() -> None:
    """Folders, threads and loops of targets; in reverse order. They are made again where they are needed again."""
    while _endings:
        _endings.pop()()
    for subject in SUBJECTS:
        for made in vars(importlib.import_module(f"fuzz.targets.{subject}")).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()
