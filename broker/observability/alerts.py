"""Alerts: what looks like an attack, or like somebody who needs help. A line in the log, and a counter for each kind.

Whoever floods a broker could else flood its log as well: of each kind there is one line a minute, with how many came
since the last one. Lines that name somebody are all written; what leads to them is rare by itself.
"""

from collections.abc import Callable
from typing import Literal, get_args

import structlog

from broker.pairing.limits import EngineerLocked
from broker.pairing.nameplates import AllCodesTaken
from broker.sessions.session import TooManySessions
from protocol.errors import ConsentryError
from serving.limits import TooBusy

log = structlog.get_logger(__name__)

AlertKind = Literal[
    "codes_exhausted", "engineer_locked", "frame_too_large", "leg_stalled", "login_locked", "passkey_copied",
    "peer_too_slow", "provider_answer_refused", "requests_limited", "sessions_exhausted",
]  # fmt: skip
"""Names of events, and label values of `consentry_alerts_total`."""

QUIET_MS = 60_000

_REFUSALS: dict[type[ConsentryError], AlertKind] = {
    AllCodesTaken: "codes_exhausted",
    TooManySessions: "sessions_exhausted",
    TooBusy: "requests_limited",
    EngineerLocked: "engineer_locked",
}
"""Refusals that an honest person hardly ever sees."""


class Alerts:
    """`count` is told of each one; `monotonic_ms` is a clock."""

    def __init__(self, count: Callable[[AlertKind], None], monotonic_ms: Callable[[], int]) -> None:
        self._count = count
        self._monotonic_ms = monotonic_ms
        self._unwritten = dict.fromkeys(get_args(AlertKind), 0)
        self._quiet_until_ms = dict.fromkeys(get_args(AlertKind), -QUIET_MS)

    def raised(self, kind: AlertKind, **facts: object) -> None:
        """`facts` may name an engineer; never a code, a token or a content."""
        self._count(kind)
        if facts:
            log.warning(kind, alert=True, **facts)
            return
        self._unwritten[kind] += 1
        now_ms = self._monotonic_ms()
        if now_ms >= self._quiet_until_ms[kind]:
            log.warning(kind, alert=True, times=self._unwritten[kind])
            self._unwritten[kind] = 0
            self._quiet_until_ms[kind] = now_ms + QUIET_MS

    def refused(self, error: ConsentryError) -> None:
        """Raises the alert that belongs to a refusal, if one does."""
        kind = _REFUSALS.get(type(error))
        if kind is not None:
            self.raised(kind)
