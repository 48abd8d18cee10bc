"""What stands beside the code while a customer waits in the queue."""

import pytest

from agent_client.screens.code_screen import RENEWED_UNASKED, CodeFacts, code_rows
from agent_client.screens.rows import paint
from protocol.messages.pairing import PairingOutcome
from wording import LANGUAGES, Language, Wording


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


@pytest.mark.parametrize("ended", sorted(RENEWED_UNASKED))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_that_changed_by_itself_says_why(ended: PairingOutcome, language: Language) -> None:
    """Whoever is reading it aloud would go on with the old one."""
    facts = CodeFacts(code="482-9137-7551", expires_at_ms=60_000)
    before = code_rows(facts, Wording(language), 200, 0)
    facts.ended = ended
    told = " ".join(paint(row, 200, colour=False) for row in code_rows(facts, Wording(language), 200, 0))
    assert Wording(language).say(f"agent-code-renewed-{ended}") in told
    assert len(before) < len(code_rows(facts, Wording(language), 200, 0))


def test_a_code_that_the_customer_asked_for_needs_no_reason() -> None:
    """They withdrew the one before themselves."""
    facts = CodeFacts(code="482-9137-7551", expires_at_ms=60_000)
    before = shown(facts)
    facts.ended = "cancelled"
    assert shown(facts) == before
