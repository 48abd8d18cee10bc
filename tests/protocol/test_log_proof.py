"""Proofs that go with a receipt: the text of c2sp.org/tlog-proof, cosignatures, and whose word is needed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.checkpoint import Checkpoint, CheckpointError
from protocol.cosignature import Cosigned, WitnessKey, cosign, parse_witness_vkey, verify_cosignatures
from protocol.errors import IntegrityError
from protocol.log_proof import (
    LogPolicy,
    LogProof,
    LogProofError,
    WitnessMissing,
    accept_checkpoint,
    parse_log_proof,
    verify_log_proof,
)
from protocol.merkle import MerkleError
from protocol.signed_note import NoteError, parse_vkey, split_note
from tests.helpers.logs import ALONE, LOG, LOG_KEY, TIME_S, WITNESS, WITNESS_KEY, WITNESSED, proof_of, signed

ENTRIES = [bytes([number]) * 5 for number in range(9)]
PROOF = proof_of(4, ENTRIES)

# The example of c2sp.org/tlog-cosignature: its signature line has the form that the text describes.
EXAMPLE_LINE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+m"
    "bIUBkBIfZ+qnA==\n"
).encode()


def test_a_proof_reads_back_and_holds() -> None:
    """As text, with or without the format's extra line."""
    for proof in (PROOF, LogProof(PROOF.index, PROOF.hashes, PROOF.checkpoint_note, b"extra")):
        assert parse_log_proof(proof.encode()) == proof
        accepted = verify_log_proof(proof, ENTRIES[4], WITNESSED)
        assert accepted.checkpoint.size == 9
        assert accepted.cosigned == (Cosigned(WITNESS_KEY.name, TIME_S),)


def test_the_text_is_the_specification_s() -> None:
    """Line by line: header, index, hashes from the leaf's sibling up, an empty line, the checkpoint as it came."""
    lines = PROOF.encode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 4"]
    assert [base64.b64decode(line) for line in lines[2:6]] == list(PROOF.hashes)
    assert "\n".join(lines[7:]).encode() == PROOF.checkpoint_note
    assert lines[6] == ""


def test_another_entry_is_not_proved() -> None:
    """Nor the entry at another place."""
    with pytest.raises(MerkleError):
        verify_log_proof(PROOF, ENTRIES[5], WITNESSED)
    with pytest.raises(MerkleError):
        verify_log_proof(LogProof(5, PROOF.hashes, PROOF.checkpoint_note), ENTRIES[4], WITNESSED)


def test_a_log_alone_is_not_enough_where_a_witness_is_needed() -> None:
    """The policy decides: the same proof is accepted where the log's word is enough."""
    lonely = proof_of(4, ENTRIES, witnessed=False)
    with pytest.raises(WitnessMissing, match="0 of the 1"):
        verify_log_proof(lonely, ENTRIES[4], WITNESSED)
    assert verify_log_proof(lonely, ENTRIES[4], ALONE).cosigned == ()
    twice = LogProof(4, PROOF.hashes, PROOF.checkpoint_note + PROOF.checkpoint_note.split(b"\n\n")[1])
    with pytest.raises(WitnessMissing, match="1 of the 2"):
        verify_log_proof(twice, ENTRIES[4], LogPolicy(LOG_KEY, (WITNESS_KEY,), 2))


def test_a_witness_that_nobody_named_counts_nothing() -> None:
    """Whatever a stranger signs is passed over, and does no harm."""
    stranger = WitnessKey("stranger", LOG_KEY.public_key)
    with pytest.raises(WitnessMissing):
        verify_log_proof(PROOF, ENTRIES[4], LogPolicy(LOG_KEY, (stranger,), 1))


def test_a_false_signature_of_a_known_witness_is_fatal() -> None:
    """Also where the policy would not need it."""
    checkpoint = Checkpoint(LOG_KEY.name, 9, b"x" * 32)
    wrong = cosign(checkpoint.text, WITNESS_KEY.name, WITNESS, time_s=TIME_S).line
    lonely = proof_of(4, ENTRIES, witnessed=False).checkpoint_note
    with pytest.raises(CheckpointError, match="is wrong"):
        accept_checkpoint(lonely + wrong, LogPolicy(LOG_KEY, (WITNESS_KEY,), 0))


def test_cosignatures_are_the_specification_s() -> None:
    """Key type 0x04, time in front, and the message with its two lines, checked with nothing of ours."""
    text = "example.org/log\n1\n" + "A" * 43 + "=\n"
    line = cosign(text, WITNESS_KEY.name, WITNESS, time_s=1679315147)
    assert line.signature[:8] == (1679315147).to_bytes(8, "big")
    WITNESS.public_key().verify(line.signature[8:], b"cosignature/v1\ntime 1679315147\n" + text.encode())
    assert parse_witness_vkey(WITNESS_KEY.vkey) == WITNESS_KEY
    example = split_note(EXAMPLE_LINE)[1][0]
    assert int.from_bytes(example.signature[:8], "big") == 1679315147
    assert len(example.signature) == len(line.signature) == 72


def test_a_log_s_key_is_no_witness_s() -> None:
    """The type is part of the key: neither can be configured as the other."""
    with pytest.raises(NoteError, match="witness"):
        parse_witness_vkey(LOG_KEY.vkey)
    with pytest.raises(NoteError, match="Ed25519"):
        parse_vkey(WITNESS_KEY.vkey)
    text, signatures = split_note(signed(Checkpoint(LOG_KEY.name, 1, b"x" * 32), witnessed=False))
    assert verify_cosignatures(text, signatures, [WitnessKey(LOG_KEY.name, LOG.public_key().public_bytes_raw())]) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("@v1", "@v2"),
        lambda text: text.replace("index 4\n", ""),
        lambda text: text.replace("index 4", "index 04"),
        lambda text: text.replace("index 4", "index -4"),
        lambda text: text.replace("index 4", "extra =\nindex 4"),
        lambda text: text.replace("index 4", "index 4\nAAAA"),
        lambda text: text.replace("index 4", "index 4\n" + "A" * 43 + "=" + ("\n" + "A" * 43 + "=") * 63),
        lambda text: text.replace("\n\n", "\n", 1),
        lambda text: "\ud800" + text,
        lambda text: text + "\ud800",
    ],
)
def test_other_texts_are_no_proof(change: object) -> None:
    """Malformed lines end in an error of the tree, with nothing verified."""
    assert callable(change)
    with pytest.raises(LogProofError):
        parse_log_proof(change(PROOF.encode()))


@given(st.integers(0, len(PROOF.encode()) - 1), st.integers(1, 255))
def test_no_byte_of_a_proof_can_be_changed(place: int, flip: int) -> None:
    """Whatever is flipped, the proof does not hold any more, or the bytes mean the same entry at the same place."""
    data = bytearray(PROOF.encode().encode())
    data[place % len(data)] ^= flip
    with pytest.raises(IntegrityError):
        verify_log_proof(parse_log_proof(data.decode("utf-8", "surrogateescape")), ENTRIES[4], WITNESSED)


@given(st.text(max_size=100))
def test_any_text_is_a_proof_error(text: str) -> None:
    """Nothing makes the reader fail in another way."""
    with pytest.raises(LogProofError):
        parse_log_proof(text)
