"""The rules of the door by themselves, with a clock in the test's hand."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from websockets.datastructures import Headers

from agent_client.page.door import COOKIE, SUBPROTOCOL, TICKET_PREFIX, Admitted, Door, File, Knock, Refused
from agent_client.page.peers import UNKNOWN_USER, Peer

USER = 1000
US = Peer(USER, is_ourselves=False)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def a_door(clock: Clock) -> Door:
    return Door(port=4711, user_id=USER, files=("", "a.js"), now=clock)


def knock(door: Door, ticket: str, *, accepted_at: float = 100.0, **headers: str) -> Knock:
    given_headers = {"Host": "127.0.0.1:4711", "Origin": door.origin, "Sec-WebSocket-Protocol": SUBPROTOCOL, **headers}
    given_headers["Sec-WebSocket-Protocol"] += f", {TICKET_PREFIX}{ticket}"
    return Knock("GET", door.path + "live", Headers(given_headers), US, accepted_at)


def test_each_door_has_a_path_and_tickets_of_its_own() -> None:
    """Nothing of one session opens another."""
    doors = [a_door(Clock()) for _ in range(100)]
    assert len({door.path for door in doors}) == len({door.new_link().rpartition("#")[2] for door in doors}) == 100
    assert all(len(door.path) >= 22 for door in doors)


def test_a_ticket_is_spent_by_whoever_enters_and_only_then() -> None:
    """The newest link counts; entering makes the cookie the only one that opens anything."""
    door = a_door(Clock())
    first, second = (door.new_link().rpartition("#")[2] for _ in range(2))
    assert door.judge(knock(door, first)) == Refused("ticket")
    assert door.judge(knock(door, second)) == Admitted()
    assert door.judge(knock(door, second)) == Admitted()
    cookie = door.enter().partition("=")[2].partition(";")[0]
    assert door.judge(knock(door, second)) == Refused("spent-link")
    assert door.judge(knock(door, cookie)) == Refused("taken")
    door.leave()
    assert door.judge(knock(door, cookie)) == Admitted()


def test_only_one_connection_is_open_and_none_that_is_older_than_the_standstill() -> None:
    """Shut: nobody. From a moment on: whoever was accepted then or later, whenever they ask."""
    clock = Clock()
    door = a_door(clock)
    ticket = door.new_link().rpartition("#")[2]
    door.shut()
    assert door.is_shut
    assert door.judge(knock(door, ticket)) == Refused("too-early")
    door.count_from(101.0)
    assert door.is_shut
    clock.now = 102.0
    assert not door.is_shut
    assert door.judge(knock(door, ticket, accepted_at=100.9)) == Refused("too-early")
    assert door.judge(knock(door, ticket, accepted_at=101.0)) == Admitted()


def test_files_and_the_socket_are_for_this_user_alone() -> None:
    """Whatever else they bring; where the system does not tell, the ticket has to do."""
    door = a_door(Clock())
    right = knock(door, door.new_link().rpartition("#")[2])
    for peer, verdict in (
        (Peer(USER + 1, is_ourselves=False), Refused("peer")),
        (Peer(0, is_ourselves=False), Refused("peer")),
        (Peer(UNKNOWN_USER, is_ourselves=False), Refused("peer")),
        (Peer(USER, is_ourselves=True), Refused("peer")),
        (Peer(None, is_ourselves=False), Admitted()),
    ):
        assert door.judge(dataclasses.replace(right, peer=peer)) == verdict


_SOMETHING = st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20), max_size=40) | st.just("\xfc\xff")


@given(
    method=st.sampled_from(["GET", "POST", ""]) | _SOMETHING,
    target=st.sampled_from(["live", "", "a.js", "../a.js"]) | _SOMETHING,
    headers=st.lists(
        st.tuples(
            st.sampled_from(["Host", "Origin", "Sec-Fetch-Site", "Cookie", "Sec-WebSocket-Protocol"]),
            st.sampled_from(["127.0.0.1:4711", "http://127.0.0.1:4711", "same-origin", f"{COOKIE}=x", "ticket.x"])
            | _SOMETHING,
        ),
        max_size=8,
    ),
)
def test_whatever_comes_without_a_ticket_gets_files_or_nothing(
    method: str, target: str, headers: list[tuple[str, str]]
) -> None:
    """No header makes it fail, and none lets anybody in."""
    door = a_door(Clock())
    door.new_link()
    door.enter()
    door.leave()
    verdict = door.judge(Knock(method, door.path + target, Headers(headers), US, 100.0))
    assert isinstance(verdict, Refused) or (isinstance(verdict, File) and verdict.name in ("", "a.js"))
