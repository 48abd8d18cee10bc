"""The log's signed root, as c2sp.org/tlog-checkpoint writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.checkpoint import (
    Checkpoint,
    CheckpointError,
    claimed_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from protocol.merkle import EMPTY_ROOT
from protocol.signed_note import NoteKey, open_note, parse_vkey, sign_note
from tests.helpers.logs import LOG, LOG_KEY, ORIGIN

# The example of c2sp.org/tlog-checkpoint; its key was never published.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+"
    "xeMcTOAYQ8=\n"
).encode()

# The example of c2sp.org/signed-note.
NOTE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

CHECKPOINT = Checkpoint(ORIGIN, 7, b"r" * 32)


def test_the_specification_s_examples() -> None:
    """The checkpoint reads, and the signed note's signature is right."""
    assert claimed_checkpoint(EXAMPLE).size == 20852163
    assert claimed_checkpoint(EXAMPLE).text.encode() == EXAMPLE.partition(b"\n\n")[0] + b"\n"
    assert open_note(NOTE, [parse_vkey(NOTE_VKEY)]).signers == ("example.com/foo",)


def test_what_the_log_signs_opens() -> None:
    """Under the log's own key, and no other."""
    note = sign_checkpoint(CHECKPOINT, LOG)
    assert open_checkpoint(note, LOG_KEY) == CHECKPOINT
    with pytest.raises(CheckpointError, match="nobody"):
        open_checkpoint(note, NoteKey(ORIGIN, b"x" * 32))
    with pytest.raises(CheckpointError, match="nobody"):
        open_checkpoint(EXAMPLE, LOG_KEY)


def test_a_key_speaks_for_its_own_log_alone() -> None:
    """The same key under another log's name on the first line is refused."""
    note = sign_note(Checkpoint("other/log", 7, b"r" * 32).text, ORIGIN, LOG)
    with pytest.raises(CheckpointError, match="another log"):
        open_checkpoint(note, LOG_KEY)


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n", "a\n1\n", "a\n1\nAAAA\n", "\n1\n" + "A" * 43 + "=\n", "a\n01\n" + "A" * 43 + "=\n",
        "a\n-1\n" + "A" * 43 + "=\n", "a\n9223372036854775808\n" + "A" * 43 + "=\n", "a\n1\n" + "A" * 42 + "B=\n",
        "a\n1\n" + "A" * 43 + "=", "a\n1\n" + "A" * 43 + "=\nextension\n", "a\n٣\n" + "A" * 43 + "=\n",
        "a\n0\n" + "A" * 43 + "=\n", "a\n1 \n" + "A" * 43 + "=\n",
    ],
)  # fmt: skip
def test_other_texts_are_none(text: str) -> None:
    """Three lines, written in the one way, and an empty log has the empty root."""
    with pytest.raises(CheckpointError):
        parse_checkpoint(text)


def test_an_empty_log_has_the_empty_root() -> None:
    """And is a checkpoint like any other."""
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert open_checkpoint(sign_checkpoint(empty, LOG), LOG_KEY) == empty


@given(st.binary(max_size=200))
def test_any_bytes_are_a_checkpoint_error(data: bytes) -> None:
    """Nothing makes the reader fail in another way."""
    for read in (claimed_checkpoint, lambda note: open_checkpoint(note, LOG_KEY)):
        with pytest.raises(CheckpointError):
            read(data)
