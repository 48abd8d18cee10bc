"""How text is cut into tokens, and what a query matches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.replay_index.entries import Entry, Kind, Source
from audit.replay_index.text_blocks import Filter, pack_block, search_block, unpack_block
from audit.replay_index.words import QueryError, normal_form, parse_query


def found(query: str, *lines: str) -> list[str]:
    """The lines that match: through the filter, then as text."""
    block, hashes = pack_block([Entry(0, Kind.OUTPUT, line) for line in lines])
    wanted = parse_query(query)
    return [entry.text for entry in search_block(block, wanted)] if Filter(hashes).may_hold(wanted) else []


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("nginx", "systemctl restart nginx.service"),
        ("NGINX restart", "systemctl restart nginx.service"),
        ("重启", "需要重启服务"),
        ("服务", "需要重启服务"),
        ("重", "需要重启服务"),
        ("重启服务", "需要重启服务"),
        ("磁盘 full", "磁盘空间不足: disk full"),
        ("nginx服务", "重启nginx服务"),
        ("/etc/hosts", "cat /etc/hosts"),
        ('"permission denied"', "open: Permission denied"),
        ("full", "ｆｕｌｌ ｗｉｄｔｈ"),
        ("ｆｕｌｌ", "full width"),
        ("strasse", "Straße"),
        ("file", "ﬁle"),
        ("passwd", "pass\u200bwd"),
        ("10.0.0.7", "inet 10.0.0.7/24"),
        ("プリンタ", "プリンタの再起動"),
        ("-rf", "rm -rf /srv"),
    ],
)
def test_it_finds(query: str, line: str) -> None:
    """Words in Latin letters whole, Chinese of any length anywhere, whatever the width and the case."""
    assert found(query, "something else", line, "and more") == [line]


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("ngin", "nginx"),
        ("inx", "nginx"),
        ("启重", "需要重启服务"),
        ("重服", "重启服务"),
        ('"denied permission"', "permission denied"),
        ("permission granted", "permission denied"),
        ("10.0.0.7", "10.0.0.77"),
    ],
)
def test_it_does_not_find(query: str, line: str) -> None:
    """Parts of Latin words, other orders, half of what was asked for."""
    assert found(query, line) == []


@pytest.mark.parametrize("text", ["", "  ", "-- //", '""'])
def test_a_query_without_a_word_is_refused(text: str) -> None:
    """It would match everything."""
    with pytest.raises(QueryError):
        parse_query(text)


_LINES = st.lists(st.text(st.sampled_from("ab 重启x-_.\u200bÀß１"), max_size=12), min_size=1, max_size=8)


@given(_LINES, st.data())
def test_a_filter_never_hides_a_match(lines: list[str], data: st.DataObject) -> None:
    """Whatever a line holds, and whichever whole line is asked for: the block is opened and the line is found."""
    wanted = data.draw(st.sampled_from(lines))
    if not any(character.isalnum() for character in normal_form(wanted)):
        return
    assert wanted in found(f'"{wanted}"', *lines)


def test_entries_come_out_as_they_went_in() -> None:
    """All columns, in order."""
    entries = [
        Entry(5, Kind.COMMAND, "ls", Source.PROMPT, 0),
        Entry(7, Kind.OUTPUT, "", Source.SHOWN, 3),
        Entry(9, Kind.MARK, "root scope", Source.ADDED, 0, "root-scope"),
    ]
    assert unpack_block(pack_block(entries)[0]) == entries
