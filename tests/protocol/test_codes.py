"""The one-time code: what it looks like, what may be typed for it, and which slips are caught."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codes import CodeShapeError, CodeSlipError, OneTimeCode, damm_digit, new_code, parse_code
from protocol.errors import InputError

nameplates = st.from_regex(r"\A[1-9][0-9]{2,3}\Z", alphabet="0123456789")
secrets = st.text("0123456789", min_size=7, max_size=7)
codes = st.builds(OneTimeCode, nameplates, secrets)


def test_damm_known_answer() -> None:
    """The example of Damm's thesis as everybody quotes it: 572 has the check digit 4."""
    assert damm_digit("572") == "4"


def test_a_code_is_read_like_a_mobile_number() -> None:
    """3-4-4 digits; four in front on a busy broker."""
    assert str(OneTimeCode("482", "9137755")) == "482-9137-7551"
    assert str(OneTimeCode("4821", "9137755")) == "4821-9137-7556"


def test_a_new_code_takes_its_secret_from_the_whole_range() -> None:
    """The smallest and the largest secret are possible, and small ones keep their zeros."""
    assert new_code("100", random_below=lambda _: 0).secret == "0000000"
    assert new_code("100", random_below=lambda below: below - 1).secret == "9999999"


def test_repr_hides_the_secret() -> None:
    """A code that ends up in a log or a traceback gives nothing away."""
    assert "9137755" not in repr(OneTimeCode("482", "9137755"))


@given(codes)
def test_what_is_shown_can_be_typed(code: OneTimeCode) -> None:
    """Reading back what `str` wrote gives the same code."""
    assert parse_code(str(code)) == code


@pytest.mark.parametrize(
    "typed",
    [
        "48291377551",
        " 482 9137 7551 ",
        "482–9137—7551",
        "482‐9137‑7551",
        "482−9137﹣7551",
        "４８２－９１３７－７５５１",
        "４８２　９１３７　７５５１",
        "482ー9137ー7551",
        "\u2068482-9137-7551\u2069",
        "482-\u200b9137-7551\n",
    ],
)
def test_generous_input(typed: str) -> None:
    """Full-width digits, every kind of dash and space, and invisible marks from a chat are all the same code."""
    assert parse_code(typed) == OneTimeCode("482", "9137755")


@given(codes, st.data())
def test_every_wrong_digit_is_caught(code: OneTimeCode, data: st.DataObject) -> None:
    """One digit misheard is a slip, not a burnt code (unless it makes the first digit 0, which is no code at all)."""
    digits = str(code).replace("-", "")
    position = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[position]]))
    with pytest.raises(InputError):
        parse_code(digits[:position] + wrong + digits[position + 1 :])


@given(codes, st.data())
def test_every_swap_of_neighbours_is_caught(code: OneTimeCode, data: st.DataObject) -> None:
    """Two neighbouring digits exchanged are a slip, if they differ."""
    digits = str(code).replace("-", "")
    position = data.draw(st.integers(0, len(digits) - 2))
    swapped = digits[:position] + digits[position + 1] + digits[position] + digits[position + 2 :]
    if swapped == digits:
        assert parse_code(swapped) == code
    else:
        with pytest.raises(InputError):
            parse_code(swapped)


def test_a_slip_is_told_from_a_wrong_shape() -> None:
    """The sentence for a slip says that the code is still good; the one for the shape counts the digits."""
    with pytest.raises(CodeSlipError, match="still good"):
        parse_code("482-9137-7552")
    with pytest.raises(CodeShapeError, match="this has 10"):
        parse_code("482-9137-755")


@pytest.mark.parametrize(
    "typed",
    ["", "-", "hello", "082-9137-7551", "482-9137-7551-11", "482-9137-755x", "48²-9137-7551x", "1" * 65, "٤٨٢٩١٣٧٧٥٥٢"],
)
def test_what_is_no_code(typed: str) -> None:
    """Letters, other scripts' digits, leading zeros and wrong lengths are refused with the shape."""
    with pytest.raises(CodeShapeError):
        parse_code(typed)


def test_an_error_never_repeats_what_was_typed() -> None:
    """What was typed may be the secret with one digit too few."""
    with pytest.raises(CodeShapeError) as caught:
        parse_code("482-6024-755")
    assert "6024" not in str(caught.value)
    assert "6024" not in repr(caught.value)


@given(st.text(max_size=80))
def test_any_text_is_a_code_or_an_input_error(text: str) -> None:
    """No text makes the parser fail in another way."""
    try:
        code = parse_code(text)
    except InputError:
        return
    assert len(code.secret) == 7


@pytest.mark.parametrize(
    ("nameplate", "secret"), [("082", "1234567"), ("48", "1234567"), ("482", "123456"), ("482", "12345６7")]
)
def test_a_malformed_code_cannot_be_made(nameplate: str, secret: str) -> None:
    """The class itself holds its shape, wherever its fields come from."""
    with pytest.raises(CodeShapeError):
        OneTimeCode(nameplate, secret)
