"""The narrator: a sentence for each event that a reader should hear of, and times as people write them."""

import pytest

from audit.vault.narrator import Narrator, clock_text, parse_clock
from protocol.events import (
    ChatSaid,
    ClockCompared,
    ConnectionForwarded,
    ConsentAnswered,
    ConsentAsked,
    Event,
    FileOperation,
    GrantChanged,
    InputHidden,
    ManifestRecorded,
    ParticipantJoined,
    ParticipantLeft,
    Redacted,
    SessionPaused,
    SessionResumed,
    TakenOver,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
    encode_manifest,
)
from protocol.grants import Scope
from tests.audit.vault.reading import all_events
from tests.helpers.recordings import make_recording
from wording import Language, Wording

QUIET = (TerminalOutput, TerminalInput, TerminalResized)
OTHERS: list[Event] = [
    ConsentAnswered(1, 1, "timeout", (), 0),
    GrantChanged(1, 1, (), 0, "customer"),
    GrantChanged(1, 1, (Scope.VIEW,), 0, "time"),
    ParticipantLeft(1, 1),
    ConsentAsked(1, 2, (Scope.VIEW,), 0, "end of shift", "", takes_over=1),
    TakenOver(1, 2, 1),
    ConnectionForwarded(1, 3, 1, "db:5432", "refused"),
    FileOperation(1, 2, 1, "rename", "/a", "/b", "ok", 0, b"", ()),
    InputHidden(1, 0, 0, 12),
    Redacted(1, 0, "aws", 20),
    SessionPaused(1, "customer"),
    SessionPaused(1, "recorder"),
    SessionResumed(1, "customer"),
    ClockCompared(1, 5, 2),
    ChatSaid(1, 0, "hello"),
]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_event_but_output_has_a_sentence(language: Language) -> None:
    """In both languages, and output speaks for itself."""
    narrator = Narrator(Wording(language))
    for event in [*all_events(make_recording()), *OTHERS]:
        assert (narrator.tell(event) is None) == isinstance(event, (*QUIET, type(None))) or "cmd-out" in repr(
            event.__struct_config__.tag
        )


def test_chat_is_told_in_one_line_that_does_nothing() -> None:
    """Who, and the words as they were seen; line feeds and escapes are not a reader's to obey."""
    narrator = Narrator(Wording("en"))
    narrator.tell(ParticipantJoined(1, 1, "Mei", "E-17", b"", "ssh"))
    assert narrator.tell(ChatSaid(2, 1, "one\ntwo \x1b[2J\u202e")) == "Mei writes: one two \\x1b[2J\\u202e"
    assert narrator.tell(ChatSaid(2, 0, "谢谢")) == "customer writes: 谢谢"


def test_people_are_called_by_name_once_they_are_known() -> None:
    """Before that by number; and a name cannot act on the reader's terminal."""
    narrator = Narrator(Wording("en"))
    assert narrator.tell(ParticipantLeft(1, 1)) == "engineer 1 left."
    narrator.tell(ParticipantJoined(1, 1, "M\x1b[2Jei", "E-17", b"", "ssh"))
    assert narrator.tell(ParticipantLeft(1, 1)) == "M\\x1b[2Jei left."


def test_who_asked_for_the_session_is_named_from_the_beginning() -> None:
    """The manifest names them, whatever their number; of a manifest that nobody can read, the number is left."""
    recording = make_recording()
    manifest, asked = ManifestRecorded(0, recording.salt, encode_manifest(recording.manifest)), ParticipantLeft(1, 2)
    narrator = Narrator(Wording("en"))
    narrator.tell(manifest)
    assert narrator.tell(asked) == "Mei Example left."
    narrator.tell(ParticipantJoined(2, 2, "Mei Example", "E-17", b"", "ssh"))
    assert narrator.tell(ParticipantLeft(3, 3)) == "engineer 3 left."
    hostile = Narrator(Wording("en"))
    hostile.tell(ManifestRecorded(0, b"", b"\xc1"))
    assert hostile.tell(asked) == "engineer 2 left."


def test_a_take_over_is_told_with_both_names() -> None:
    """What was asked, and what came of it."""
    narrator = Narrator(Wording("en"))
    for number, name in ((1, "Mei"), (2, "Li")):
        narrator.tell(ParticipantJoined(1, number, name, f"E-{number}", b"", "ssh"))
    asked = narrator.tell(ConsentAsked(2, 2, (Scope.SHELL,), 0, "my shift", "", takes_over=1))
    assert asked == "Li asks to take over from Mei, with shell: my shift"
    assert narrator.tell(TakenOver(3, 2, 1)) == "Li has taken over from Mei, as the customer allowed."


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("90", 90_000), ("1:30", 90_000), ("0:01:30.5", 90_500), ("2:00:00", 7_200_000), ("1.25", 1250)],
)
def test_times_are_read(text: str, milliseconds: int) -> None:
    """As seconds, or as clocks write them."""
    assert parse_clock(text) == milliseconds


@pytest.mark.parametrize("text", ["", "x", "1:2:3:4", "-5", "1.5:3", "١", "1:", "9" * 30, "1e9", "nan"])
def test_what_is_no_time_is_none(text: str) -> None:
    """No guess is made."""
    assert parse_clock(text) is None


@pytest.mark.parametrize(("t_ms", "text"), [(0, "00:00.0"), (90_540, "01:30.5"), (3_600_000, "1:00:00.0")])
def test_times_are_written(t_ms: int, text: str) -> None:
    """With hours only where there are some."""
    assert clock_text(t_ms) == text
