"""A witness: vouches for a log that only ever grew, over HTTP, and remembers."""

import hashlib
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest
from structlog.testing import capture_logs

from audit.witness import WitnessSigner, WitnessStore, make_witness_router, own_signer
from audit.witness.serving import ListenAddressUnusable, serve_witness
from audit.witness.witness import Witness
from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.cosignature import Cosigned, parse_witness_vkey, verify_cosignatures
from protocol.merkle import consistency_proof, leaf_hash, subtrees_of
from protocol.signed_note import NoteKey, split_note
from protocol.witness_messages import SIZE_MEDIA_TYPE, AddCheckpoint, parse_signature_lines
from serving.private_files import KeyFileUnusable
from tests.helpers.deployment import CONSENTRY, ended, plain_environment
from tests.helpers.logs import LOG, LOG_KEY, ORIGIN, TIME_S, WITNESS, WITNESS_KEY, checkpoint_of, signed
from tests.helpers.ports import free_port
from tests.helpers.waiting import wait_until

ENTRIES = [bytes([number]) for number in range(20)]
SIGNER = WitnessSigner(WITNESS_KEY.name, WITNESS)


def note_of(size: int, *, entries: list[bytes] = ENTRIES) -> bytes:
    return signed(checkpoint_of(entries[:size]), witnessed=False)


def request(old: int, new: int, *, entries: list[bytes] = ENTRIES) -> bytes:
    subtree = subtrees_of([leaf_hash(entry) for entry in entries])
    proof = consistency_proof(old, new, subtree) if 0 < old < new else ()
    return AddCheckpoint(old, proof, note_of(new, entries=entries)).encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WitnessStore]:
    store = WitnessStore(tmp_path / "witness.sqlite3", [LOG_KEY.vkey])
    yield store
    store.close()


@pytest.fixture
def witness(store: WitnessStore) -> Witness:
    return Witness(store, SIGNER, lambda: TIME_S)


def ask(witness: Witness, *steps: bytes) -> list[tuple[int, bytes]]:
    answers = [witness.add_checkpoint(step) for step in steps]
    return [(answer.status, answer.body) for answer in answers]


def test_it_vouches_for_a_log_that_grows(witness: Witness) -> None:
    """From nothing on, step by step, and twice for the same; each word is a cosignature of the specification's."""
    for old, new in ((0, 0), (0, 3), (3, 3), (3, 7), (7, 20)):
        answer = witness.add_checkpoint(request(old, new) if new else AddCheckpoint(0, (), note_of(0)).encode())
        assert answer.status == HTTPStatus.OK, answer.body
        text, _ = split_note(note_of(new))
        lines = parse_signature_lines(answer.body)
        assert verify_cosignatures(text, lines, [WITNESS_KEY]) == [Cosigned(WITNESS_KEY.name, TIME_S)]


def test_it_remembers_over_a_restart(tmp_path: Path) -> None:
    """What it vouched for was on the disk before it answered."""
    for old, new in ((0, 3), (3, 7)):
        store = WitnessStore(tmp_path / "witness.sqlite3", [LOG_KEY.vkey])
        assert Witness(store, SIGNER, lambda: TIME_S).add_checkpoint(request(old, new)).status == HTTPStatus.OK
        store.close()


def test_a_log_is_admitted_once_and_for_ever(tmp_path: Path) -> None:
    """Also over a restart; another key under the same origin would have it forget what it saw, and is not taken."""
    path = tmp_path / "witness.sqlite3"
    store = WitnessStore(path, ())
    assert Witness(store, SIGNER, lambda: TIME_S).add_checkpoint(request(0, 3)).status == HTTPStatus.NOT_FOUND
    assert store.admit(LOG_KEY.vkey)
    assert Witness(store, SIGNER, lambda: TIME_S).add_checkpoint(request(0, 3)).status == HTTPStatus.OK
    store.close()
    store = WitnessStore(path, ())
    assert store.admit(LOG_KEY.vkey)
    assert not store.admit(NoteKey(ORIGIN, WITNESS_KEY.public_key).vkey)
    assert Witness(store, SIGNER, lambda: TIME_S).add_checkpoint(request(3, 7)).status == HTTPStatus.OK
    store.close()


def test_its_own_key_and_name_are_made_once(tmp_path: Path) -> None:
    """Readable by its owner only; a later name changes nothing, and a name beside another key is refused."""
    signer = own_signer(tmp_path, "help.example.org/witness")
    assert own_signer(tmp_path, "another.example.org").key == signer.key
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "witness.vkey").read_text() == f"{signer.key.vkey}\n"
    for name, content in (("witness.vkey", WITNESS_KEY.vkey), ("witness.vkey", "no key"), ("witness.key", "00")):
        (tmp_path / name).write_text(content)
        with pytest.raises(KeyFileUnusable):
            own_signer(tmp_path, "help.example.org/witness")


def test_who_does_not_know_where_it_stands_is_told(witness: Witness) -> None:
    """409 with the size, in the specification's media type."""
    witness.add_checkpoint(request(0, 7))
    for old, new in ((0, 20), (3, 20), (6, 7)):
        answer = witness.add_checkpoint(request(old, new))
        assert (answer.status, answer.body, answer.media_type) == (HTTPStatus.CONFLICT, b"7\n", SIZE_MEDIA_TYPE)


OTHERS = [b"x", *ENTRIES[1:]]
SWAPPED = [ENTRIES[1], ENTRIES[0], *ENTRIES[2:]]
DROPPED = ENTRIES[1:]


def test_a_log_that_was_set_back_is_told_and_kept(store: WitnessStore, witness: Witness) -> None:
    """The log is told where it stood, and whoever runs the witness that it went back, with its own signature as
    evidence. One that only asks again is nothing to tell."""
    witness.add_checkpoint(request(0, 7))
    with capture_logs() as said:
        witness.add_checkpoint(request(0, 7))
        assert said == []
        witness.add_checkpoint(request(0, 3))
        witness.add_checkpoint(request(0, 3))
    assert [(line["event"], line["alert"], line["size"], line["known_size"]) for line in said] == [
        ("log_set_back", True, 3, 7)
    ] * 2
    assert store.caught(LOG_KEY) == [note_of(3)]


@pytest.mark.parametrize("entries", [OTHERS, SWAPPED, DROPPED], ids=["altered", "reordered", "dropped"])
def test_a_fork_gets_no_word(store: WitnessStore, witness: Witness, entries: list[bytes]) -> None:
    """Another log under the same name: larger, or of the same size; what was vouched for stays, and so does the
    evidence."""
    witness.add_checkpoint(request(0, 7))
    assert witness.add_checkpoint(request(7, 12, entries=entries)).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert witness.add_checkpoint(request(7, 7, entries=entries)).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert witness.add_checkpoint(request(7, 12)).status == HTTPStatus.OK
    assert set(store.caught(LOG_KEY)) == {note_of(7, entries=entries), note_of(12, entries=entries)}


def test_a_log_that_was_rolled_back_gets_no_word(witness: Witness) -> None:
    """It can name neither the size that it had, nor one that it has."""
    witness.add_checkpoint(request(0, 7))
    assert witness.add_checkpoint(AddCheckpoint(7, (), note_of(5)).encode()).status == HTTPStatus.BAD_REQUEST
    assert ask(witness, request(5, 5), request(0, 5)) == [(HTTPStatus.CONFLICT, b"7\n")] * 2


def test_proofs_that_prove_nothing_get_no_word(witness: Witness) -> None:
    """A proof from nothing must be empty; one that is missing, too long or wrong is no proof."""
    unprocessable = HTTPStatus.UNPROCESSABLE_ENTITY
    assert witness.add_checkpoint(AddCheckpoint(0, (b"x" * 32,), note_of(7)).encode()).status == unprocessable
    witness.add_checkpoint(request(0, 7))
    for proof in ((), (b"x" * 32,) * 3, (b"x" * 32,) * 63):
        assert witness.add_checkpoint(AddCheckpoint(7, proof, note_of(20)).encode()).status == unprocessable


def test_strangers_get_no_word(witness: Witness) -> None:
    """An unknown log, an unsigned checkpoint, one with a false signature, an empty log with a root, and nonsense."""
    unknown = sign_checkpoint(Checkpoint("other/log", 1, b"r" * 32), LOG)
    unsigned = sign_checkpoint(Checkpoint(ORIGIN, 1, b"r" * 32), WITNESS)
    forged = note_of(7).replace(note_of(7).split(b"\n")[2], note_of(6).split(b"\n")[2])
    notes = (unknown, unsigned, forged)
    assert [witness.add_checkpoint(AddCheckpoint(0, (), note).encode()).status for note in notes] == [
        HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.FORBIDDEN,
    ]  # fmt: skip
    for body in (b"", b"old 0\n\n", b"old x\n\n" + note_of(1), b"\xff" * 100, b"old 0\n\n" + b"a" * 70_000):
        assert witness.add_checkpoint(body).status == HTTPStatus.BAD_REQUEST


def test_of_two_requests_at_once_only_one_can_win(witness: Witness) -> None:
    """Check and set are one: a smaller checkpoint never follows a larger one (the specification's race)."""
    witness.add_checkpoint(request(0, 3))
    answers: list[int] = []
    barrier = threading.Barrier(8)

    def run(new: int) -> None:
        barrier.wait()
        answers.append(witness.add_checkpoint(request(3, new)).status)

    threads = [threading.Thread(target=run, args=(new,)) for new in range(4, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [HTTPStatus.OK] + [HTTPStatus.CONFLICT] * 7


async def test_over_http_it_is_the_specification_s(store: WitnessStore) -> None:
    """Paths, statuses and media types; a monitor gets the newest cosigned checkpoint; nothing else is there."""
    transport = httpx2.ASGITransport(make_witness_router(store, SIGNER, now_s=lambda: TIME_S))
    async with httpx2.AsyncClient(transport=transport, base_url="http://witness") as client:
        monitoring = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
        assert (await client.get(monitoring)).status_code == HTTPStatus.NOT_FOUND
        answer = await client.post("/add-checkpoint", content=request(0, 7))
        assert answer.status_code == HTTPStatus.OK
        again = await client.post("/add-checkpoint", content=request(0, 7))
        assert (again.status_code, again.text) == (HTTPStatus.CONFLICT, "7\n")
        assert again.headers["content-type"].startswith(SIZE_MEDIA_TYPE)
        assert (await client.get(monitoring)).content == note_of(7) + answer.content
        too_large = await client.post("/add-checkpoint", content=b"x" * 100_000)
        assert too_large.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        for path in ("/", "/add-checkpoint/", "/add-checkpoint"):
            assert (await client.get(path)).status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
        assert (await client.get(f"/{'0' * 64}/checkpoint")).status_code == HTTPStatus.NOT_FOUND


def test_as_a_process_of_its_own_it_has_a_key_and_an_address(tmp_path: Path) -> None:
    """It says its key, listens, answers, and has the same key at the next start."""
    said = []
    for _ in range(2):
        process = subprocess.Popen(
            [
                *CONSENTRY, "audit", "witness", "--name", "audit.example.org", "--data", str(tmp_path / "witness"),
                "--log", LOG_KEY.vkey, "--listen", f"127.0.0.1:{(port := free_port())}",
            ],
            stdout=subprocess.PIPE,
            env=plain_environment(),
            text=True,
        )  # fmt: skip
        with ended(process):
            assert process.stdout is not None
            said.append(process.stdout.readline().strip().rpartition(" ")[2])
            wait_until(lambda port=port: _answers(port), "the witness listens")
    assert said[0] == said[1]
    assert parse_witness_vkey(said[0]).name == "audit.example.org"


@pytest.mark.parametrize("listen", ["8450", "host:", "host:x", ":1", "host:70000"])
def test_an_address_that_is_none_is_said(tmp_path: Path, listen: str) -> None:
    """Before anything is made."""
    with pytest.raises(ListenAddressUnusable):
        serve_witness(tmp_path / "witness", "w", [LOG_KEY.vkey], listen, print)
    assert not (tmp_path / "witness").exists()


def _answers(port: int) -> bool:
    with suppress(OSError, httpx2.TransportError):
        return httpx2.post(f"http://127.0.0.1:{port}/add-checkpoint", content=request(0, 7)).status_code in (200, 409)
    return False
