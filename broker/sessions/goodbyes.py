"""What an agent is told of its session's end: words that it knows, whatever its age."""

from collections import OrderedDict

from broker.sessions.session import Session
from protocol.messages.agent import EndRequested, StopRequested
from protocol.messages.fields import EndReason

STOP_TOLD_TIMES = 2
"""Once more than needed: a network may lose the first."""

STOPS_REMEMBERED = 1000
"""Sessions whose agents may still come back for their goodbye: far more than are stopped in one resume window."""


class Goodbyes:
    """Chooses the words for a session's end."""

    def __init__(self) -> None:
        self._stops_told: OrderedDict[bytes, int] = OrderedDict()

    def of(self, session: Session, reason: EndReason) -> EndRequested | StopRequested:
        """An agent from before there were stops hangs up at that word, and comes back: after `STOP_TOLD_TIMES` it is
        told in words that it knows."""
        stop = session.stop
        if reason != "supervisor-ended" or stop is None:
            return EndRequested(reason=reason)
        told = self._stops_told.pop(session.session_id, 0) + 1
        if told > STOP_TOLD_TIMES:
            return EndRequested(reason="broker-ended")
        self._stops_told[session.session_id] = told
        if len(self._stops_told) > STOPS_REMEMBERED:
            self._stops_told.popitem(last=False)
        return StopRequested(name=stop.name, staff_number=stop.staff_number, why=stop.why)
