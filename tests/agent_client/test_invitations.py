"""Codes and pairings against an honest broker, and against one that lies."""

import secrets
from collections.abc import Callable
from dataclasses import replace

import pytest

from agent_client.faces.notices import CodeEnded, CodeShown, Notice
from agent_client.invitations import BURNT_CODES_LIMIT, Invitations, Paired
from protocol.codes import OneTimeCode, parse_code
from protocol.messages.agent import AgentToBroker, CancelCode, CodeClosed, CodeOpened, NewCode, PairingFinished
from protocol.messages.pairing import PairingMail, PairingOutcome, PairingStarted
from protocol.pairing import PAIRING_TIMEOUT_MS, EngineerPairing, PairingContext
from tests.helpers.pairing import CERTIFICATE_HASH, IDENTITY, NOW_MS

ORIGIN = "https://help.example.org"
ROOT_KEY = b"\x11" * 32
SESSION_ID = b"\x22" * 16
EXPIRES_AT_MS = NOW_MS + 600_000


class Desk:
    """The customer's end of the codes, and a broker that does what the test wants."""

    def __init__(self) -> None:
        self.sent: list[AgentToBroker] = []
        self.shown: list[Notice] = []
        self.paired: list[Paired] = []
        self.too_many_burnt = 0
        self.invitations = Invitations(
            broker_origin=ORIGIN,
            root_key=ROOT_KEY,
            session_id=SESSION_ID,
            identity=IDENTITY,
            send=self.sent.append,
            show=self.shown.append,
            on_paired=self.paired.append,
            on_too_many_burnt=self._too_many_burnt,
        )

    def _too_many_burnt(self) -> None:
        self.too_many_burnt += 1

    def sent_of(self, kind: type) -> list[AgentToBroker]:
        return [message for message in self.sent if isinstance(message, kind)]

    @property
    def nonces(self) -> list[bytes]:
        return [message.agent_nonce for message in self.sent if isinstance(message, NewCode)]

    @property
    def outcomes(self) -> list[PairingOutcome]:
        """What the customer saw a code end as."""
        return [notice.outcome for notice in self.shown if isinstance(notice, CodeEnded)]

    @property
    def verdicts(self) -> list[PairingOutcome]:
        """What the broker was told."""
        return [message.outcome for message in self.sent if isinstance(message, PairingFinished)]

    @property
    def code(self) -> OneTimeCode:
        """The newest that was shown."""
        return parse_code([notice.code for notice in self.shown if isinstance(notice, CodeShown)][-1])

    def open_code(self, nameplate: str = "482") -> OneTimeCode:
        self.invitations.offer()
        return self.opened(nameplate)

    def opened(self, nameplate: str) -> OneTimeCode:
        """The broker answers a request for a code."""
        self.invitations.receive(CodeOpened(nameplate=nameplate, expires_at_ms=EXPIRES_AT_MS), NOW_MS)
        return self.code

    def started(self, nameplate: str = "482", **changes: object) -> PairingStarted:
        facts: dict[str, object] = {
            "session_id": SESSION_ID,
            "nameplate": nameplate,
            "engineer_nonce": secrets.token_bytes(16),
            "agent_nonce": self.nonces[-1],
        }
        return PairingStarted(**{**facts, **changes})  # type: ignore[arg-type]

    def claim(self, code: OneTimeCode, **changes: object) -> EngineerPairing:
        """An engineer claims the nameplate, and the broker tells both ends."""
        started = self.started(code.nameplate)
        self.invitations.receive(started, NOW_MS)
        facts: dict[str, object] = {
            "broker_origin": ORIGIN,
            "root_key": ROOT_KEY,
            "session_id": SESSION_ID,
            "nameplate": code.nameplate,
            "engineer_nonce": started.engineer_nonce,
            "agent_nonce": started.agent_nonce,
        }
        context = PairingContext(**{**facts, **changes})  # type: ignore[arg-type]
        return EngineerPairing(code, context, CERTIFICATE_HASH, now_ms=NOW_MS)

    def carry(
        self, engineer: EngineerPairing, tamper: Callable[[PairingMail], PairingMail] = lambda mail: mail
    ) -> None:
        """Mail goes back and forth until neither end has any."""
        taken = len(self.sent)
        while mail := engineer.mail_to_send():
            for one in mail:
                self.invitations.receive(tamper(one), NOW_MS + 1)
            for message in self.sent[taken:]:
                if isinstance(message, PairingMail):
                    engineer.receive_mail(message, NOW_MS + 1)
            taken = len(self.sent)

    def guess_wrong(self, nameplate: str) -> None:
        """Somebody tries a code that is none."""
        code = self.opened(nameplate)
        wrong = replace(code, secret=f"{(int(code.secret) + 1) % 10**7:07}")
        self.carry(self.claim(wrong))


@pytest.fixture
def desk() -> Desk:
    return Desk()


# ── an honest broker ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_right_code_pairs(desk: Desk) -> None:
    """Both ends hold the same keys, the certificate is named, the broker is told, the code is gone."""
    engineer = desk.claim(desk.open_code())
    desk.carry(engineer)
    assert engineer.keys is not None
    assert desk.paired == [Paired(engineer.keys, CERTIFICATE_HASH)]
    assert (desk.verdicts, desk.outcomes) == (["paired"], ["paired"])
    assert len(desk.nonces) == 1


def test_the_secret_half_never_leaves(desk: Desk) -> None:
    """The customer sees the whole code; the broker is sent nothing that holds its secret half."""
    code = desk.open_code()
    desk.carry(desk.claim(code))
    assert code.secret.encode() not in repr(desk.sent).encode()


def test_a_wrong_code_burns_this_code_and_a_fresh_one_comes(desk: Desk) -> None:
    """Both sides are told; the guesser gets no confirmation; the customer is asked to read out another one."""
    desk.invitations.offer()
    desk.guess_wrong("482")
    assert (desk.verdicts, desk.outcomes) == (["wrong-code"], ["wrong-code"])
    assert [mail.phase for mail in desk.sent if isinstance(mail, PairingMail)] == ["yb"]
    assert len(set(desk.nonces)) == 2
    assert desk.paired == []


def test_after_three_burnt_codes_no_more_are_made(desk: Desk) -> None:
    """Somebody is guessing: a person has to look."""
    desk.invitations.offer()
    for nameplate in ("111", "112", "113"):
        assert desk.too_many_burnt == 0
        desk.guess_wrong(nameplate)
    assert (desk.too_many_burnt, len(desk.nonces)) == (1, BURNT_CODES_LIMIT)


def test_a_right_code_forgives_the_wrong_ones_before(desk: Desk) -> None:
    """Three in a row are counted, not three in a session."""
    desk.invitations.offer()
    desk.guess_wrong("111")
    desk.guess_wrong("112")
    desk.carry(desk.claim(desk.opened("113")))
    desk.invitations.offer()
    desk.guess_wrong("114")
    assert desk.too_many_burnt == 0


def test_an_engineer_who_does_not_go_on_uses_the_code_up(desk: Desk) -> None:
    """A run has thirty seconds; then the code is of no use any more and a fresh one is asked for."""
    desk.claim(desk.open_code())
    assert desk.invitations.deadline_ms == NOW_MS + PAIRING_TIMEOUT_MS
    desk.invitations.handle_time(NOW_MS + PAIRING_TIMEOUT_MS)
    assert (desk.verdicts, desk.outcomes) == (["expired"], ["expired"])
    assert desk.invitations.deadline_ms is None
    assert len(desk.nonces) == 2


@pytest.mark.parametrize("outcome", ["expired", "lost"])
def test_a_code_that_ran_out_is_replaced(desk: Desk, outcome: PairingOutcome) -> None:
    """The customer always has a code to read out."""
    desk.open_code()
    desk.invitations.receive(CodeClosed(nameplate="482", outcome=outcome), NOW_MS)
    assert (desk.outcomes, len(desk.nonces)) == ([outcome], 2)


def test_a_new_code_withdraws_the_old_one(desk: Desk) -> None:
    """One code is open at a time; the broker is told that nobody may use the old one."""
    desk.open_code("482")
    desk.open_code("483")
    assert desk.sent_of(CancelCode) == [CancelCode(nameplate="482")]
    assert desk.outcomes == ["cancelled"]
    desk.invitations.receive(desk.started("482", agent_nonce=desk.nonces[0]), NOW_MS)
    assert desk.verdicts == []


def test_withdrawing_in_the_middle_of_a_pairing_ends_it(desk: Desk) -> None:
    """Mail that comes afterwards is mail of an old code."""
    engineer = desk.claim(desk.open_code())
    desk.invitations.withdraw()
    desk.carry(engineer)
    assert desk.paired == []
    assert desk.sent_of(PairingMail) == []


def test_an_impatient_key_press_costs_nothing(desk: Desk) -> None:
    """Asked for twice before the first answer: the code that comes first is good, the other one is given back."""
    desk.invitations.offer()
    desk.invitations.offer()
    first = desk.opened("482")
    assert desk.opened("483") == first
    assert desk.sent_of(CancelCode) == [CancelCode(nameplate="483")]
    started = desk.started("482", agent_nonce=desk.nonces[0])
    desk.invitations.receive(started, NOW_MS)
    assert desk.verdicts == []


def test_a_code_that_comes_after_it_was_withdrawn_is_given_back(desk: Desk) -> None:
    """Nobody may wait behind a nameplate that no customer looks at."""
    desk.invitations.offer()
    desk.invitations.withdraw()
    desk.invitations.receive(CodeOpened(nameplate="482", expires_at_ms=EXPIRES_AT_MS), NOW_MS)
    assert desk.sent_of(CancelCode) == [CancelCode(nameplate="482")]
    assert desk.shown == []


def test_an_open_code_survives_a_lost_connection(desk: Desk) -> None:
    """The broker keeps it, so the customer may go on reading it out."""
    code = desk.open_code()
    desk.invitations.attached_again()
    assert len(desk.nonces) == 1
    desk.carry(desk.claim(code))
    assert len(desk.paired) == 1


def test_a_code_that_a_restart_took_away_is_replaced(desk: Desk) -> None:
    """The broker says that it is lost; the customer sees that, and gets another one."""
    desk.open_code("482")
    desk.invitations.attached_again()
    desk.invitations.receive(CodeClosed(nameplate="482", outcome="lost"), NOW_MS)
    desk.carry(desk.claim(desk.opened("483")))
    assert len(desk.paired) == 1


def test_a_request_that_was_lost_with_the_connection_is_made_again(desk: Desk) -> None:
    """Whichever of the two the broker answers, the code works."""
    desk.invitations.offer()
    desk.invitations.attached_again()
    assert len(desk.nonces) == 2
    desk.opened("482")
    desk.invitations.receive(desk.started("482", agent_nonce=desk.nonces[0]), NOW_MS)
    assert desk.verdicts == []


def test_where_no_code_is_wanted_a_new_connection_asks_for_none(desk: Desk) -> None:
    """After a code was used or withdrawn, nothing is open behind the customer's back."""
    desk.open_code()
    desk.invitations.withdraw()
    desk.invitations.attached_again()
    assert len(desk.nonces) == 1


# ── a broker that lies ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_run_on_one_code_breaks_it(desk: Desk) -> None:
    """One code allows one guess: a broker that starts another run gets nothing, and the customer a fresh code."""
    code = desk.open_code()
    first = desk.claim(code)
    desk.claim(code)
    assert (desk.verdicts, desk.outcomes) == (["broken"], ["broken"])
    desk.carry(first)
    assert desk.paired == []


@pytest.mark.parametrize("lie", [{"session_id": b"\x23" * 16}, {"agent_nonce": b"\x44" * 16}])
def test_another_session_or_a_foreign_nonce_breaks_the_code(desk: Desk, lie: dict[str, object]) -> None:
    """What the agent did not say itself it does not pair with."""
    desk.open_code()
    desk.invitations.receive(desk.started("482", **lie), NOW_MS)
    assert (desk.verdicts, desk.outcomes) == (["broken"], ["broken"])


def test_a_nonce_counts_once(desk: Desk) -> None:
    """A broker cannot bring back the nonce of an earlier run."""
    desk.invitations.offer()
    desk.guess_wrong("482")
    spent = desk.nonces[0]
    desk.opened("483")
    desk.invitations.receive(desk.started("483", agent_nonce=spent), NOW_MS)
    assert desk.verdicts == ["wrong-code", "broken"]


@pytest.mark.parametrize(
    "lie",
    [
        {"broker_origin": "https://evil.example.org"},
        {"root_key": b"\x12" * 32},
        {"session_id": b"\x23" * 16},
        {"engineer_nonce": b"\x34" * 16},
        {"agent_nonce": b"\x45" * 16},
    ],
)
def test_ends_that_were_told_different_things_do_not_agree(desk: Desk, lie: dict[str, object]) -> None:
    """Whatever a broker tells the engineer differently, the right code is a wrong one then."""
    code = desk.open_code()
    engineer = desk.claim(code, **lie)
    desk.carry(engineer)
    assert desk.verdicts == ["wrong-code"]
    assert (desk.paired, engineer.keys) == ([], None)


@pytest.mark.parametrize("phase", ["ya", "ta"])
def test_mail_that_was_changed_on_the_way_pairs_nobody(desk: Desk, phase: str) -> None:
    """A key or a certificate that the broker exchanged is not what the code proves."""

    def tamper(mail: PairingMail) -> PairingMail:
        body = mail.body[:-1] + bytes([mail.body[-1] ^ 1]) if mail.phase == phase else mail.body
        return PairingMail(nameplate=mail.nameplate, phase=mail.phase, body=body)

    desk.carry(desk.claim(desk.open_code()), tamper)
    assert desk.paired == []
    assert desk.verdicts in (["wrong-code"], ["broken"])


def test_mail_out_of_order_breaks_the_code(desk: Desk) -> None:
    """A confirmation before the key exchange makes no sense."""
    desk.claim(desk.open_code())
    desk.invitations.receive(PairingMail(nameplate="482", phase="ta", body=bytes(64)), NOW_MS)
    assert desk.verdicts == ["broken"]


def test_mail_of_an_old_code_is_dropped(desk: Desk) -> None:
    """It neither helps nor harms the one that is open."""
    old = desk.claim(desk.open_code("481"))
    code = desk.open_code("482")
    desk.carry(old)
    assert desk.verdicts == []
    desk.invitations.receive(CodeClosed(nameplate="481", outcome="wrong-code"), NOW_MS)
    desk.carry(desk.claim(code))
    assert len(desk.paired) == 1


def test_mail_before_anybody_claimed_the_code_is_dropped(desk: Desk) -> None:
    """There is no run that it could belong to."""
    desk.open_code()
    desk.invitations.receive(PairingMail(nameplate="482", phase="ya", body=bytes(64)), NOW_MS)
    assert desk.sent_of(PairingMail) == []


def test_a_broker_cannot_say_that_somebody_paired(desk: Desk) -> None:
    """Only the agent finds that out; the customer is told that something is wrong."""
    desk.open_code()
    desk.invitations.receive(CodeClosed(nameplate="482", outcome="paired"), NOW_MS)
    assert (desk.outcomes, desk.paired) == (["broken"], [])


def test_a_code_that_nobody_asked_for_is_not_shown(desk: Desk) -> None:
    """A broker cannot put a code on the customer's screen, nor exchange the one that is there."""
    desk.invitations.receive(CodeOpened(nameplate="111", expires_at_ms=EXPIRES_AT_MS), NOW_MS)
    assert desk.shown == []
    code = desk.open_code("482")
    assert desk.opened("112") == code
    assert desk.opened("482") == code
    assert CancelCode(nameplate="482") not in desk.sent


def test_a_broker_that_breaks_every_code_stops_them(desk: Desk) -> None:
    """Broken runs count like wrong guesses."""
    desk.invitations.offer()
    for nameplate in ("111", "112", "113"):
        desk.opened(nameplate)
        desk.invitations.receive(desk.started(nameplate, session_id=bytes(16)), NOW_MS)
    assert (desk.too_many_burnt, len(desk.nonces)) == (1, BURNT_CODES_LIMIT)
