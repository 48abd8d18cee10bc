"""Everything that engineers run stands still while at least one reason stands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_client.faces.notices import Paused, Resumed
from agent_client.freezer import Freezer
from agent_client.live import LiveSession
from protocol.events import SessionPaused, SessionResumed
from tests.agent_client.collecting import CollectedRecording
from tests.agent_client.people import CustomerAtTest, a_live_session, an_identity


class Ice:
    """A freezer before a live session whose room and SSH server are real."""

    def __init__(self, folder: Path) -> None:
        self.face = CustomerAtTest()
        self.recording = CollectedRecording()
        self.freezer = Freezer(self.face)
        self.folder = folder
        self.live: LiveSession

    async def go_live(self) -> None:
        self.live = await a_live_session(an_identity(self.folder), self.recording, self.face, self.folder)
        self.freezer.session_opened(self.live)

    @property
    def is_frozen(self) -> bool:
        frozen = self.live.ssh._pause.active
        assert self.live.room._paused is frozen
        return frozen


@pytest.fixture
async def ice(tmp_path: Path) -> AsyncIterator[Ice]:
    ice = Ice(tmp_path)
    await ice.go_live()
    yield ice
    await ice.live.kill()


async def test_the_customer_pauses_and_goes_on(ice: Ice) -> None:
    """Recorded and shown, once each, however often the key is pressed."""
    for _ in range(2):
        ice.freezer.pause()
    assert ice.is_frozen
    for _ in range(2):
        ice.freezer.resume()
    assert not ice.is_frozen
    assert [type(event) for event in ice.recording.events] == [SessionPaused, SessionResumed]
    assert ice.face.notices == [Paused(by="customer"), Resumed(by="customer")]


async def test_a_question_freezes_and_thaws(ice: Ice) -> None:
    """A program of the engineer's cannot answer the question about itself; afterwards it goes on."""
    with ice.freezer.while_asking():
        assert ice.is_frozen
    assert not ice.is_frozen


async def test_two_questions_are_two_reasons(ice: Ice) -> None:
    """The first answer does not let the programs of the second one's engineer press keys."""
    with ice.freezer.while_asking():
        with ice.freezer.while_asking():
            assert ice.is_frozen
        assert ice.is_frozen
    assert not ice.is_frozen


async def test_a_pause_outlives_a_question_and_a_question_a_pause(ice: Ice) -> None:
    """Each reason stands for itself."""
    with ice.freezer.while_asking():
        ice.freezer.pause()
    assert ice.is_frozen
    with ice.freezer.while_asking():
        ice.freezer.resume()
        assert ice.is_frozen
    assert not ice.is_frozen


async def test_a_question_that_fails_leaves_nothing_frozen(ice: Ice) -> None:
    """Whatever ends the question ends the reason."""
    with pytest.raises(ZeroDivisionError), ice.freezer.while_asking():
        raise ZeroDivisionError
    assert not ice.is_frozen


async def test_a_session_that_opens_under_a_question_opens_frozen(tmp_path: Path) -> None:
    """One engineer was let in while a second one's question stands: the first one's programs wait."""
    ice = Ice(tmp_path)
    with ice.freezer.while_asking():
        await ice.go_live()
        assert ice.is_frozen
    assert not ice.is_frozen
    await ice.live.kill()


def test_before_anybody_is_in_there_is_nothing_to_pause(tmp_path: Path) -> None:
    """The key does nothing, and says nothing."""
    ice = Ice(tmp_path)
    ice.freezer.pause()
    ice.freezer.resume()
    assert ice.face.notices == []
