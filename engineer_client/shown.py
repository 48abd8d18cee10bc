"""How facts stand in a sentence: times, and scopes in one order."""

from collections.abc import Iterable
from datetime import datetime

from protocol.grants import Scope


def clock_text(unix_ms: int) -> str:
    """Local time; with its date if that is not today."""
    moment = datetime.fromtimestamp(unix_ms / 1000).astimezone()
    is_today = moment.date() == datetime.now().astimezone().date()
    return moment.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")


def scopes_text(scopes: Iterable[Scope]) -> str:
    """As they are listed everywhere: from seeing to everything."""
    named = frozenset(scopes)
    return ", ".join(scope for scope in Scope if scope in named)
