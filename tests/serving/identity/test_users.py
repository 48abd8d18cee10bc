"""Names and passwords: what can be used."""

import pytest

from serving.identity.passwords import Passwords, PasswordUnusable, check_new_password
from serving.identity.users import UserNameUnusable, UserTextUnusable, check_shown_text, check_user_name
from tests.broker.harness import QUICK_PASSWORDS


def test_user_names_are_folded() -> None:
    """What an engineer types in capitals or full width is the same name."""
    assert check_user_name(" Ｗang.W ") == "wang.w"


@pytest.mark.parametrize("text", ["", ".", "-a", "a b", "王", "a" * 64, "a/b", "a\0", "a@b"])
def test_other_user_names_are_refused(text: str) -> None:
    """They end up in logs, files and command lines."""
    with pytest.raises(UserNameUnusable):
        check_user_name(text)


@pytest.mark.parametrize("text", ["", "  ", "a" * 65, "a\nb", "a\u202eb", "a\u200bb", "a\x1b[2J", "\ud800"])
def test_a_shown_name_has_nothing_invisible(text: str) -> None:
    """A customer decides by what they read."""
    with pytest.raises(UserTextUnusable):
        check_shown_text(text, "name")


def test_a_name_in_any_script_is_fine() -> None:
    """Normalised, so that two spellings of one name are one."""
    assert check_shown_text(" 王伟 ", "name") == "王伟"
    assert check_shown_text("Jose\u0301", "name") == "José"


@pytest.mark.parametrize("password", ["", "short", "a" * 11, "a" * 257])
def test_passwords_have_12_to_256_characters(password: str) -> None:
    """Length is what counts; nothing else is asked of them."""
    with pytest.raises(PasswordUnusable):
        check_new_password(password)


async def test_only_the_right_password_matches() -> None:
    """Typed with another keyboard it is still the same one; nobody's never matches."""
    hashed = QUICK_PASSWORDS.hash_now("pässword of éxample")
    assert await QUICK_PASSWORDS.matches(hashed, "pa\u0308ssword of e\u0301xample")
    assert not await QUICK_PASSWORDS.matches(hashed, "password of example")
    assert not await QUICK_PASSWORDS.matches(None, "nobody has this password")
    assert not await QUICK_PASSWORDS.matches("no hash at all", "x")


def test_the_real_hash_costs_what_rfc_9106_asks() -> None:
    """argon2id, 64 MiB, 3 passes, 4 lanes."""
    assert Passwords().hash_now("a" * 12).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
