"""One attack of the study of abuse: how large, for how long, and what it may cost at most."""

from dataclasses import dataclass, field

from bench.deployment.people import UNLIMITED
from broker.relay.relay import RelayLimits
from broker.server import PING_SECONDS, PONG_SECONDS

STALLED_SECONDS = RelayLimits().stalled_seconds + 20.0
"""After this the relay has told of a leg that does not read."""

DEAF_SECONDS = PING_SECONDS + PONG_SECONDS + 15.0
"""After this a conversation with a peer that talks and does not read was ended, and told of."""

DRIFT_MIB = 24.0
"""By how much memory may move while an attack is held: garbage, caches, the honest sessions' own."""


@dataclass(frozen=True)
class Trial:
    """`cap_kib` is what one of `count` may cost the broker at most, from the limits in the code; see `why`.

    `alerts` are the broker's kinds (`AlertKind`), or names of lines in the agent's log.
    """

    name: str
    title: str
    count: int
    cap_kib: float
    why: str
    alerts: tuple[str, ...]
    hold_seconds: float = 15.0
    settings: dict[str, str] = field(default_factory=lambda: dict(UNLIMITED))

    def scaled(self, share: float) -> "Trial":
        """A smaller one of the same kind, for tests and busy machines."""
        return Trial(
            self.name, self.title, max(1, round(self.count * share)), self.cap_kib, self.why, self.alerts,
            self.hold_seconds if share == 1 else max(2.0, self.hold_seconds * share), self.settings,
        )  # fmt: skip
