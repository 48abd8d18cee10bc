"""A log's request to a witness, as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.signed_note import NoteError
from protocol.witness_messages import (
    AddCheckpoint,
    WitnessRequestMalformed,
    parse_add_checkpoint,
    parse_signature_lines,
)

# The example of c2sp.org/tlog-witness.
EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
""".encode()  # noqa: E501

ANSWER = """— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
""".encode()  # noqa: E501


def test_the_specification_s_example() -> None:
    """Reads, and is written as it was read."""
    request = parse_add_checkpoint(EXAMPLE)
    assert (request.old_size, len(request.proof)) == (20852014, 4)
    assert request.checkpoint_note.startswith(b"example.com/behind-the-sofa\n")
    assert request.encode() == EXAMPLE


def test_the_specification_s_answer() -> None:
    """Each line is a signature of that witness."""
    lines = parse_signature_lines(ANSWER)
    assert [line.name for line in lines] == ["witness.example/w1", "witness.example/w1"]
    assert b"".join(line.line for line in lines) == ANSWER


def test_nothing_to_prove_is_no_line() -> None:
    """The first request of a log has no proof."""
    request = AddCheckpoint(0, (), b"note\n")
    assert request.encode() == b"old 0\n\nnote\n"
    assert parse_add_checkpoint(request.encode()) == request


@pytest.mark.parametrize(
    "body",
    [
        b"", b"old 1\n", b"old 01\n\n", b"new 1\n\n", b"old -1\n\n", b"old 1\nAAAA\n\n", "old ١\n\n".encode(),
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\n", b"old 1\n\n" + b"x" * 70_000, b"old 1\n=\n\nnote",
    ],
)  # fmt: skip
def test_other_bodies_are_malformed(body: bytes) -> None:
    """Wrong lines, too many hashes, too many bytes."""
    with pytest.raises(WitnessRequestMalformed):
        parse_add_checkpoint(body)


@given(st.binary(max_size=100))
def test_any_bytes_end_in_an_error_of_the_tree(data: bytes) -> None:
    """From a log or from a witness."""
    with pytest.raises(NoteError):
        parse_signature_lines(data)
    try:
        parse_add_checkpoint(b"old 3\n" + data)
    except WitnessRequestMalformed:
        return
