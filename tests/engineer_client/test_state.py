"""Where the engineer's client keeps things, and that nobody else gets at them."""

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engineer_client.state import FolderNotPrivate, State, locked, make_private_folder, open_state, write_private


def test_the_environment_moves_everything_to_one_folder(tmp_path: Path) -> None:
    """CONSENTRY_HOME: state and configuration; a `~` in it is the user's home."""
    state = open_state({"CONSENTRY_HOME": str(tmp_path / "x")})
    assert {state.folder, state.config_folder} == {tmp_path / "x"}
    assert open_state({"CONSENTRY_HOME": "~/x"}).folder == Path.home() / "x"


def test_without_it_each_system_has_its_place() -> None:
    """State and configuration apart, under the user's own folders."""
    state = open_state({})
    assert state.folder.name == state.config_folder.name == "consentry"
    assert not state.folder.exists() or state.folder.is_dir()


def test_folders_and_files_are_private_from_the_start(tmp_path: Path) -> None:
    """Also the parents that were made on the way, and whatever the umask is."""
    file = tmp_path / "a" / "b" / "secret"
    write_private(file, b"1")
    write_private(file, b"2")
    assert file.read_bytes() == b"2"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == stat.S_IMODE(file.parent.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["secret"]


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    """Somebody could put a key of theirs there."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(FolderNotPrivate):
        make_private_folder(folder)


def test_the_lock_lets_one_in_at_a_time(tmp_path: Path) -> None:
    """Eight writers that read, add one and write: nothing is lost."""
    state = State(tmp_path / "state", tmp_path / "state")
    counter = tmp_path / "counter"
    counter.write_text("0")

    def add() -> None:
        for _ in range(10):
            with locked(state):
                counter.write_text(str(int(counter.read_text()) + 1))

    writers = [threading.Thread(target=add) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert counter.read_text() == "80"


def test_the_module_is_light_enough_for_ssh_proxy() -> None:
    """It is on the way of every `ssh`: no package beyond the standard library and our errors is loaded with it."""
    code = (
        "import sys, engineer_client.state\n"
        "heavy = {'msgspec', 'cryptography', 'typer', 'asyncio', 'platformdirs', 'fluent', 'websockets'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
