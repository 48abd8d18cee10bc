"""Signed notes as C2SP describes them, read and written."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.signed_note import NoteError, NoteKey, add_signature, claimed_signers, open_note, parse_vkey, sign_note

# The example of Go's golang.org/x/mod/sumdb/note (its package documentation): the format that C2SP wrote down.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
WITNESS = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
NOTE_KEY = NoteKey("example.org/help", KEY.public_key().public_bytes_raw())
WITNESS_KEY = NoteKey("witness", WITNESS.public_key().public_bytes_raw())
TEXT = "one\n\ntwo — 三\n"


def test_the_example_that_everybody_has() -> None:
    """Go's note opens under Go's key, and the key's text is written as it was read."""
    key = parse_vkey(GO_VKEY)
    assert key.vkey == GO_VKEY
    opened = open_note(GO_NOTE, [key])
    assert opened.signers == ("PeterNeumann",)
    assert opened.text.startswith("If you think")


def test_what_is_signed_opens() -> None:
    """Text with empty lines and other scripts comes back whole."""
    note = sign_note(TEXT, NOTE_KEY.name, KEY)
    assert open_note(note, [NOTE_KEY]).text == TEXT
    assert claimed_signers(note) == ("example.org/help",)


def test_a_second_signature_stands_beside_the_first() -> None:
    """A witness adds a line; readers see whichever signers they know."""
    note = add_signature(sign_note(TEXT, NOTE_KEY.name, KEY), "witness", WITNESS)
    assert open_note(note, [WITNESS_KEY]).signers == ("witness",)
    assert open_note(note, [NOTE_KEY, WITNESS_KEY]).signers == ("example.org/help", "witness")


def test_nobody_known_is_nobody() -> None:
    """A note that only strangers signed is not opened; a same name with another key is a stranger."""
    note = sign_note(TEXT, NOTE_KEY.name, KEY)
    for strangers in ([], [WITNESS_KEY], [NoteKey(NOTE_KEY.name, WITNESS_KEY.public_key)]):
        with pytest.raises(NoteError, match="nobody"):
            open_note(note, strangers)


def test_a_known_key_s_wrong_signature_is_fatal() -> None:
    """Also where another signature is right: somebody has altered something."""
    note = add_signature(sign_note(TEXT, NOTE_KEY.name, KEY), "witness", WITNESS)
    with pytest.raises(NoteError, match="is wrong"):
        open_note(note.replace(b"one", b"0ne"), [NOTE_KEY])


@given(st.integers(0), st.integers(0, 7))
def test_any_changed_bit_is_noticed(position: int, bit: int) -> None:
    """In the text, in the name, in the signature."""
    note = bytearray(sign_note(TEXT, NOTE_KEY.name, KEY))
    note[position % len(note)] ^= 1 << bit
    try:
        opened = open_note(bytes(note), [NOTE_KEY])
    except NoteError:
        return
    pytest.fail(f"opened as {opened}")


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\xe2\x80\x94 name AAAA",
        b"text\n\n\xe2\x80\x94 name AAAA\n",
        b"text\n\n\xe2\x80\x94 name !!!!AAAAAAA\n",
        b"text\n\n- name AAAAAAAA\n",
        b"text\n\n\xe2\x80\x94 na+me AAAAAAAA\n",
        b"\xff\n\n\xe2\x80\x94 name AAAAAAAA\n",
        b"te\rxt\n\n\xe2\x80\x94 name AAAAAAAA\n",
        b"text\n\n" + b"\xe2\x80\x94 name AAAAAAAA\n" * 101,
        b"x" * (1024 * 1024) + b"\n\n\xe2\x80\x94 name AAAAAAAA\n",
    ],
)
def test_malformed_notes(note: bytes) -> None:
    """Each has one thing wrong with it, and is refused as a whole."""
    with pytest.raises(NoteError):
        open_note(note, [NOTE_KEY])


@pytest.mark.parametrize("text", ["no end of line", "a\x00b\n", "tab\tin it\n", ""])
def test_text_that_cannot_be_in_a_note(text: str) -> None:
    """Control characters and an unfinished line are refused when signing."""
    with pytest.raises(NoteError):
        sign_note(text, "name", KEY)


@pytest.mark.parametrize(
    "vkey", ["", "a+b", "name+00000000+AQ==", GO_VKEY.replace("c74f", "c74e"), GO_VKEY + "!", "n+1+AA=="]
)
def test_malformed_keys(vkey: str) -> None:
    """A key whose parts do not fit each other is refused."""
    with pytest.raises(NoteError):
        parse_vkey(vkey)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_note_or_a_note_error(data: bytes) -> None:
    """Nothing makes the parser fail in another way."""
    with pytest.raises(NoteError):
        open_note(data, [NOTE_KEY])
