"""All screens in the smallest window: what can be pressed is in sight, and nothing is asked that cannot be read."""

import pytest

from agent_client.faces import notices
from agent_client.faces.face import CancelCode, ConsentQuestion, NewCode, Typed
from agent_client.screens.customer_screens import LEAST_COLUMNS, LEAST_ROWS, CustomerScreens
from agent_client.screens.end_screen import RatingForm
from agent_client.screens.keys import Key
from agent_client.screens.room_screen import RoomScreen
from protocol.grants import Scope
from wording import Language, Wording

START_MS = 1_795_344_000_000
ANN = notices.Present(1, "Ann Example of Support", "1042", frozenset(Scope), START_MS + 1_800_000)
QUESTION = ConsentQuestion(
    participant=1,
    name=ANN.name,
    staff_number=ANN.staff_number,
    organisation="Support",
    reason="receipts",
    ticket="",
    scopes=frozenset({Scope.VIEW}),
    minutes=30,
    folders=(),
    client="cli",
    is_raise=False,
    asked_at_ms=START_MS,
    allow_not_before_ms=START_MS,
    expires_at_ms=START_MS + 120_000,
)
ENDED = notices.SessionSummary(
    engineers=("Ann Example of Support",),
    started_at_ms=START_MS,
    ended_at_ms=START_MS + 65_000,
    reason="engineer-ended",
    commands=3,
    files=tuple(notices.FileTouched(1, f"/srv/{number}", "read", 10) for number in range(10)),
    record_count=12,
    delivered=True,
)


def prefixed(letter: str) -> list[Key]:
    return [Key("control", "]", b"\x1d"), Key("text", letter, letter.encode())]


class SmallWindow:
    def __init__(self, language: Language = "en") -> None:
        self.say = Wording(language).say
        self.screens = CustomerScreens(Wording(language), colour=False)

    def go_live(self) -> None:
        self.screens.take(notices.SessionLive((ANN,)), START_MS)
        self.screens.room = RoomScreen(LEAST_COLUMNS, LEAST_ROWS - 2)

    @property
    def text(self) -> str:
        lines, _ = self.screens.frame(LEAST_COLUMNS, LEAST_ROWS, START_MS)
        assert len(lines) == LEAST_ROWS
        return "\n".join(lines)


@pytest.fixture(params=["en", "zh-CN"])
def window(request: pytest.FixtureRequest) -> SmallWindow:
    return SmallWindow(request.param)


def test_the_code_its_time_and_the_way_out_are_seen(window: SmallWindow) -> None:
    """However much the organisation has to say, and the customer has asked."""
    window.screens.take(notices.SharingStarted("Example", "https://b.example", "ann", "desk", "Our rules. " * 40), 0)
    window.screens.take(notices.HelpAsked("the receipts never arrive " * 5), 0)
    window.screens.take(notices.CodeShown("482-9137-7551", START_MS + 581_000), START_MS)
    assert "482 - 9137 - 7551" in window.text
    assert window.say("agent-code-valid", time="9:41") in window.text
    assert window.say("agent-key-cancel") in window.text
    assert window.say("agent-not-recording") in window.text


def test_after_the_yes_the_customer_reads_what_is_waited_for(window: SmallWindow) -> None:
    """Until the recording is open, which may take seconds; no other code is offered meanwhile."""
    window.screens.take(notices.CodeShown("482-9137-7551", START_MS + 581_000), START_MS)
    window.screens.take(notices.CodeEnded("paired"), START_MS)
    window.screens.ask(QUESTION, START_MS)
    assert window.say("agent-request-allow") in window.text
    window.screens.press([Key("page-down", "", b"")] * 3, START_MS + 3_000)
    assert window.say("agent-request-recorded")[-8:] in window.text
    assert window.screens.press([Key("text", "a", b"a")], START_MS + 3_000)
    window.screens.stop_asking()
    assert window.say("agent-opening")[:12] in window.text
    assert window.say("agent-key-new-code") not in window.text


def test_that_the_broker_is_away_is_seen(window: SmallWindow) -> None:
    """Below whatever else there is to read."""
    window.screens.take(notices.SharingStarted("Example", "https://b.example", "ann", "desk", "Our rules. " * 40), 0)
    window.screens.take(notices.CodeShown("482-9137-7551", START_MS + 581_000), START_MS)
    window.screens.take(notices.EngineerAsking(1), START_MS)
    window.screens.take(notices.ConnectionState("broker", False, START_MS - 12_000), START_MS)
    assert window.say("agent-broker-away", time="0:12") in window.text
    assert window.say("agent-key-cancel") in window.text
    window.screens.take(notices.ConnectionState("broker", True), START_MS)
    assert window.say("agent-broker-away", time="0:12") not in window.text


def test_a_failure_is_read_before_what_led_to_it(window: SmallWindow) -> None:
    """It stands at the end, and the end stays."""
    window.screens.take(notices.SharingStarted("Example", "https://b.example", "ann", "desk", "Our rules. " * 40), 0)
    window.screens.take(notices.Failed("The session is over."), 0)
    assert "The session is over." in window.text


def test_who_is_in_and_for_how_long_comes_before_what_they_may(window: SmallWindow) -> None:
    """In a narrow window, the name is shortened and not left out (test_status_rows.py has all widths)."""
    window.go_live()
    assert "Ann Example of … 30:00" in window.text


def test_the_urgent_keys_come_first(window: SmallWindow) -> None:
    """To pause and to end; and while nothing runs, to go on."""
    window.go_live()
    window.screens.press(prefixed("p")[:1], START_MS)
    assert window.say("agent-key-pause") in window.text
    assert window.say("agent-key-end") in window.text
    window.screens.press(prefixed("p")[1:], START_MS)
    window.screens.take(notices.Paused("customer"), START_MS)
    assert window.say("agent-key-resume") in window.text


def test_the_key_that_makes_a_code_takes_it_back() -> None:
    """And says so while there is one."""
    window = SmallWindow()
    window.go_live()
    assert window.screens.press(prefixed("n"), START_MS) == [NewCode()]
    window.screens.take(notices.CodeShown("482-9137-7551", START_MS + 581_000), START_MS)
    assert window.screens.press(prefixed("n"), START_MS) == [CancelCode()]


def test_every_scope_that_can_be_taken_away_is_reached(window: SmallWindow) -> None:
    """The list moves with the pointer, and its keys stay below it."""
    window.go_live()
    window.screens.press(prefixed("c"), START_MS)
    passed = ""
    for _ in Scope:
        assert "›" in window.text
        passed += window.text
        window.screens.press([Key("down", "", b"")], START_MS)
    assert all(window.say(f"agent-scope-{scope.name.lower().replace('_', '-')}")[:12] in passed for scope in Scope)
    assert "Esc" in window.text


def test_the_rating_is_asked_below_a_long_summary(window: SmallWindow) -> None:
    """The summary is printed once more afterwards; the question is not."""
    window.go_live()
    window.screens.take(ENDED, START_MS)
    window.screens.take(notices.ReceiptWritten("/home/ann/a/long/way/to/receipts/receipt-0123456789ab.json"), START_MS)
    assert window.say("agent-end-engineer-ended")[:12] in window.text
    window.screens.rating = RatingForm()
    assert window.say("agent-rate-title") in window.text
    window.screens.press([Key("text", "5", b"5"), Key("text", "y", b"y"), Key("text", "!", b"!")], START_MS)
    assert "> !" in window.text


def test_what_is_typed_at_once_arrives_in_one_piece() -> None:
    """A paste of a program's own making, say; and in order with what it is between."""
    window = SmallWindow()
    window.go_live()
    letters = [Key("text", letter, letter.encode()) for letter in "ls"]
    assert window.screens.press([*letters, *prefixed("n"), *letters], START_MS) == [
        Typed(b"ls"),
        NewCode(),
        Typed(b"ls"),
    ]
