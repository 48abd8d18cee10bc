"""The address a customer shares with: one spelling per broker, and no surprises in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.share_url import ShareUrl, ShareUrlError, encode_root_key, normal_origin, parse_share_url

ROOT = bytes(range(32))
ROOT_TEXT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("help.example.org", "https://help.example.org"),
        ("help.example.org:8443", "https://help.example.org:8443"),
        ("localhost:8443", "https://localhost:8443"),
        ("https://Help.Example.ORG/", "https://help.example.org"),
        ("https://help.example.org:443", "https://help.example.org"),
        ("HTTPS://127.0.0.1:8443/", "https://127.0.0.1:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("  https://help.example.org\n", "https://help.example.org"),
    ],
)
def test_one_broker_has_one_spelling(text: str, origin: str) -> None:
    """Case, a bare host, a final slash and the default port make no difference."""
    assert parse_share_url(text) == ShareUrl(origin, None)
    assert normal_origin(origin) == origin


def test_the_root_key_stands_behind_the_hash_mark() -> None:
    """And is written back as it was read."""
    share_url = parse_share_url(f"https://help.example.org:8443/#{ROOT_TEXT}")
    assert share_url.root_key == ROOT
    assert str(share_url) == f"https://help.example.org:8443/#{ROOT_TEXT}"


@given(st.binary(min_size=32, max_size=32))
def test_any_root_key_survives(root_key: bytes) -> None:
    """`str` and `parse_share_url` are inverse."""
    share_url = ShareUrl("https://help.example.org", root_key)
    assert parse_share_url(str(share_url)) == share_url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "http://help.example.org",
        "ftp://help.example.org",
        "javascript:alert(1)",
        "https://user:password@help.example.org",
        "https://help.example.org@evil.example",
        "https://help.example.org/path",
        "https://help.example.org/?query=1",
        "https://help.example.org:0",
        "https://help.example.org:65536",
        "https://help.example.org:x",
        "https://help example.org",
        "https://help.example.org\\@evil.example",
        "https://h\u0435lp.example.org",
        "https://help.example.org\x00",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://" + "a" * 300,
        "https://help.example.org/#",
        f"https://help.example.org/#{ROOT_TEXT[:-1]}",
        f"https://help.example.org/#{ROOT_TEXT}=",
        f"https://help.example.org/#{ROOT_TEXT[:-1]}9",
        f"https://help.example.org/#{ROOT_TEXT}#{ROOT_TEXT}",
        f"https://help.example.org/#{ROOT_TEXT[:-1]}\u00e9",
    ],
)
def test_what_is_no_broker_s_address(text: str) -> None:
    """Other schemes, names before an @, paths, look-alike letters and cut-off keys are refused with a reason."""
    with pytest.raises(ShareUrlError):
        parse_share_url(text)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_a_share_url_error(text: str) -> None:
    """What is accepted is already in its normal form once read."""
    try:
        share_url = parse_share_url(text)
    except ShareUrlError:
        return
    assert parse_share_url(str(share_url)) == share_url


def test_encoding_is_base64url_without_padding() -> None:
    """43 characters that survive a terminal, a mail and a QR code."""
    assert encode_root_key(ROOT) == ROOT_TEXT
    assert encode_root_key(b"\xff" * 32) == "_" * 42 + "8"
