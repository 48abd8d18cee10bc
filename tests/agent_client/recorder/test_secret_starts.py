"""Where secrets may begin: every place, also those that overlap."""

import re

from hypothesis import given
from hypothesis import strategies as st

from agent_client.recorder.secret_starts import SecretStarts

FEW_LETTERS = st.lists(st.sampled_from(b"ab:"), max_size=60).map(bytes)
TEXTS = st.sets(st.lists(st.sampled_from(b"ab:"), min_size=1, max_size=6).map(bytes), max_size=6)


@given(texts=TEXTS, data=FEW_LETTERS)
def test_finds_every_position_that_a_plain_search_finds(texts: set[bytes], data: bytes) -> None:
    """The automaton and what we look at besides find what trying every text at every position finds."""
    expected = [at for at in range(len(data)) if data.startswith(tuple(texts), at)]
    assert SecretStarts(texts).positions(data) == expected


@given(texts=TEXTS, data=FEW_LETTERS, begin=st.integers(0, 60))
def test_sees_the_longest_text_that_the_end_cuts(texts: set[bytes], data: bytes, begin: int) -> None:
    """What is remembered at the end of a read is the longest tail that some text begins with and goes on behind."""
    tail = data[begin:]
    cut = [
        length
        for length in range(1, len(tail) + 1)
        if any(t.startswith(tail[-length:]) and len(t) > length for t in texts)
    ]
    assert SecretStarts(texts).cut_bytes(data, min(begin, len(data))) == max(cut, default=0)


def test_finds_a_text_inside_of_another() -> None:
    """An access key's first letters twice in a row are two places where one may begin."""
    starts = SecretStarts([b"AKIA", b"ASIA", b"://"])
    assert starts.positions(b"x AKIAKIA http://ASIAKIA") == [2, 5, 14, 17, 20]


def test_without_texts_nothing_is_found() -> None:
    """An organisation may turn all rules off."""
    starts = SecretStarts([])
    assert starts.positions(b"AKIA://" * 9) == []
    assert starts.cut_bytes(b"AKI", 0) == 0


def test_positions_of_real_rules_are_those_of_an_expression() -> None:
    """Regular text with a few addresses in it, against the expression of alternatives that this replaces."""
    texts = [b"AKIA", b"password=", b"://", b"github_pat_", b"ghp_"]
    data = b"GET https://example.org/?password=x&y=ghp_AKIA github_pat_ghp_ AKI" * 50
    expression = re.compile(b"|".join(map(re.escape, sorted(texts, key=len, reverse=True))))
    assert SecretStarts(texts).positions(data) == [match.start() for match in expression.finditer(data)]
