"""The codes of a session: asked for, shown, proved or burnt. One is open at a time."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from agent_client.faces.notices import CodeEnded, CodeShown, Notice
from protocol.codes import OneTimeCode, new_code
from protocol.errors import UnavailableError
from protocol.key_schedule import PairingKeys
from protocol.messages.agent import AgentToBroker, CancelCode, CodeClosed, CodeOpened, NewCode, PairingFinished
from protocol.messages.pairing import PairingMail, PairingOutcome, PairingStarted
from protocol.pairing import AgentIdentity, AgentPairing, PairingContext

BURNT_CODES_LIMIT = 3
"""Wrong guesses in a row after which the agent stops making codes: somebody is trying, or the line is bad."""

RENEWED_AFTER: frozenset[PairingOutcome] = frozenset({"expired", "lost"})
"""Ends of a code that say nothing about anybody's intentions: the customer gets a fresh one."""

NONCE_BYTES = 16

CODE_WITHIN_SECONDS = 10.0
"""A broker that is away, or has too many codes of this session, gives none."""


class CodeNotToBeHad(UnavailableError):
    sentence = "The broker gives no code at this time. Try again in a minute."


@dataclass(frozen=True)
class Paired:
    """Somebody who knew the code: the keys that only the two ends have, and whose certificate to expect."""

    keys: PairingKeys
    certificate_hash: bytes


class Invitations:
    """Drives codes and pairings. Messages of the broker come in by `receive`, time by `handle_time`."""

    def __init__(
        self,
        *,
        broker_origin: str,
        root_key: bytes,
        session_id: bytes,
        identity: AgentIdentity,
        send: Callable[[AgentToBroker], None],
        show: Callable[[Notice], None],
        on_paired: Callable[[Paired], None],
        on_too_many_burnt: Callable[[], None],
    ) -> None:
        self._broker_origin = broker_origin
        self._root_key = root_key
        self._session_id = session_id
        self._identity = identity
        self._send = send
        self._show = show
        self._on_paired = on_paired
        self._on_too_many_burnt = on_too_many_burnt
        self._unspent: set[bytes] = set()
        self._is_wanted = False
        self._code: OneTimeCode | None = None
        self._pairing: AgentPairing | None = None
        self._burnt_in_a_row = 0
        self._shown: CodeShown | None = None
        self._invited: list[asyncio.Future[CodeShown]] = []

    async def invite(self) -> CodeShown:
        """The open code, or a new one. Raises CodeNotToBeHad."""
        if self._shown is not None and self._pairing is None:
            return self._shown
        invited: asyncio.Future[CodeShown] = asyncio.get_running_loop().create_future()
        self._invited.append(invited)
        if not self._is_wanted:
            self.offer()
        try:
            async with asyncio.timeout(CODE_WITHIN_SECONDS):
                return await invited
        except TimeoutError:
            raise CodeNotToBeHad from None
        finally:
            self._invited.remove(invited)

    @property
    def deadline_ms(self) -> int | None:
        """When `handle_time` has something to do."""
        return self._pairing.deadline_ms if self._pairing else None

    def offer(self) -> None:
        """Ask for a new code; one that is open is withdrawn."""
        if self._code is not None:
            self.withdraw()
        nonce = secrets.token_bytes(NONCE_BYTES)
        self._unspent.add(nonce)
        self._is_wanted = True
        self._send(NewCode(agent_nonce=nonce))

    def withdraw(self) -> None:
        """Make the open code useless, or the one that was asked for."""
        self._is_wanted = False
        if self._code is None:
            return
        self._send(CancelCode(nameplate=self._code.nameplate))
        self._end("cancelled")

    def attached_again(self) -> None:
        """After a cut. The broker keeps an open code, and says so where it does not; only what was asked for on the old
        connection and not answered is asked for again."""
        if self._is_wanted:
            self.offer()

    def receive(self, message: CodeOpened | CodeClosed | PairingStarted | PairingMail, now_ms: int) -> None:
        """What does not fit the open code is late mail of an older one: it is dropped."""
        match message:
            case CodeOpened() if self._is_wanted:
                self._is_wanted = False
                self._code = new_code(message.nameplate)
                self._shown = CodeShown(code=str(self._code), expires_at_ms=message.expires_at_ms)
                self._show(self._shown)
                for invited in self._invited:
                    if not invited.done():
                        invited.set_result(self._shown)
            case CodeOpened() if self._code is None or message.nameplate != self._code.nameplate:
                # Asked for twice, or withdrawn before it came: nobody may wait behind it.
                self._send(CancelCode(nameplate=message.nameplate))
            case CodeClosed() if self._code and message.nameplate == self._code.nameplate:
                # That somebody proved the code is the agent's own to find out.
                self._end("broken" if message.outcome == "paired" else message.outcome)
                if message.outcome in RENEWED_AFTER:
                    self.offer()
            case PairingStarted() if self._code and message.nameplate == self._code.nameplate:
                self._start_pairing(self._code, message, now_ms)
            case PairingMail() if self._pairing and self._code and message.nameplate == self._code.nameplate:
                self._pairing.receive_mail(message, now_ms)
                self._follow_pairing(self._pairing)
            case _:
                pass

    def handle_time(self, now_ms: int) -> None:
        if self._pairing is not None:
            self._pairing.handle_time(now_ms)
            self._follow_pairing(self._pairing)

    def _start_pairing(self, code: OneTimeCode, start: PairingStarted, now_ms: int) -> None:
        if self._pairing is not None or start.agent_nonce not in self._unspent or start.session_id != self._session_id:
            # A second run on one code, or another's session: only a broker that lies sends this.
            self._conclude("broken")
            return
        self._unspent.discard(start.agent_nonce)
        context = PairingContext(
            broker_origin=self._broker_origin,
            root_key=self._root_key,
            session_id=self._session_id,
            nameplate=code.nameplate,
            engineer_nonce=start.engineer_nonce,
            agent_nonce=start.agent_nonce,
        )
        self._pairing = AgentPairing(code, context, self._identity, now_ms=now_ms)

    def _follow_pairing(self, pairing: AgentPairing) -> None:
        for mail in pairing.mail_to_send():
            self._send(mail)
        if pairing.outcome is None:
            return
        keys, certificate_hash = pairing.keys, pairing.engineer_certificate_hash
        self._conclude(pairing.outcome)
        if keys is not None and certificate_hash is not None:
            self._burnt_in_a_row = 0
            self._on_paired(Paired(keys, certificate_hash))

    def _conclude(self, outcome: PairingOutcome) -> None:
        """The agent's own verdict: the broker is told, and after a failure the customer gets a fresh code."""
        assert self._code is not None
        self._send(PairingFinished(nameplate=self._code.nameplate, outcome=outcome))
        self._end(outcome)
        if outcome == "paired":
            return
        self._burnt_in_a_row += 1
        if self._burnt_in_a_row >= BURNT_CODES_LIMIT:
            self._on_too_many_burnt()
        else:
            self.offer()

    def _end(self, outcome: PairingOutcome) -> None:
        self._code = None
        self._shown = None
        self._pairing = None
        self._show(CodeEnded(outcome=outcome))
