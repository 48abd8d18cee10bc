"""A logger that imports structlog with its first line.

structlog brings the tracebacks of rich along, a third of all that `consentry connect` imports before it can begin,
and an engineer's command mostly has nothing to log.
"""

from typing import Any

_MISTAKES = frozenset({"error", "exception", "critical"})


class LazyLogger:
    """What `structlog.get_logger(name)` gives, later.

    A program that has not said where its log goes has a person's shell on its terminal: there, only our mistakes are
    told, and nothing about networks that come and go.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, level: str) -> Any:
        import structlog

        if level not in _MISTAKES and not structlog.is_configured():
            return _unheard
        return getattr(structlog.get_logger(self._name), level)


def _unheard(event: str, **facts: object) -> None:
    """A line that nobody asked for."""
