"""What stands beside the code while a customer waits in the queue."""

from agent_client.screens.code_screen import CodeFacts, code_rows
from agent_client.screens.rows import paint
from wording import Wording


def shown(facts: CodeFacts) -> str:
    return " ".join(paint(row, 200, colour=False) for row in code_rows(facts, Wording("en"), 200, 0))


def test_the_queue_says_whom_to_ask_for_and_never_that_somebody_calls() -> None:
    """Names are escaped; without a request there is no line about a queue."""
    facts = CodeFacts(organisation="Example Support", code="482-9137-7551", expires_at_ms=60_000)
    assert "queue" not in shown(facts)
    facts.asked = "receipts\x1b[2J never arrive"
    assert "“receipts\\x1b[2J never arrive”. It is in the queue." in shown(facts)
    facts.helper, facts.helper_number = "Wei\x1b", "E-1"
    taken = shown(facts)
    assert "Wei\\x1b (staff no. E-1) has your request. Call Example Support on a number that you trust" in taken
    assert "will call" not in taken
