"""Connections end with their login."""

from serving.identity.live_logins import LiveLogins


def test_all_connections_of_a_revoked_login_are_hung_up_and_no_others() -> None:
    """Also several of one login; and one that is over is not called any more."""
    live, heard = LiveLogins(), []
    with live.connected(b"a", lambda: heard.append("first")), live.connected(b"b", lambda: heard.append("other")):
        with live.connected(b"a", lambda: heard.append("second")):
            live.revoked({b"a", b"unknown"})
            assert sorted(heard) == ["first", "second"]
        live.revoked({b"a"})
        assert sorted(heard) == ["first", "first", "second"]
        assert live.all() == {b"a", b"b"}
    assert live.all() == set()
