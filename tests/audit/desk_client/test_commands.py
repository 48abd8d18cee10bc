"""`consentry desk …` against a running audit service, as its people would type it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from typer import BadParameter
from typer.testing import CliRunner

from audit.desk_client.asking import NobodyToAskHere
from audit.desk_client.client import DeskSessionAmbiguous, DeskSessionUnknown
from audit.desk_client.commands import FileInTheWay, NothingNamed, ServiceNeeded, app
from audit.desk_client.login import log_in_through_browser
from audit.service.retention import DAY_MS
from audit.service.setup import tls_files
from tests.audit.service.harness import RunningAudit, running_audit
from tests.audit.service.house import NEEDLE, House, arrived, make_house, record
from tests.broker.harness import PASSWORD, FakeClock
from tests.helpers.recordings import SealedRecording
from tests.helpers.waiting import PATIENCE_SECONDS
from tunnel.api_tokens import TokenUnclear
from tunnel.json_api import LoginNeeded, ServerNotTrusted, ServerRefused

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Seat:
    """One person's machine."""

    audit: RunningAudit
    home: Path

    async def desk(self, *arguments: str, given: str = "") -> str:
        """What the command prints; what it raises is raised, status other than 0 fails."""
        return (await self.outcome(*arguments, given=given))[1]

    async def outcome(self, *arguments: str, given: str = "") -> tuple[int, str]:
        def run() -> tuple[int, str]:
            environment = {"CONSENTRY_HOME": str(self.home), "CONSENTRY_LANGUAGE": "en"}
            result = CliRunner().invoke(app, list(arguments), input=given, env=environment, standalone_mode=False)
            if result.exception is not None:
                raise result.exception
            return int(result.return_value or 0), result.stdout

        return await asyncio.to_thread(run)

    async def log_in(self, user: str) -> str:
        origin = f"https://localhost:{self.audit.server.port}"
        certificate = str(tls_files(self.audit.settings.data_folder)[0])
        return await self.desk(
            "login", origin, "--user", user, "--certificate", certificate, "--password-stdin", given=f"{PASSWORD}\n"
        )


@dataclass
class Office:
    """An audit service more than a year after two sessions, one of which is under a legal hold."""

    audit: RunningAudit
    recording: SealedRecording
    doomed: SealedRecording
    folder: Path

    @property
    def number(self) -> str:
        return self.recording.session_id.hex()[:12]

    async def seat(self, user: str) -> Seat:
        seat = Seat(self.audit, self.folder / user)
        await seat.log_in(user)
        return seat


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    # Its log lines would stand among what commands print: both use this process' standard output.
    with capture_logs():
        async with make_house(folder) as house, _office(house, folder) as office:
            yield office


@asynccontextmanager
async def _office(house: House, folder: Path) -> AsyncIterator[Office]:
    recording, doomed = await record(house), await record(house)
    clock = FakeClock(house.broker.server.broker.services.clock.unix_ms() + 401 * DAY_MS)
    async with running_audit(house.audit_settings, clock=clock) as audit:
        token = await audit.login("administrator")
        for one in (recording, doomed):
            await arrived(audit, token, one.session_id, condition="sound")
        path = f"/v1/sessions/{recording.session_id.hex()}/hold"
        assert (await audit.request("POST", path, {"reason": "court order"}, token=token)).status == 200
        yield Office(audit, recording, doomed, folder / "seats")


async def test_two_people_erase_a_recording_from_their_own_machines(office: Office) -> None:
    """A hold forbids it, who asked cannot confirm it, the second person's word carries it out."""
    one, other, admin = await office.seat("supervisor"), await office.seat("second"), await office.seat("administrator")
    doomed = office.doomed.session_id.hex()
    assert "investigation" in await admin.desk("hold", doomed, "--reason", "investigation")
    with pytest.raises(ServerRefused, match="legal hold"):
        await one.desk("ask", "erase", doomed, "--reason", "past its time")
    await admin.desk("lift-hold", doomed, "--reason", "the investigation is over")
    assert doomed[:12] in await one.desk("due")
    asked = json.loads(await one.desk("ask", "erase", "--all-due", "--reason", "past its time", "--json"))
    number = str(asked["request_id"])
    with pytest.raises(ServerRefused, match="other than the one who asked"):
        await one.desk("confirm", number)
    assert "past its time" in await other.desk("requests", "--state", "asked")
    assert json.loads(await other.desk("confirm", number, "--json"))["state"] == "done"
    assert "erased" in await one.desk("sessions")
    assert await one.outcome("ask", "erase", "--all-due", "--reason", "past its time") == (1, "")  # nothing is due now
    with pytest.raises(NothingNamed):
        await one.desk("ask", "erase", "--reason", "past its time")
    with pytest.raises(ServerRefused):
        await one.desk("fetch", doomed, "-o", str(office.folder / "after.txt"), "--purpose", "curious")
    assert not (office.folder / "after.txt").exists()


async def test_the_browser_logs_the_command_in(office: Office) -> None:
    """No password on this machine: a link and a code are shown, and whoever allows it is who is logged in."""
    in_browser, folder = await office.audit.login("supervisor"), office.folder / "by-browser"
    origin = f"https://localhost:{office.audit.server.port}"
    certificate = tls_files(office.audit.settings.data_folder)[0].read_text()
    shown: list[str] = []

    async def allow(_seconds: float) -> None:
        path = f"/v1/device-logins/{shown[-1]}"
        assert (await office.audit.request("POST", path, {"allow": True}, token=in_browser)).status == 204

    def show(link: str, code: str) -> None:
        assert link == f"{origin}/desk/#/link/{code}"
        shown.append(code)

    who = await log_in_through_browser(folder / "desk", origin, certificate, show, pause=allow)
    assert (who.user_name, who.role) == ("supervisor", "supervisor")
    assert office.number in await Seat(office.audit, folder).desk("sessions")


async def test_a_token_for_a_program_is_made_listed_and_revoked(office: Office) -> None:
    """Its secret goes to standard output alone; whoever has just logged in is not asked for a password."""
    seat = await office.seat("supervisor")
    token = (await seat.desk("tokens", "make", "monthly figures", "--may", "reports")).strip()
    assert (await office.audit.request("GET", "/v1/report", token=token)).status == 200
    listed = await seat.desk("tokens", "list")
    assert "monthly figures  (reports)" in listed
    assert token not in listed
    (own,) = (json.loads(line) for line in (await seat.desk("tokens", "list", "--json")).splitlines())
    with pytest.raises(TokenUnclear, match="consentry desk tokens list"):
        await seat.desk("tokens", "revoke", "zz")
    assert await seat.desk("tokens", "revoke", own["token_id"][:12]) == "Revoked: monthly figures\n"
    assert (await office.audit.request("GET", "/v1/report", token=token)).status == 401


async def test_an_export_is_fetched_by_who_asked_for_it(office: Office) -> None:
    """Into a file that was not there, and by nobody else."""
    one, other = await office.seat("supervisor"), await office.seat("second")
    number = str(
        json.loads(await one.desk("ask", "export", office.number, "--reason", "court", "--json"))["request_id"]
    )
    await other.desk("confirm", number)
    with pytest.raises(ServerRefused):
        await other.desk("export", number, "-o", str(office.folder / "other.cast"))
    file = office.folder / "session.cast"
    await one.desk("export", number, "-o", str(file))
    assert NEEDLE in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(FileInTheWay):
        await one.desk("export", number, "-o", str(file))
    assert list(office.folder.glob("*.cast")) == [file]


async def test_a_look_is_noted_with_its_purpose(office: Office) -> None:
    """Searching, fetching: everything that shows contents."""
    one = await office.seat("supervisor")
    text = office.folder / "session.txt"
    await one.desk("fetch", office.number, "-o", str(text), "--purpose", "complaint 8841")
    assert NEEDLE in text.read_text()
    status, checks = await one.outcome("verify", office.number)
    assert (status, "✗" in checks) == (0, False), checks
    assert "public log" in checks
    looks = [json.loads(line) for line in (await one.desk("who-saw", office.number, "--json")).splitlines()]
    assert [(look["user_name"], look["purpose"]) for look in looks if look["action"] == "view"] == [
        ("supervisor", "complaint 8841")
    ]


async def test_a_session_is_named_by_its_beginning(office: Office) -> None:
    """As `sessions` shows it; what is no number, or nobody's, is told before anything is asked for."""
    seat = await office.seat("reviewer")
    numbers = [json.loads(line)["session_id"] for line in (await seat.desk("sessions", "--json")).splitlines()]
    assert set(numbers) == {office.recording.session_id.hex(), office.doomed.session_id.hex()}
    for unknown in ("ffffffffffff", "../me", "%00"):
        with pytest.raises(DeskSessionUnknown):
            await seat.desk("verify", unknown)
    with pytest.raises((DeskSessionUnknown, DeskSessionAmbiguous)):
        await seat.desk("verify", "")


async def test_sessions_are_listed_by_team_and_tier(office: Office) -> None:
    """Of none, where the broker says nothing of either."""
    seat = await office.seat("supervisor")
    for options, count in ((("--team", "-"), 2), (("--team", "-", "--tier", "-"), 2), (("--team", "Berlin"), 0)):
        listed = (await seat.desk("sessions", *options, "--json")).splitlines()
        assert len(listed) == count, options


async def test_the_service_decides_what_a_role_may_do(office: Office) -> None:
    """The command knows no roles; the refusal is one sentence."""
    seat = await office.seat("reviewer")
    with pytest.raises(ServerRefused, match="reviewer"):
        await seat.desk("hold", office.number, "--reason", "mine")


async def test_a_login_is_pinned_to_the_certificate_and_ends_with_logout(office: Office) -> None:
    """A second login needs neither address nor certificate; the file is its owner's alone; the token is not printed."""
    seat = Seat(office.audit, office.folder / "new")
    with pytest.raises(ServiceNeeded):
        await seat.desk("login", "--user", "reviewer", "--password-stdin")
    with pytest.raises(ServerNotTrusted):
        await seat.desk(
            "login", f"https://localhost:{office.audit.server.port}", "--user", "reviewer", "--password-stdin",
            given=f"{PASSWORD}\n",
        )  # fmt: skip
    with pytest.raises(LoginNeeded):
        await seat.desk("sessions")
    await seat.log_in("reviewer")
    file = seat.home / "desk" / "login.json"
    assert file.stat().st_mode & 0o077 == 0
    again = await seat.desk("login", "--user", "reviewer", "--password-stdin", "--json", given=f"{PASSWORD}\n")
    token = json.loads(file.read_text())["token"]
    assert token not in again
    await seat.desk("logout")
    assert token not in file.read_text()
    with pytest.raises(LoginNeeded):
        await seat.desk("sessions")
    assert (await office.audit.request("GET", "/v1/me", token=token)).status == 401
    with pytest.raises(NobodyToAskHere):
        await seat.desk("login")


async def test_words_are_found_and_land_on_their_session(office: Office) -> None:
    """Once the index has it; what is no query is refused in a sentence."""
    seat = await office.seat("supervisor")
    session = office.recording.session_id.hex()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while session not in await seat.desk("search", NEEDLE, "--purpose", "complaint", "--json"):
            await asyncio.sleep(0.05)
    found = await seat.desk("search", NEEDLE, "--purpose", "complaint", "--json")
    assert session in {json.loads(line)["session_id"] for line in found.splitlines()}
    assert office.number in await seat.desk("search", NEEDLE, "--purpose", "complaint")


async def test_a_policy_is_decided_from_two_machines(office: Office) -> None:
    """Asked for in full, confirmed by somebody else, seen in the schedule, ended by one; all of it in the journal."""
    admin, second = await office.seat("administrator"), await office.seat("second")
    with pytest.raises(BadParameter, match="erase-when-due"):
        await admin.desk("policy", "ask", "pci", "--reason", "decision 12")
    asked = json.loads(
        await admin.desk("policy", "ask", "pci", "--erase-when-due", "--reason", "decision 12", "--json")
    )
    number = str(asked["policy_id"])
    with pytest.raises(ServerRefused, match="other than the one who asked"):
        await admin.desk("policy", "confirm", number)
    assert "in force" in await second.desk("policy", "confirm", number)
    assert "decision 12" in await admin.desk("policy", "list")
    await second.desk("schedule")
    assert "ended" in await second.desk("policy", "end", number)
    with pytest.raises(ServerRefused, match="no such policy"):
        await second.desk("policy", "refuse", number)
    journal = await second.desk("journal")
    assert "policy_confirmed" in journal
    assert "decision 12" in journal
    some = await second.desk("journal", "--kind", "policy_asked", "--user", "administrator")
    assert "policy_asked" in some
    assert "policy_confirmed" not in some


async def test_without_a_list_no_monitor_is_fed(office: Office) -> None:
    """And that is said, not an error."""
    assert await (await office.seat("supervisor")).outcome("siem") == (0, "")
