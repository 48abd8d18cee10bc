"""From recordings on a disk to what quality knows."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from audit.quality.intake import take_in
from audit.quality.marks import MarkRules
from audit.quality.sessions import SessionFacts
from audit.storage.quality import SqlQuality
from protocol.events import Event, FileOperation, InputHidden, SessionPaused, SessionResumed
from tests.helpers.recordings import (
    START_MS,
    SealedRecording,
    closing_events,
    make_key,
    make_recording,
    make_session,
    opening_events,
    seal_session,
)

RULES = MarkRules.load()
LATER_MS = START_MS + 3_600_000


async def facts_of(store: SqlQuality, folder: Path, recording: SealedRecording) -> SessionFacts:
    await take_in(store, folder, recording.keys, RULES, LATER_MS)
    (facts,) = await store.sessions()
    return facts


def session_of(events: Sequence[Event]) -> SealedRecording:
    session = make_session()
    return seal_session(session, [opening_events(session), events, closing_events(session, b"", 60_000)])


async def test_a_recording_becomes_facts(store: SqlQuality, tmp_path: Path) -> None:
    """Who, when, the customer's answer, how long, and that it is whole."""
    recording = make_recording()
    recording.write(tmp_path)
    facts = await facts_of(store, tmp_path, recording)
    assert (facts.engineer, facts.staff_number, facts.ticket, facts.customer) == (
        "Mei Example", "E-17", "T-1", "shop@till-3"
    )  # fmt: skip
    assert (facts.stars, facts.solved, facts.comment) == (5, True, "thanks")
    assert (facts.ended_at_ms, facts.state, facts.intact) == (START_MS + 60_000, "complete", True)
    assert facts.first_response_ms == 1000  # allowed at 4 s, the first key at 5 s
    assert len(facts.chain_hash) == 64


async def test_pauses_of_the_customer_are_not_handling_time(store: SqlQuality, tmp_path: Path) -> None:
    """A minute from the yes to the end, without the twenty seconds that the customer took."""
    recording = session_of([SessionPaused(10_000, "customer"), SessionResumed(30_000, "customer")])
    recording.write(tmp_path)
    facts = await facts_of(store, tmp_path, recording)
    assert facts.active_ms == 60_010 - 4_000 - 20_000


async def test_the_first_thing_that_an_engineer_does_is_their_response(store: SqlQuality, tmp_path: Path) -> None:
    """The customer's own keys, and opening the room, are none."""
    recording = session_of([InputHidden(9_000, 0, 0, 1), InputHidden(14_000, 0, 1, 1)])
    recording.write(tmp_path)
    assert (await facts_of(store, tmp_path, recording)).first_response_ms == 10_000


async def test_marks_come_with_the_facts(store: SqlQuality, tmp_path: Path) -> None:
    """By the rules that come along."""
    recording = session_of([FileOperation(9_000, 2, 1, "read", "/d", "", "ok", 200 * 1024 * 1024, b"", ())])
    recording.write(tmp_path)
    assert [mark.rule for mark in (await facts_of(store, tmp_path, recording)).marks] == ["bulk-out"]


async def test_only_what_changed_is_read_again(store: SqlQuality, tmp_path: Path) -> None:
    """A rating that comes late changes one session; other rules change all."""
    keys = [make_key()]
    for number in (1, 2):
        make_recording(keys=keys, session_id=bytes([number]) * 16).write(tmp_path, rated=False)
    first = await take_in(store, tmp_path, keys, RULES, LATER_MS)
    again = await take_in(store, tmp_path, keys, RULES, LATER_MS)
    assert (first.read, again.read) == (2, 0)
    other = MarkRules(RULES.rule[:1])
    assert (await take_in(store, tmp_path, keys, other, LATER_MS)).read == 2


@pytest.mark.parametrize("damage", ["truncated", "flipped", "other-key"])
async def test_a_recording_that_cannot_be_read_is_known_all_the_same(
    store: SqlQuality, tmp_path: Path, damage: str
) -> None:
    """Without what stands in it, and never as intact; the list hides nothing."""
    recording = make_recording()
    data = bytearray(recording.data)
    if damage == "flipped":
        data[len(data) // 2] ^= 1
    recording.write(tmp_path, data=bytes(data[:-200] if damage == "truncated" else data))
    keys = [make_key()] if damage == "other-key" else recording.keys
    await take_in(store, tmp_path, keys, RULES, LATER_MS)
    (facts,) = await store.sessions()
    assert facts.session_id == recording.session_id.hex()
    assert facts.intact is False
