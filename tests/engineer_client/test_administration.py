"""`consentry tokens …` and `consentry webhooks …`, as an administrator types them, against a running broker."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer import Typer
from typer.testing import CliRunner

from engineer_client.administration_commands import MessageNeeded, tokens, webhooks
from engineer_client.login import log_in
from engineer_client.state import State
from engineer_client.webhooks import Webhooks, WebhookUnclear
from protocol.errors import PeerError
from tests.broker.harness import PASSWORD, RunningBroker, add_user, found, make_settings, running
from tests.helpers.ports import free_port
from tunnel.api_tokens import TokenUnclear, revoke_token
from tunnel.json_api import JsonApi, ServerRefused


@dataclass
class Seat:
    """Somebody's machine. Commands run in this process: starting one costs more than all that they do."""

    home: Path
    language: str = "en"

    async def run(self, app: Typer, *arguments: str, given: str = "") -> tuple[int, str, str]:
        """Status, output and hints; what the command raises is raised."""

        def invoke() -> tuple[int, str, str]:
            environment = {"CONSENTRY_HOME": str(self.home), "CONSENTRY_LANGUAGE": self.language}
            result = CliRunner().invoke(app, list(arguments), input=given, env=environment, standalone_mode=False)
            if result.exception is not None:
                raise result.exception
            return int(result.return_value or 0), result.stdout, result.stderr

        return await asyncio.to_thread(invoke)

    async def printed(self, app: Typer, *arguments: str) -> str:
        status, out, _ = await self.run(app, *arguments)
        assert status == 0, out
        return out


@dataclass
class Office:
    broker: RunningBroker
    engineer: Seat
    administrator: Seat


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    port = free_port()
    settings = make_settings(tmp_path / "data", listen_port=port)
    organisation = found(settings, origin=f"https://localhost:{port}")
    await add_user(settings)
    await add_user(settings, "ada", "A-1", name="Ada Example", role="administrator")
    # The broker's log lines would stand among what commands print: both use this process' standard output.
    with capture_logs():
        async with running(settings, organisation) as broker:
            for user in ("wei", "ada"):
                state = State(tmp_path / user, tmp_path / user)
                await log_in(state, str(organisation.share_url), user, lambda: PASSWORD, lambda: "")
            yield Office(broker, Seat(tmp_path / "wei"), Seat(tmp_path / "ada"))


async def test_tokens_are_made_listed_and_revoked(office: Office) -> None:
    """The secret goes to standard output alone; an administrator ends somebody else's, nobody else does."""
    wei, ada = office.engineer, office.administrator
    _, out, hints = await wei.run(
        tokens, "make", "wall", "--may", "sessions", "--password-stdin", given=f"{PASSWORD}\n"
    )
    token = out.strip()
    assert (await office.broker.request("GET", "/v1/sessions", token=token)).status == 200
    assert "only now" in hints
    (own,) = json.loads(await wei.printed(tokens, "list", "--json"))
    assert (own["name"], own["permissions"]) == ("wall", ["sessions"])
    assert token not in await wei.printed(tokens, "list")
    with pytest.raises(ServerRefused, match="role"):
        await wei.run(tokens, "list", "--everybody")
    assert (await ada.printed(tokens, "list", "--everybody")).startswith("wei  ")
    with pytest.raises(TokenUnclear):
        await ada.run(tokens, "revoke", own["token_id"])
    assert (await ada.printed(tokens, "revoke", own["token_id"][:8], "--everybody")).strip() == "Revoked: wall"
    assert (await office.broker.request("GET", "/v1/sessions", token=token)).status == 401
    assert await wei.printed(tokens, "list") == ""


async def test_a_refusal_with_facts_comes_in_the_language_of_the_command(office: Office) -> None:
    """The command could not translate it: it does not know the facts."""
    chinese = Seat(office.engineer.home, "zh-CN")
    with pytest.raises(ServerRefused) as refused:
        await chinese.run(tokens, "make", "wall", "--may", "people")
    assert refused.value.fields["reason"] == "API 令牌最多可以有：end, notes, queue, sessions。"


async def test_a_webhook_from_its_first_test_to_its_end(office: Office) -> None:
    """A test that is not taken is a failure of the command; what is shown afterwards says why."""
    ada = office.administrator
    url = "https://hooks.invalid/x"
    made = json.loads(await ada.printed(webhooks, "add", url, "--event", "session.ended", "--json"))
    assert (made["secret"][:6], made["events"]) == ("whsec_", ["session.ended"])
    number = made["webhook_id"][:8]
    status, shown, _ = await ada.run(webhooks, "test", number)
    assert (status, "not taken" in shown) == (1, True)
    (message,) = json.loads(await ada.printed(webhooks, "messages", number, "--json"))
    assert (message["kind"], message["state"]) == ("webhook.test", "failed")
    with pytest.raises(MessageNeeded):
        await ada.run(webhooks, "replay", number, "nothing")
    await ada.printed(webhooks, "pause", number)
    assert "paused" in await ada.printed(webhooks, "list")
    await ada.printed(webhooks, "resume", number)
    assert "whsec_" in await ada.printed(webhooks, "secret", number)
    with pytest.raises(ServerRefused, match="role"):
        await office.engineer.run(webhooks, "list")
    await ada.printed(webhooks, "remove", number)
    assert await ada.printed(webhooks, "list") == ""


class AnsweringApi(JsonApi):
    def __init__(self, answer: Any) -> None:
        super().__init__("https://broker.example", None)
        self.answer = answer

    def get(self, path: str) -> Any:
        assert path.startswith("/v1/")
        return self.answer

    def delete(self, path: str) -> Any:
        raise AssertionError(path)


@pytest.mark.parametrize("answer", [None, {"webhooks": [{}]}, {"tokens": [{"token_id": "../x"}]}])
def test_an_answer_that_makes_no_sense_is_one_sentence(answer: Any) -> None:
    with pytest.raises(PeerError, match="makes no sense"):
        Webhooks(AnsweringApi(answer)).all()
    with pytest.raises(PeerError, match="makes no sense"):
        revoke_token(AnsweringApi(answer), "5c", "consentry tokens")


@pytest.mark.parametrize("beginning", ["", "ff", "../"])
def test_digits_that_mean_none_end_nothing(beginning: str) -> None:
    with pytest.raises(WebhookUnclear):
        Webhooks(AnsweringApi({"webhooks": []})).remove(beginning)
    with pytest.raises(TokenUnclear):
        revoke_token(AnsweringApi({"tokens": []}), beginning, "consentry tokens")
