"""The two rows under the shared terminal."""

from agent_client.faces.notices import Present
from agent_client.screens.live_screen import LiveFacts, status_rows
from agent_client.screens.rows import paint
from protocol.grants import Scope
from wording import LANGUAGES, Wording


def test_that_the_broker_is_away_is_read_on_a_narrow_terminal() -> None:
    """Long names and many scopes fill the row: what is wrong stands before them, and is never what is cut."""
    everything = Present(1, "Ann Example-Longworth", "S-17", frozenset(Scope), 2**40)
    for language in LANGUAGES:
        facts = LiveFacts({1: everything})
        facts.away_since_ms = 0
        wording = Wording(language)
        status = paint(status_rows(facts, wording, 5_000, prefix_pressed=False)[0], 80, colour=False)
        assert wording.say("agent-broker-away", time="0:05") in status
