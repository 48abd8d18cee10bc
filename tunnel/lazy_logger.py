"""A logger that imports structlog with its first line.

structlog brings the tracebacks of rich along, a third of all that `consentry connect` imports before it can begin,
and an engineer's command mostly has nothing to log.
"""

from typing import Any


class LazyLogger:
    """What `structlog.get_logger(name)` gives, later."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, level: str) -> Any:
        import structlog

        return getattr(structlog.get_logger(self._name), level)
