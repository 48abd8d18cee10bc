"""What exists only after consent: first the recording on the broker's disk, then everything that can be reached."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from agent_client.host import unix_ms
from agent_client.live import NOBODY_LOOKS, LiveSession, consent_text, open_live_session
from agent_client.participant import Participant
from agent_client.recorder.errors import RecordsRefused
from agent_client.recorder.recorded_session import RecorderCallbacks
from agent_client.recorder.redaction import RedactionRules
from protocol.certificates import read_certificate
from protocol.errors import ConsentryError
from protocol.events import ManifestRecorded, decode_manifest
from protocol.grants import GrantMachine, Scope
from tests.agent_client.conftest import Support
from tests.agent_client.people import CA_KEY, CustomerAtTest, EngineerAtTest, proved_at_once
from wording import Wording


def granted(engineer: EngineerAtTest, folder: Path, *, minutes: int) -> Participant:
    now_ms = unix_ms()
    certificate = read_certificate(engineer.certificate, CA_KEY.public_key().public_bytes_raw(), now_ms)
    machine = GrantMachine(1, max_scopes=certificate.max_scopes, max_minutes=60)
    participant = Participant(1, certificate, engineer.request(), machine, (folder,))
    participant.ask(engineer.request(Scope.FILES_READ, Scope.VIEW, minutes=30))
    machine.allow({Scope.FILES_READ}, minutes, now_ms)
    return participant


@pytest.fixture
def first(tmp_path: Path) -> Participant:
    return granted(EngineerAtTest(issued_at_ms=unix_ms()), tmp_path, minutes=5)


async def opened(support: Support, first: Participant, face: CustomerAtTest, **changes: bytes) -> LiveSession:
    link, identity, _ = await support.open()
    if changes:
        identity = replace(identity, opened=structs.replace(identity.opened, **changes))
    try:
        return await open_live_session(
            identity,
            first,
            state=support.folder / "state",
            face=face,
            wording=Wording("en"),
            rules=RedactionRules.load(),
            clock_offset_ms=7,
            callbacks=RecorderCallbacks(),
            log_watch=proved_at_once(),
        )
    finally:
        await link.close()


@pytest.fixture
async def live(support: Support, first: Participant) -> AsyncIterator[LiveSession]:
    live = await opened(support, first, CustomerAtTest())
    yield live
    await live.kill()
    await live.recorder.aclose()


async def test_the_manifest_is_durable_before_anything_can_be_reached(support: Support, live: LiveSession) -> None:
    """Record 0 is on the broker's disk when opening returns; the manifest follows as the first event, unchanged."""
    events, is_whole = support.recorded(live.manifest.session_id)
    assert not is_whole
    finished = await live.recorder.finish("customer-ended")
    assert finished.delivered
    events, is_whole = support.recorded(live.manifest.session_id)
    assert is_whole
    manifest = events[0]
    assert isinstance(manifest, ManifestRecorded)
    assert manifest.salt == live.salt
    assert decode_manifest(manifest.manifest) == live.manifest


async def test_the_manifest_says_what_was_allowed_not_what_was_asked(live: LiveSession, first: Participant) -> None:
    """The customer gave five minutes of thirty and one scope of two: that is what both sides sign for."""
    manifest = live.manifest
    assert manifest.scopes == (Scope.FILES_READ,)
    assert manifest.expires_at_ms == first.expires_at_ms
    assert "allowed for 5 minutes: read files." in manifest.consent_text
    assert manifest.clock_offset_ms == 7
    assert (manifest.reason, manifest.ticket, manifest.engineer.name) == (
        "receipts never arrive",
        "8841",
        "Wei Example",
    )


async def test_a_customer_without_a_screen_decides_no_size(live: LiveSession) -> None:
    """Their seat is larger than any window."""
    assert (live.customer_seat.columns, live.customer_seat.rows) == NOBODY_LOOKS


async def test_where_the_recording_is_refused_nothing_exists(support: Support, first: Participant) -> None:
    """A broker that does not take the records gets no session; nothing is left in the spool."""
    with pytest.raises(ConsentryError) as refused:
        await opened(support, first, CustomerAtTest(), session_token=bytes(32))
    assert isinstance(refused.value, RecordsRefused)
    assert list((support.folder / "state" / "spool").iterdir()) == []


@pytest.mark.parametrize(("language", "words"), [("en", "allowed for 5 minutes"), ("zh-CN", "5")])
def test_consent_is_a_sentence_in_the_customers_language(first: Participant, language: str, words: str) -> None:
    """It names who, why, what and how long."""
    text = consent_text(first, Wording(language), now_ms=unix_ms())  # type: ignore[arg-type]
    assert words in text
    assert "Wei Example" in text
    assert "receipts never arrive" in text
