"""A broker of its own for a study, without the limits that protect one from a crowd, unless they are studied."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.deployment.people import UNLIMITED
from tests.helpers.deployment import Broker

ENGINEERS = ("sam", "kim")


@contextlib.contextmanager
def fresh_broker(
    settings: Mapping[str, str] = UNLIMITED, *, engineers: Sequence[str] = ENGINEERS[:1]
) -> Iterator[Broker]:
    """Running, with these engineers, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="consentry-study-") as folder:
        broker = Broker(Path(folder) / "organisation")
        for number, user in enumerate(engineers):
            broker.add_user(user, name=f"{user.title()} Example", staff_number=f"S-{number}")
        broker.environment = dict(settings)
        broker.start()
        try:
            yield broker
        finally:
            broker.kill()
