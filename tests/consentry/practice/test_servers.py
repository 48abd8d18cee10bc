"""Servers of a practice that stop by themselves: they come back, or the practice ends and says why."""

import queue
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from consentry.practice import servers as practice_servers
from consentry.practice.place import Place
from consentry.practice.processes import PracticePartFailed, listens
from consentry.practice.servers import Turn, broker_running
from tests.helpers.ports import free_port
from tests.helpers.waiting import PATIENCE_SECONDS

SERVER = """
import pathlib, socket, sys
if pathlib.Path(sys.argv[sys.argv.index("--data") + 1]).exists():
    sys.exit("broken")
with socket.create_server(("localhost", int(sys.argv[sys.argv.index("--port") + 1]))) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            if connection.recv(4) == b"stop":
                sys.exit("its last words")
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place whose servers stop when they are asked to."""
    place = Place(tmp_path)
    monkeypatch.setitem(place.__dict__, "facts", {"broker_origin": f"https://localhost:{free_port()}"})
    monkeypatch.setattr(practice_servers, "own_command", lambda: [sys.executable, "-c", SERVER])
    monkeypatch.setattr(practice_servers, "AGAIN_AFTER_SECONDS", 0.01)
    return place


def port_of(place: Place) -> int:
    return int(place.facts["broker_origin"].rpartition(":")[2])


def stop(place: Place) -> None:
    with socket.create_connection(("localhost", port_of(place))) as connection:
        connection.sendall(b"stop")
        connection.recv(1)


def watch_them_stop(place: Place, once_told: Callable[[], None] = lambda: None) -> None:
    """As a practice that waits for its customer's next line, which never comes."""
    told: queue.Queue[Turn] = queue.Queue()

    def tell(turn: Turn) -> None:
        once_told()
        told.put(turn)

    with broker_running(place, tell):
        stop(place)
        assert told.get(timeout=PATIENCE_SECONDS) == "stopped"
        told.get(timeout=PATIENCE_SECONDS)


def test_servers_that_stop_are_started_again(place: Place) -> None:
    """The reader is told of both; at the end nothing listens any more."""
    told: queue.Queue[Turn] = queue.Queue()
    with broker_running(place, told.put) as servers:
        stop(place)
        assert told.get(timeout=PATIENCE_SECONDS) == "stopped"
        assert told.get(timeout=PATIENCE_SECONDS) == "back"
        assert servers.are_there.is_set()
        assert listens(port_of(place))
    assert not listens(port_of(place))
    assert "its last words" in place.log("broker").read_text()


def test_servers_that_stop_again_and_again_end_the_practice(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one sentence, whatever the reader's program was waiting for."""
    monkeypatch.setattr(practice_servers, "RESTARTS_LIMIT", 0)
    with pytest.raises(PracticePartFailed, match="start the practice again"):
        watch_them_stop(place)


def test_servers_that_do_not_come_back_end_the_practice(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that a start may take."""

    def break_them() -> None:
        place.broker.mkdir()
        monkeypatch.setattr(practice_servers, "START_WITHIN_SECONDS", 0.3)

    with pytest.raises(PracticePartFailed, match=str(place.log("broker"))):
        watch_them_stop(place, break_them)
