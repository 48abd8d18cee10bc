"""Gauges, and who has to hear that a session ended."""

from collections.abc import Callable

from broker.services import Services
from broker.sessions.registry import Sessions
from broker.sessions.session import Session, SessionState


def watch(services: Services) -> None:
    """Once, before the broker starts."""
    metrics, relay = services.metrics, services.relay
    states: tuple[SessionState, ...] = ("waiting", "paired", "live")
    for state in states:
        metrics.gauge(f"sessions_{state}", f"Sessions that are {state}", _count_of(services.sessions, state))
    metrics.gauge("agents_connected", "Agents on the line", lambda: len(services.lines))
    metrics.gauge("codes_open", "Codes that have not ended", lambda: len(services.board))
    metrics.gauge("relay_pairs", "Pairs of legs that are piped together", lambda: relay.pairs)
    metrics.gauge("relay_legs_waiting", "Legs without a partner", lambda: relay.waiting)
    metrics.count_of("relay_bytes", "Payload that the relay has carried", lambda: relay.bytes_forwarded)

    gateway = services.ssh_gateway
    if gateway is not None:
        metrics.gauge("ssh_gateway_connections", "Connections to the SSH gateway", lambda: len(gateway))

    async def when_ended(session: Session) -> None:
        if gateway is not None:
            gateway.openings.close_session(session.session_id)
        reason = session.end_reason or "broker-ended"
        metrics.sessions_ended.labels(reason).inc()
        services.whispers.session_ended(session.session_id)
        await services.waiting_room.session_ended(session.session_id)
        await services.board.session_ended(session.session_id)
        await services.close_recording(session)

    services.sessions.when_ended(when_ended)
    services.sessions.when_admitted(services.waiting_room.somebody_in)


def _count_of(sessions: Sessions, state: SessionState) -> Callable[[], float]:
    return lambda: sessions.count(state)
