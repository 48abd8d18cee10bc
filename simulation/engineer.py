"""An engineer: hears a code, pairs, asks, works over streams, goes. Real: pairing, control streams, streams and legs.

A model: logging in and the certificate (issued here with the organisation's key), stock `ssh` (plain bytes over a
stream of kind SSH), and the session file, which is taken to be durable from when it was written.
"""

import asyncio
import contextlib
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engineer_client.chat import LineNotTaken, News, session_chat
from engineer_client.control import Conversation, open_conversation
from engineer_client.pairing import pair
from engineer_client.session_files import ssh_public_blob
from protocol.access_requests import sign_access_request
from protocol.attestation import sign_attestation
from protocol.certificates import issue_certificate
from protocol.codes import OneTimeCode, new_code, parse_code
from protocol.errors import ConsentryError
from protocol.grants import Scope
from protocol.messages.control import EndSession, Said, TakeOver
from protocol.stream_frames import CloseCode, StreamKind
from simulation.chatting import WORDS, ChatReader, SaidLine
from simulation.nodes import Incarnation
from simulation.organisation import ORGANISATION, SCOPES
from simulation.whole import Whole
from tunnel.engineer_stream import open_stream
from tunnel.paired_session import PairedSession
from tunnel.stream_connection import StreamEnded
from tunnel.tasks import TaskGroupOwner

LIFETIME_MS = 12 * 3600 * 1000
WORK_SECONDS = 600.0
"""After this an engineer gives a stream up, whatever it is doing."""


class Engineer:
    """`sessions` are what earlier lives of this machine have saved."""

    def __init__(self, whole: Whole, name: str) -> None:
        self._whole = whole
        self._name = name
        self._loop = whole.house.loop
        self._dice = whole.house.loop.dice
        self._saved: list[tuple[PairedSession, Ed25519PrivateKey, int]] = []
        whole.house.nodes[name].program = self.program

    async def program(self, incarnation: Incarnation) -> None:
        del incarnation
        while True:
            try:
                if self._saved and self._dice.random() < 0.7:
                    await self._come_back()
                else:
                    await self._answer_call()
            except (ConsentryError, StreamEnded) as error:
                self._loop.note(f"{self._name}: {type(error).__name__}")
            await asyncio.sleep(self._dice.uniform(0.1, 5.0))

    # ── in ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _answer_call(self) -> None:
        if not self._whole.codes:
            await asyncio.sleep(1.0)
            return
        session_id, text = said = self._dice.choice(self._whole.codes[-2:])
        if self._dice.random() < 0.7:  # else a colleague may try it too, or they do again
            self._whole.codes.remove(said)
        code = self._heard(parse_code(text))
        key = Ed25519PrivateKey.generate()
        certificate = issue_certificate(
            ORGANISATION.ca_key,
            name=self._name,
            staff_number="E-" + self._name[-1],
            organisation=self._whole.house.profile.organisation,
            public_key=key.public_key().public_bytes_raw(),
            max_scopes=SCOPES,
            now_ms=self._whole.house.nodes["broker"].unix_ns() // 10**6,
            lifetime_ms=LIFETIME_MS,
        )
        profile = self._whole.house.profile
        connection = await self._whole.house.websockets.connect(
            profile, "/v1/pairing", headers={"authorization": f"Bearer {self._name}"}
        )
        async with connection:
            try:
                async with asyncio.timeout(self._patience()):
                    paired = await pair(
                        connection,  # type: ignore[arg-type]  # as much of one as the product uses
                        code,
                        certificate,
                        broker_origin=profile.broker_origin,
                        root_key=self._whole.root_public_key,
                    )
            except TimeoutError:
                self._whole.codes.append((session_id, text))
                self._loop.note(f"{self._name} hangs up in the middle of a pairing")
                return
        self._loop.note(f"{self._name} paired with {paired.session_id.hex()[:8]}")
        if paired.session_id != session_id:
            self._whole.house.observer.fail("paired with another session than the code's")
        self._whole.paired(paired.keys.pairing_id, paired.session_id)
        session = PairedSession(
            broker_origin=profile.broker_origin,
            broker_certificate_pem="",
            session_id=paired.session_id,
            leg_ticket=paired.leg_ticket,
            pairing_id=paired.keys.pairing_id,
            stream_key=paired.keys.stream_key,
            control_key=paired.keys.control_key,
            transcript_hash=paired.keys.transcript_hash,
            ssh_host_keys=paired.agent.ssh_host_keys,
            resume_window_seconds=profile.resume_window_seconds,
        )
        async with await open_conversation(session) as conversation:
            await self._ask(session, conversation, certificate, key)
            await self._work(session, conversation, key)

    def _patience(self) -> float | None:
        """Sometimes an engineer's program is stopped in the middle, and they, or a colleague, try the code again."""
        return 0.005 * 100 ** self._dice.random() if self._dice.random() < 0.25 else None

    def _heard(self, code: OneTimeCode) -> OneTimeCode:
        """Sometimes a digit is misheard, and another along with it, so that the check digit fits."""
        return code if self._dice.random() < 0.85 else new_code(code.nameplate)

    async def _ask(
        self, session: PairedSession, conversation: Conversation, certificate: bytes, key: Ed25519PrivateKey
    ) -> None:
        scopes = (Scope.SHELL, Scope.FILES_READ) if self._dice.random() < 0.5 else (Scope.SHELL,)
        request = sign_access_request(
            key,
            session.transcript_hash,
            certificate=certificate,
            reason="receipts never arrive",
            ticket="T-1",
            scopes=scopes,
            minutes=self._dice.randint(1, 30),
            ssh_user_key=ssh_public_blob(Ed25519PrivateKey.generate()),
            client="ssh",
        )
        granted = await conversation.ask_access(request, 150.0)
        number = self._whole.number_of(session.session_id, session.pairing_id)
        self._loop.note(f"{self._name} was granted {'+'.join(granted.scopes)}")
        self._whole.ledger.check_granted(session.session_id, number, frozenset(granted.scopes))
        recording = self._whole.house.observer.recording(session.session_id)
        self._whole.house.observer.read_medium(recording)
        if not recording.durable_records:
            self._whole.house.observer.fail("a grant was made before the recording's first record was durable")
        self._saved.append((session, key, number))

    # ── work ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _come_back(self) -> None:
        """Another process, perhaps after a crash: it has the session file."""
        session, key, _ = self._saved[-1]
        try:
            async with await open_conversation(session) as conversation:
                await self._work(session, conversation, key)
        except (ConsentryError, StreamEnded):
            self._saved.pop()
            raise

    async def _work(self, session: PairedSession, conversation: Conversation, key: Ed25519PrivateKey) -> None:
        commands = [
            asyncio.create_task(self._command(session, conversation, key), name="ssh command")
            for _ in range(self._dice.randint(1, 3))
        ]
        beside = [
            asyncio.create_task(self._talk(session), name="chat"),
            asyncio.create_task(self._take_over(session), name="take over"),
        ]
        try:
            async with asyncio.timeout(WORK_SECONDS):
                await asyncio.gather(*commands)
        except TimeoutError:
            self._loop.note(f"{self._name} gives up")
        finally:
            for task in (*commands, *beside):
                task.cancel()
            await asyncio.gather(*commands, *beside, return_exceptions=True)
        if self._dice.random() < 0.3:
            await conversation.send(EndSession())
            self._saved.clear()
            await conversation.await_end()

    async def _take_over(self, session: PairedSession) -> None:
        """`consentry take-over`, now and then, whoever else is in; whoever leaves early takes the question along."""
        await asyncio.sleep(self._dice.uniform(0.0, 60.0))
        if self._dice.random() < 0.5:
            return
        try:
            async with await open_conversation(session) as conversation:
                granted = await conversation.ask_access(TakeOver(staff_number="", reason="end of the shift"), 150.0)
        except (ConsentryError, StreamEnded) as error:
            self._loop.note(f"{self._name} does not take over: {error}")
            return
        number = self._whole.number_of(session.session_id, session.pairing_id)
        self._whole.ledger.check_granted(session.session_id, number, frozenset(granted.scopes))

    async def _talk(self, session: PairedSession) -> None:
        """`consentry chat`, opened again whenever it breaks: it is told everything from the first line on."""
        number = self._whole.number_of(session.session_id, session.pairing_id)
        while self._dice.random() < 0.8:
            reader = self._whole.chat.reader(session.session_id, self._name)

            def told(news: News, reader: ChatReader = reader) -> None:
                if isinstance(news, Said):
                    self._whole.ledger.check_was_let_in(session.session_id, number, "a line of chat was told")
                    if news.mine != (news.participant == number):
                        self._whole.house.observer.fail(f"{self._name} was told that a line is theirs: {news.mine}")
                    reader.told(news.number, SaidLine(news.participant, news.text))

            try:
                async with session_chat(session, told) as chat:
                    for _ in range(self._dice.randint(0, 4)):
                        text = self._dice.choice(WORDS)
                        with contextlib.suppress(LineNotTaken):
                            taken = await chat.say(text)
                            if not self._whole.chat.was_told(session.session_id, taken, SaidLine(number, text)):
                                self._whole.house.observer.fail(f"line {taken} was taken, and nobody was told")
                        await asyncio.sleep(self._dice.uniform(0.0, 20.0))
            except (ConsentryError, StreamEnded) as error:
                self._loop.note(f"{self._name}'s chat: {type(error).__name__}")

    async def _command(self, session: PairedSession, conversation: Conversation, key: Ed25519PrivateKey) -> None:
        """One `ssh ALIAS command`: sends something, reads to the end, and signs what it saw."""
        tasks = TaskGroupOwner()
        watch = self._whole.streams
        try:
            stream = await open_stream(session, StreamKind.SSH, tasks=tasks)
            for _ in range(self._dice.randint(0, 8)):
                await stream.drain()
                data = self._dice.randbytes(int(2 ** self._dice.uniform(0, 16)))
                watch.wrote(stream.stream_id, "engineer", data)
                stream.write(data)
                await asyncio.sleep(self._dice.random() * 2)
            seen, size = sha256(), 0
            try:
                while data := await stream.read():
                    watch.read(stream.stream_id, "agent", data)
                    seen.update(data)
                    size += len(data)
                watch.ended(stream.stream_id, "agent", CloseCode.DONE)
            except StreamEnded as error:
                watch.ended(stream.stream_id, "agent", error.code)
                return
            self._whole.commands_done += 1
            if size:  # a command that was refused has shown nothing that could be vouched for
                signed = sign_attestation(key, session.session_id, stream.stream_id, size, seen.digest())
                await conversation.send(signed)
        finally:
            await tasks.aclose()
