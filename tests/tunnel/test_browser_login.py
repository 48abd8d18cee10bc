"""A command waits for somebody in a browser: what it makes of whatever a server may answer."""

from typing import Any

import pytest

from protocol.errors import PeerError
from tunnel.browser_login import SignInElsewhere, ask_through_browser
from tunnel.json_api import JsonApi, ServerRefused

ORIGIN = "https://audit.example.org:8444"
BEGUN = {
    "device_code": "d",
    "user_code": "BCDF-GHJK",
    "verification_uri_complete": f"{ORIGIN}/desk/#/link/BCDF-GHJK",
    "interval": 5,
}


class Server(JsonApi):
    """Answers in turn; a text is the code of a refusal."""

    def __init__(self, *answers: dict[str, Any] | str) -> None:
        super().__init__(ORIGIN, None)
        self._answers = list(answers)

    def post(self, path: str, body: dict[str, object]) -> Any:
        answer = self._answers.pop(0)
        if isinstance(answer, str):
            raise ServerRefused(reason=answer, code=answer, status=400)
        return answer


async def ask(*answers: dict[str, Any] | str) -> tuple[Any, list[str], list[float]]:
    """The answer, what was shown, and how long was waited before each question."""
    shown: list[str] = []
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    return await ask_through_browser(Server(*answers), lambda *both: shown.extend(both), pause=pause), shown, waited


async def test_the_command_asks_until_somebody_has_answered() -> None:
    """As often as the server says, and slower when told so."""
    answer, shown, waited = await ask(BEGUN, "authorization-pending", "slow-down", "authorization-pending", {"a": 1})
    assert answer == {"a": 1}
    assert shown == [BEGUN["verification_uri_complete"], "BCDF-GHJK"]
    assert waited == [5, 5, 10, 10]


@pytest.mark.parametrize("code", ["device-login-denied", "device-login-expired"])
async def test_whoever_says_no_ends_the_waiting(code: str) -> None:
    """And a code that ran out does."""
    with pytest.raises(ServerRefused, match=code):
        await ask(BEGUN, "authorization-pending", code)


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/desk/#/link/BCDF-GHJK", f"{ORIGIN}.evil.example/desk/", f"{ORIGIN}@evil.example/desk/"],
)
async def test_nobody_is_sent_to_another_address_without_a_word(link: str) -> None:
    """Nothing is shown: a link is opened before it is read."""
    with pytest.raises(SignInElsewhere, match="evil"):
        await ask(BEGUN | {"verification_uri_complete": link})


@pytest.mark.parametrize(
    "change",
    [{"user_code": "rm -rf"}, {"interval": 0}, {"interval": 10**6}, {"verification_uri_complete": "javascript:x"},
     {"verification_uri_complete": f"{ORIGIN}/\x1b[2J"}, {"device_code": 7}],
)  # fmt: skip
async def test_what_makes_no_sense_is_not_shown(change: dict[str, Any]) -> None:
    """A server's answer ends on somebody's terminal."""
    with pytest.raises(PeerError, match="makes no sense"):
        await ask(BEGUN | change)
