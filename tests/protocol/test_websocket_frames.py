"""Websocket framing for pipes: the payload comes out, whatever the pieces; the `websockets` library agrees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.speedups import apply_mask

from protocol.websocket_frames import FrameError, FrameReader, close_payload, frame_header

payloads = st.lists(st.binary(max_size=300) | st.sampled_from([bytes(126), b"x" * 65_535, b"y" * 65_536]), max_size=4)


def in_pieces(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


@given(payloads, st.lists(st.integers(1, 40), max_size=30), st.booleans())
def test_any_pieces(messages: list[bytes], sizes: list[int], masked: bool) -> None:
    """What the library frames comes out whole and in order, however it is cut, with a ping between any two."""
    frames = [
        part
        for message in messages
        for part in (
            Frame(Opcode.BINARY, message).serialize(mask=masked),
            Frame(Opcode.PING, b"still there?").serialize(mask=masked),
        )
    ]
    reader = FrameReader(masked=masked, apply_mask=apply_mask)
    received = [bytes(part) for piece in in_pieces(b"".join(frames), sizes) for part in reader.receive_data(piece)]
    assert b"".join(received) == b"".join(messages)
    assert len(reader.control_frames) == len(messages)


@given(st.sampled_from([0, 1, 125, 126, 65_535, 65_536, 1_000_000]))
def test_header_as_the_library_writes_it(length: int) -> None:
    """Every length has the header that RFC 6455 gives it."""
    payload = bytes(length)
    assert frame_header(length) + payload == Frame(Opcode.BINARY, payload).serialize(mask=False)


@given(st.binary(max_size=200), st.lists(st.integers(1, 10), max_size=20))
def test_noise(noise: bytes, sizes: list[int]) -> None:
    """Any bytes at all are payload, control frames, an error, or wait for more: nothing else is raised."""
    reader = FrameReader(masked=True, apply_mask=apply_mask)
    try:
        for piece in in_pieces(noise, sizes):
            reader.receive_data(piece)
    except FrameError:
        return


@pytest.mark.parametrize(
    "bad",
    [
        b"\x82\x01x",  # not masked
        b"\x81\x80mask",  # text
        b"\xc2\x80mask",  # compressed
        b"\x89\xfe\x00\x7emask",  # a ping of 126 bytes
        b"\x09\x80mask",  # a ping in fragments
        b"\x8b\x80mask",  # a control frame that does not exist
        b"\x82\xff" + b"\xff" * 8 + b"mask",  # 2^64 - 1 bytes
    ],
)
def test_bad_frames(bad: bytes) -> None:
    """What a leg may not carry is refused at its header."""
    with pytest.raises(FrameError):
        FrameReader(masked=True, apply_mask=apply_mask).receive_data(bad)


def test_close_payload() -> None:
    """A close code in network order."""
    assert close_payload(1012) == b"\x03\xf4"
