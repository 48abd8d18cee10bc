"""How a login's device is named in lists."""

import pytest

from serving.identity_api.devices import describe

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (CHROME, "Chrome, Linux"),
        (EDGE, "Edge, Windows"),
        (PHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("consentry (ada-laptop)", "consentry, ada-laptop"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_device_is_named_as_a_person_would(said: str, shown: str) -> None:
    """Browser and system, or the machine that our own program runs on."""
    assert describe(said) == shown


@pytest.mark.parametrize("said", ["a\u202eb\x00\x1b[31m\n", "x" * 5000, "consentry (\u2066evil)", "Chrome/1 \ud800"])
def test_nothing_that_is_said_changes_what_stands_beside_it(said: str) -> None:
    """No controls, no marks that turn text around, and not at length."""
    shown = describe(said)
    assert len(shown) <= 100
    assert shown.isprintable()
