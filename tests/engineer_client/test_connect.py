"""From a code to a prompt, with the real command, the real broker and stock ssh."""

import json
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from engineer_client.connect import AccessWish, establish
from engineer_client.control import AccessDenied
from engineer_client.login import ClocksApart, Login
from engineer_client.shown import clock_text
from engineer_client.ssh_config import AliasTaken
from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.grants import REFUSAL_LIMIT, AskedTooOften, Scope, TooLongAsked
from protocol.messages.control import Denied
from tests.broker.harness import RunningBroker
from tests.engineer_client.conftest import Desk, a_wish
from tests.engineer_client.customer import END_MS, Customer, denied, granted, read_known_hosts
from tunnel.log_memory import LogMemory

pytestmark = pytest.mark.usefixtures("login")

QUIETLY = ("--no-ssh-config", "--reason", "receipts never arrive", "--ticket", "8841")


async def test_a_command_runs_and_its_status_comes_back(desk: Desk, customer: Customer) -> None:
    """`connect CODE -- exit 7`: output on standard output, status 7, and the session stays for stock ssh."""
    code = await customer.new_code()
    done = await desk.run("connect", str(code), *QUIETLY, "--minutes", "20", "--", "exit", "7")
    assert (done.status, done.out) == (7, "ran exit 7\n"), done.err
    request = customer.requests[0]
    assert (request.reason, request.minutes, request.scopes) == ("receipts never arrive", 20, (Scope.SHELL,))
    alias = f"cs-{code.nameplate}"
    assert f"consentry end {alias}" in done.err
    assert "sftp" not in done.err, "without a scope for files there is none"
    again = await desk.ssh(alias, "exit", "9")
    assert (again.status, again.out) == (9, "ran exit 9\n"), again.err


async def test_with_end_nothing_stays_open(desk: Desk, customer: Customer) -> None:
    """`--end`: one command, and the session is over, told as such; no key stays behind."""
    code = await customer.new_code()
    done = await desk.run("connect", str(code), *QUIETLY, "--end", "--", "exit", "7")
    assert done.status == 7
    assert done.err.endswith(f"cs-{code.nameplate} is ended.\n")
    assert "stays open" not in done.err
    assert list(desk.state.sessions.iterdir()) == []


async def test_json_gives_a_script_what_it_needs(desk: Desk, customer: Customer) -> None:
    """`--json` prints the facts and opens no shell; standard output is JSON and nothing else."""
    code = await customer.new_code()
    done = await desk.run("connect", str(code), *QUIETLY, "--json", "--scope", "shell", "--scope", "files:r")
    facts = json.loads(done.out)
    assert done.status == 0
    assert facts["session_id"] == customer.session_id.hex()
    assert facts["scopes"] == ["shell", "files:r"]
    assert (await desk.ssh("-G", facts["alias"])).out.count("stricthostkeychecking true") == 1
    assert read_known_hosts(desk.state.sessions / facts["alias"] / "known_hosts") == [
        b"ssh-ed25519",
        b"ecdsa-sha2-nistp256",
    ]


async def test_a_wrong_code_says_so_and_leaves_nothing(desk: Desk, customer: Customer) -> None:
    """The code is burnt, the sentence says what to do, and no key and no entry stays behind."""
    code = await customer.new_code()
    wrong = type(code)(code.nameplate, f"{(int(code.secret) + 1) % 10**7:07}")
    done = await desk.run("connect", str(wrong), *QUIETLY)
    assert done.status == 1
    assert "The code was not right, and is used up." in done.err
    assert list(desk.state.sessions.iterdir()) == []
    assert "Host" not in desk.state.ssh_config.read_text()


async def test_a_no_is_told_and_leaves_nothing(desk: Desk, customer: Customer) -> None:
    """In the engineer's language."""
    customer.answer = lambda _: denied()
    code = await customer.new_code()
    done = await desk.run("connect", str(code), *QUIETLY, CONSENTRY_LANGUAGE="zh-CN")
    assert (done.status, done.out) == (1, "")
    assert done.err.endswith("客户没有同意。\n")
    assert list(desk.state.sessions.iterdir()) == []


async def test_what_cannot_be_granted_does_not_spend_the_code(desk: Desk, login: Login, customer: Customer) -> None:
    """Too many minutes are refused here; the same code is still good afterwards."""
    code = await customer.new_code()
    with pytest.raises(TooLongAsked):
        await establish(desk.state, login, code, a_wish(minutes=480), lambda _: None)
    live = await establish(desk.state, login, code, a_wish(), lambda _: None)
    await live.aclose()


async def test_a_hostile_name_is_shown_and_not_obeyed(desk: Desk, customer: Customer) -> None:
    """What the customer's machine calls itself can neither drive the terminal nor get into the ssh configuration."""
    customer.answer = lambda _: granted(
        user_name="x\x1b]0;owned\x07\nHost *\n  ProxyCommand evil", folders=("/\x1b[2J",)
    )
    code = await customer.new_code()
    done = await desk.run("connect", str(code), *QUIETLY, "--no-shell")
    assert done.status == 0
    assert "\x1b" not in done.err
    assert "\\x1b]0;owned" in done.err
    assert "evil" not in desk.state.ssh_config.read_text()


async def test_an_alias_that_is_taken_is_refused_before_the_code_is_spent(
    desk: Desk, login: Login, customer: Customer
) -> None:
    """A live session's name is not given to another; left to itself, connect finds a free one."""
    code = await customer.new_code()
    (desk.state.sessions / "mine").mkdir(parents=True, mode=0o700)
    (desk.state.sessions / f"cs-{code.nameplate}").mkdir(mode=0o700)
    with pytest.raises(AliasTaken):
        await establish(desk.state, login, code, a_wish(alias="mine"), lambda _: None)
    live = await establish(desk.state, login, code, a_wish(), lambda _: None)
    assert live.files.alias == f"cs-{code.nameplate}-2"
    await live.aclose()


async def test_without_a_terminal_scope_no_shell_is_opened(desk: Desk, customer: Customer) -> None:
    """Files only: the name for sftp and scp is all there is to tell."""
    customer.answer = lambda _: granted(scopes=(Scope.FILES_READ,), folders=("/srv/app",))
    done = await desk.run("connect", str(await customer.new_code()), *QUIETLY, "--scope", "files:r")
    assert (done.status, done.out) == (0, "")
    assert "/srv/app" in done.err
    assert customer.terminal_sizes == []


async def test_a_session_that_is_not_in_the_log_is_not_opened(desk: Desk, customer: Customer) -> None:
    """The customer's end says yes, and no entry can be proved: the session is ended, and nothing stays behind."""
    customer.records = False
    done = await desk.run("connect", str(await customer.new_code()), *QUIETLY)
    assert done.status == 1
    assert "no such entry" in done.err
    assert list(desk.state.sessions.iterdir()) == []


async def test_a_log_that_is_smaller_than_it_was_is_refused_loudly(
    desk: Desk, login: Login, customer: Customer, broker: RunningBroker
) -> None:
    """This machine has seen more of it: what it remembers does not depend on the broker."""
    log, key = broker.organisation.profile.log, broker.organisation.log_key
    assert log is not None
    assert key is not None
    memory = LogMemory(desk.state.folder, log.policy)
    note = sign_checkpoint(Checkpoint(log.policy.log_key.name, 99, b"r" * 32), key)
    memory._write(memory._file, note)
    done = await desk.run("connect", str(await customer.new_code()), *QUIETLY)
    assert done.status == 1
    assert "had 99 when it was last seen here" in done.err
    assert list(desk.state.sessions.iterdir()) == []
    assert any(".conflict-" in path.name for path in (desk.state.folder / "logs").iterdir())


async def test_the_customer_is_asked_again_without_a_new_code(desk: Desk, login: Login, customer: Customer) -> None:
    """Where the session goes on without the engineer: the same pairing, another reason, and a yes."""
    answers = [denied(), Denied(reason="timeout"), granted()]
    customer.answer = lambda _: answers.pop(0)
    refused: list[object] = []

    def ask_again(refusal: AccessDenied, wish: AccessWish) -> AccessWish:
        refused.append(refusal.fields["reason"])
        return replace(wish, reason=f"again, no. {len(refused)}")

    code = await customer.new_code()
    live = await establish(desk.state, login, code, a_wish(), lambda _: None, ask_again=ask_again)
    assert refused == ["customer", "timeout"]
    assert [one.reason for one in customer.requests[-2:]] == ["again, no. 1", "again, no. 2"]
    assert live.files.load_facts().reason == "again, no. 2"
    await live.aclose()


async def test_nobody_is_worn_down_by_asking(desk: Desk, login: Login, customer: Customer) -> None:
    """After so many refusals the agent would answer no more, and the engineer is told that it takes a new code."""
    customer.answer = lambda _: denied()
    code = await customer.new_code()
    with pytest.raises(AskedTooOften):
        await establish(desk.state, login, code, a_wish(), lambda _: None, ask_again=lambda _, wish: wish)
    assert len(customer.requests) == REFUSAL_LIMIT
    assert list(desk.state.sessions.iterdir()) == []


async def test_what_a_rule_refuses_is_not_asked_again(desk: Desk, login: Login, customer: Customer) -> None:
    """It would be refused again."""
    customer.answer = lambda _: Denied(reason="scope")
    code = await customer.new_code()
    with pytest.raises(AccessDenied):
        await establish(desk.state, login, code, a_wish(), lambda _: None, ask_again=lambda _, wish: wish)
    assert len(customer.requests) == 1


@pytest.mark.parametrize(("after_it_ms", "is_told"), [(-60_000, True), (60_000, False)])
async def test_a_login_that_ends_before_the_session_is_told_at_its_beginning(
    desk: Desk, login: Login, customer: Customer, after_it_ms: int, is_told: bool
) -> None:
    """With the time, and what to do: later the terminal belongs to the customer's shell. The session goes on."""
    file = next(desk.state.logins.glob("*.json"))
    ends_at_ms = END_MS + after_it_ms
    file.write_text(json.dumps(json.loads(file.read_text()) | {"expires_at_ms": ends_at_ms}))
    done = await desk.run("connect", str(await customer.new_code()), *QUIETLY, "--no-shell")
    assert done.status == 0, done.err
    assert (f"Your login ends at {clock_text(ends_at_ms)}" in done.err) is is_told


@pytest.mark.parametrize(("minutes_ahead", "apart"), [(60, 60), (-24 * 60, 24 * 60)])
async def test_clocks_that_differ_are_called_so(
    desk: Desk, login: Login, customer: Customer, monkeypatch: pytest.MonkeyPatch, minutes_ahead: int, apart: int
) -> None:
    """By how much, and whose to mend; nobody is told to log in again, and the code is not spent."""
    theirs = time.time()
    ours = SimpleNamespace(time=lambda: theirs - minutes_ahead * 60)
    monkeypatch.setattr("engineer_client.connect.time", ours)
    code = await customer.new_code()
    with pytest.raises(ClocksApart, match="Logging in again does not help") as told:
        await establish(desk.state, login, code, a_wish(), lambda _: None)
    assert told.value.fields["minutes"] == pytest.approx(apart, abs=1)
    monkeypatch.undo()
    live = await establish(desk.state, login, code, a_wish(), lambda _: None)
    await live.aclose()
