"""The log as the broker keeps it: what is entered when, what is served, and what the broker refuses to go on with."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from starlette.applications import Starlette
from starlette.routing import Mount

from audit.ingest import Position, SessionOpening
from audit.log import EntryKey, LogBroken
from audit.witness import WitnessSigner, WitnessStore, make_witness_router
from broker.config import Settings
from broker.organisation.folder import OrganisationFolder, read_private_key
from broker.organisation.founding import LogExists, change_profile
from broker.organisation.organisation import LogMissing, Organisation, load_organisation
from broker.server import BrokerServer, serve
from broker.transparency.logbook import HEAD_AFTER_MS, HEAD_AFTER_RECORDS, HEAD_PAUSE_MS, EntryMissing, Logbook
from protocol.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from protocol.log_leaves import CloseLeaf, HeadLeaf, KeyLeaf, Leaf, OpenLeaf, decode_leaf, encode_leaf
from protocol.log_proof import LogProof, parse_log_proof, verify_log_proof
from protocol.merkle import verify_consistency
from protocol.messages.agent import ProofReady, ProofWanted, SessionEnded
from protocol.messages.wire import Refused
from protocol.profile import ProfileWitness, sign_profile
from protocol.tiles import entries_with, last_tiles, split_entries
from serving.http.server import HttpServer
from tests.broker.harness import FakeClock, RunningBroker, found, make_settings, running
from tests.broker.websockets.test_records import recorded, send_records, uploading
from tests.helpers.logs import ALONE, ORIGIN, TIME_S, WITNESS, WITNESS_KEY, proof_of
from tests.helpers.waiting import until

WITNESS_AT = ProfileWitness(WITNESS_KEY.vkey, "https://audit.example/witness")


async def entries_of(broker: RunningBroker) -> list[Leaf]:
    """The whole log as anybody reads it: checkpoint, then entries."""
    log = broker.organisation.profile.log
    assert log is not None
    answer = await broker.request("GET", "/log/checkpoint")
    size = open_checkpoint(answer.body, log.policy.log_key).size
    bundle = entries_with(size - 1, size)
    data = (await broker.request("GET", f"/log/{bundle.path}")).body
    return [decode_leaf(entry) for entry in split_entries(bundle, data)]


async def test_a_session_is_entered_when_it_opens_and_when_it_ends(broker: RunningBroker) -> None:
    """With the commitment and the key that the agent knows, and the chain that the recording has; the agent gets
    proofs of both, of which the second continues the first."""
    log = broker.organisation.profile.log
    assert log is not None
    async with recorded(broker) as (agent, session):
        await agent.send(ProofWanted("open", 0))
        assert isinstance(await agent.receive(), Refused)  # nothing is recorded yet
        async with uploading(broker, session) as (recorder, _):
            acked = await send_records(recorder, session.records, len(session.records))
            await agent.send(ProofWanted("open", 0))
            opened = await agent.receive()
        assert isinstance(opened, ProofReady)
        first = verify_log_proof(parse_log_proof(opened.proof), opened.leaf, log.policy).checkpoint
        leaf = decode_leaf(opened.leaf)
        assert isinstance(leaf, OpenLeaf)
        recording = session.recording
        assert (leaf.session_id, leaf.manifest_commitment, leaf.agent_key) == (
            session.session_id, recording.commitment, recording.agent_key,
        )  # fmt: skip
        await agent.send(SessionEnded(reason="customer-ended", records=len(session.records)))
        await agent.send(ProofWanted("close", first.size))
        closed = await agent.receive()
        assert isinstance(closed, ProofReady)
        second = verify_log_proof(parse_log_proof(closed.proof), closed.leaf, log.policy).checkpoint
        verify_consistency(first.size, first.root, second.size, second.root, closed.consistency)
        leaf = decode_leaf(closed.leaf)
        assert isinstance(leaf, CloseLeaf)
        assert (leaf.next_seq, leaf.chain_hash, leaf.reason) == (acked.next_seq, acked.chain_hash, "customer-ended")
    assert [type(one) for one in await entries_of(broker)] == [KeyLeaf, OpenLeaf, CloseLeaf]


async def test_an_ended_session_without_a_recording_is_not_in_the_log(broker: RunningBroker) -> None:
    """Nobody was allowed anything."""
    async with recorded(broker) as (agent, _):
        await agent.send(SessionEnded(reason="denied", records=0))
        await agent.send(ProofWanted("close", 0))
        assert isinstance(await agent.receive(), Refused)
    assert [type(one) for one in await entries_of(broker)] == [KeyLeaf]


async def test_what_a_crash_left_out_is_made_up_for(settings: Settings) -> None:
    """A broker that dies between a session's end and its entry enters it at the next start; an old profile once."""
    organisation = found(settings)
    async with (
        running(settings, organisation) as broker,
        recorded(broker) as (agent, session),
        uploading(broker, session) as (recorder, _),
    ):
        await send_records(recorder, session.records, len(session.records))
        await agent.send(ProofWanted("open", 0))
        await agent.receive()
        logbook = broker.server.broker.services.logbook
        logbook.session_closed = lambda *_: None  # type: ignore[method-assign]  # the power goes just here
        await agent.send(SessionEnded(reason="idle", records=len(session.records)))
        await until(lambda: not len(broker.server.broker.services.sessions))
    organisation = change_profile(settings, max_minutes=30)
    async with running(settings, organisation) as broker:
        await until(lambda: broker.server.broker.services.log.checkpoint_note.split(b"\n")[1] == b"4")
        key, opened, second_key, closed = await entries_of(broker)
        assert (type(key), type(opened)) == (KeyLeaf, OpenLeaf)
        assert isinstance(second_key, KeyLeaf)
        assert second_key.profile_sha256 == hashlib.sha256(organisation.profile_note).digest()
        assert isinstance(closed, CloseLeaf)
        assert closed.reason == "idle"


async def test_the_log_is_served_as_static_files(broker: RunningBroker) -> None:
    """Names, types and caching of c2sp.org/tlog-tiles, without a login; nothing else is there."""
    checkpoint = await broker.request("GET", "/log/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "public, max-age=1"
    size = int(checkpoint.body.split(b"\n")[1])
    for path in (*(tile.path for tile in last_tiles(size)), entries_with(0, size).path):
        answer = await broker.request("GET", f"/log/{path}")
        assert answer.status == HTTPStatus.OK
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "immutable" in answer.headers["cache-control"]
    for path in (
        "",
        "tile",
        "tile/0/001",
        "tile/0/../0/000",
        "tile/0/%2e%2e/checkpoint",
        ".lock",
        "staging",
        "checkpoint/",
    ):
        assert (await broker.request("GET", f"/log/{path}")).status == HTTPStatus.NOT_FOUND
    assert (await broker.request("POST", "/log/checkpoint")).status == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("damage", ["altered", "rolled back"])
def test_a_broker_with_a_broken_log_does_not_start(settings: Settings, damage: str) -> None:
    """And says why, in one sentence, instead of serving."""
    organisation = found(settings)
    assert organisation.log_key is not None
    files, _ = settings.log_files()
    files.mkdir()
    note = sign_checkpoint(Checkpoint("localhost:8443/log", 7, b"r" * 32), organisation.log_key)
    (files / "checkpoint").write_bytes(note if damage == "rolled back" else note[:-5])
    with pytest.raises(LogBroken, match="The transparency log cannot be continued"):
        serve(settings)


def test_an_organisation_of_before_the_log_is_given_one(settings: Settings) -> None:
    """The broker says what to run; run once, it has a log with a key of its own; twice is refused."""
    organisation = found(settings)
    root_key = read_private_key(OrganisationFolder(settings.data_folder).root_key)
    folder = settings.data_folder / "organisation"
    (folder / "profile.note").write_bytes(sign_profile(structs.replace(organisation.profile, log=None), root_key))
    (folder / "log.key").unlink()
    with pytest.raises(LogMissing, match="--new-log"):
        BrokerServer(settings)
    with pytest.raises(LogMissing):
        change_profile(settings, witnesses=[])
    changed = change_profile(settings, new_log=True)
    assert changed.profile.version == 2
    assert changed.profile.log is not None
    assert load_organisation(settings).log_key is not None
    with pytest.raises(LogExists):
        change_profile(settings, new_log=True)


def test_another_log_is_begun_in_the_place_of_a_lost_one(settings: Settings) -> None:
    """With files, a key and a name of its own; the lost one is named on, and nobody can sign for it any more. The
    profile counts for more than any that was signed since the copy was made. Where there was none, none was lost."""
    organisation = found(settings)
    lost = organisation.profile.log
    assert lost is not None
    clock = FakeClock()
    for count, witnesses in ((1, [WITNESS_AT]), (2, None)):
        clock.advance(60_000)
        changed = change_profile(settings, replace_lost_log=True, witnesses=witnesses, clock=clock)
        named = changed.profile.log
        assert named is not None
        assert (changed.profile.version, named.witnesses) == (clock.unix_ms() // 1000, (WITNESS_AT,))
        assert named.policy.log_key.name == f"localhost:8443/log-{changed.profile.version}"
        assert (named.policy.former_keys[0], len(named.former_vkeys)) == (lost.policy.log_key, count)
        keys = [path.name for path in (settings.data_folder / "organisation").glob("log*.key")]
        assert keys == [f"{named.short_name}.key"]
    assert change_profile(settings, max_minutes=30).profile.version == changed.profile.version + 1
    root_key = read_private_key(OrganisationFolder(settings.data_folder).root_key)
    note = sign_profile(structs.replace(organisation.profile, log=None), root_key)
    (settings.data_folder / "organisation" / "profile.note").write_bytes(note)
    with pytest.raises(LogMissing):
        change_profile(settings, replace_lost_log=True)


class ModelLog:
    """Keeps entries in a list."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self._places: dict[EntryKey, int] = {}

    async def append(self, leaf: Leaf, key: EntryKey | None = None) -> int:
        if key is not None and key in self._places:
            return self._places[key]
        self.leaves.append(leaf)
        if key is not None:
            self._places[key] = len(self.leaves) - 1
        return len(self.leaves) - 1

    async def prove(self, place: int) -> LogProof:
        return proof_of(place, [encode_leaf(leaf) for leaf in self.leaves])

    async def prove_consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        return (old_size.to_bytes(32, "big"), new_size.to_bytes(32, "big"))

    async def entry(self, place: int) -> bytes:
        return encode_leaf(self.leaves[place])

    async def place_of(self, key: EntryKey) -> int | None:
        return self._places.get(key)

    async def subjects_without(self, kind: int, other_kind: int) -> list[bytes]:
        return [key.subject for key in self._places if key.kind == kind]


OPENING = SessionOpening(b"s" * 16, b"a" * 32, b"m" * 32, 1)


def at(seq: int) -> Position:
    return Position(seq, seq.to_bytes(32, "big"))


async def settled(logbook: Logbook) -> None:
    for task in list(logbook._appending.values()):
        await task


async def test_heads_come_after_records_or_time() -> None:
    """After 64 records, and every minute in which there were some; a session that is over and told is forgotten."""
    clock, log = FakeClock(), ModelLog()
    logbook = Logbook(log, clock)
    logbook.records_durable(OPENING, at(0))
    logbook.records_durable(OPENING, at(1))
    clock.advance(HEAD_PAUSE_MS)
    logbook.records_durable(OPENING, at(HEAD_AFTER_RECORDS))
    await settled(logbook)
    assert [type(leaf) for leaf in log.leaves] == [OpenLeaf]
    logbook.records_durable(OPENING, at(1 + HEAD_AFTER_RECORDS))
    clock.advance(HEAD_AFTER_MS - 1)
    logbook.records_durable(OPENING, at(70))
    logbook.handle_time()
    await settled(logbook)
    clock.advance(1)
    logbook.handle_time()
    await settled(logbook)
    assert [leaf.next_seq for leaf in log.leaves if isinstance(leaf, HeadLeaf)] == [65, 70]
    logbook.session_closed(OPENING, at(70), "lost")
    clock.advance(HEAD_AFTER_MS)
    logbook.handle_time()
    await settled(logbook)
    assert not logbook._running
    logbook.records_durable(OPENING, at(72))  # a spool that comes late, after the session was closed
    logbook.records_durable(OPENING, at(75))
    clock.advance(HEAD_AFTER_MS)
    logbook.handle_time()
    await settled(logbook)
    assert [type(leaf) for leaf in log.leaves[-2:]] == [CloseLeaf, HeadLeaf]


async def test_a_flood_of_records_makes_one_head_a_second() -> None:
    """However many records come; the last of them are not forgotten when the flood stops."""
    clock, log = FakeClock(), ModelLog()
    logbook = Logbook(log, clock)
    for seq in range(1, 10 * HEAD_AFTER_RECORDS):
        logbook.records_durable(OPENING, at(seq))
    logbook.handle_time()
    await settled(logbook)
    assert [type(leaf) for leaf in log.leaves] == [OpenLeaf]
    clock.advance(HEAD_PAUSE_MS)
    logbook.handle_time()
    await settled(logbook)
    assert [leaf.next_seq for leaf in log.leaves if isinstance(leaf, HeadLeaf)] == [10 * HEAD_AFTER_RECORDS - 1]


async def test_a_proof_that_is_not_there_is_refused() -> None:
    """Asked for before its event; and one who remembers more than there is gets no path to it."""
    log = ModelLog()
    logbook = Logbook(log, FakeClock())
    with pytest.raises(EntryMissing):
        await logbook.proof(OPENING.session_id, "open", 0)
    logbook.records_durable(OPENING, at(1))
    ready = await logbook.proof(OPENING.session_id, "open", 0)
    assert verify_log_proof(parse_log_proof(ready.proof), ready.leaf, ALONE).checkpoint.origin == ORIGIN
    assert (await logbook.proof(OPENING.session_id, "open", 1)).consistency != ()
    assert (await logbook.proof(OPENING.session_id, "open", 99)).consistency == ()


@asynccontextmanager
async def witness_for(organisation: Organisation, folder: Path) -> AsyncIterator[HttpServer]:
    """A witness that listens."""
    assert organisation.profile.log is not None
    store = WitnessStore(folder / "witness.sqlite3", [organisation.profile.log.vkey])
    router = make_witness_router(store, WitnessSigner(WITNESS_KEY.name, WITNESS), now_s=lambda: TIME_S)
    app: Any = Starlette(routes=[Mount("/witness", router)])
    async with HttpServer(app, host="127.0.0.1", port=0, tls=None) as server:
        yield server
    store.close()


async def test_with_a_witness_every_proof_carries_its_word(tmp_path: Path) -> None:
    """The profile names it, the broker asks it over HTTP; a broker that is set back to a backup does not start."""
    settings = make_settings(tmp_path / "data")
    async with witness_for(found(settings), tmp_path) as witness:
        url = f"http://127.0.0.1:{witness.port}/witness"
        organisation = change_profile(settings, witnesses=[ProfileWitness(WITNESS_KEY.vkey, url)])
        assert organisation.profile.log is not None
        policy = organisation.profile.log.policy
        assert policy.witnesses_needed == 1
        async with running(settings, organisation) as broker:
            async with recorded(broker) as (agent, session), uploading(broker, session) as (recorder, _):
                await send_records(recorder, session.records, len(session.records))
                await agent.send(ProofWanted("open", 0))
                ready = await agent.receive()
            accepted = verify_log_proof(parse_log_proof(ready.proof), ready.leaf, policy)
            assert [one.witness for one in accepted.cosigned] == [WITNESS_KEY.name]
        for name in ("log.sqlite3", "log.sqlite3-wal", "log.sqlite3-shm"):
            (settings.data_folder / name).unlink(missing_ok=True)
        for path in sorted(settings.log_files()[0].rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        server = BrokerServer(settings)
        with pytest.raises(SystemExit):
            await server.run()
        assert server.refused is not None
        assert "was rolled back" in str(server.refused)
