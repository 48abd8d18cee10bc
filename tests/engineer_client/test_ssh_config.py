"""Our own ssh configuration, and how carefully the user's is treated. What ssh makes of it is asked of ssh itself."""

import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engineer_client.ssh_config import (
    AliasUnusable,
    HostEntry,
    PathUnusable,
    SshConfigNotWritable,
    check_alias,
    ensure_include,
    include_line,
    names_in,
    proxy_command,
    write_entries,
)
from engineer_client.state import State

THEIRS = b"# mine\nHost *.example.org\n    User me\n    Port 2222\n"


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state", tmp_path / "config folder")


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    return tmp_path / "home" / ".ssh" / "config"


def entry(state: State, alias: str = "cs-482") -> HostEntry:
    folder = state.sessions / alias
    return HostEntry(alias, f"consentry-{alias}", folder / "known_hosts", folder / "identity")


def asked_of_ssh(config: Path, host: str) -> dict[str, str]:
    """What stock ssh would do for a host under this configuration."""
    told = subprocess.run(["ssh", "-G", "-F", config, host], capture_output=True, text=True, check=True).stdout
    return dict(line.partition(" ")[::2] for line in told.splitlines())


def existing(user_file: Path, content: bytes, mode: int = 0o600) -> None:
    user_file.parent.mkdir(parents=True, mode=0o700)
    user_file.write_bytes(content)
    user_file.chmod(mode)


def test_stock_ssh_reads_the_entry_as_it_is_meant(state: State) -> None:
    """Pinned host key, one identity, our proxy: as ssh itself understands the file, blanks in the path included."""
    write_entries(state, [entry(state)])
    told = asked_of_ssh(state.ssh_config, "cs-482")
    assert told["hostkeyalias"] == "consentry-cs-482"
    assert told["stricthostkeychecking"] == "true"
    assert told["identitiesonly"] == "yes"
    assert told["identityfile"] == str(state.sessions / "cs-482" / "identity")
    assert told["userknownhostsfile"] == str(state.sessions / "cs-482" / "known_hosts")
    assert told["globalknownhostsfile"] == "/dev/null"
    assert told["hostkeyalgorithms"] == "ssh-ed25519"
    assert told["forwardagent"] == "no"
    assert told["proxycommand"].endswith("-P -m consentry ssh-proxy cs-482")


def test_other_hosts_are_left_alone(state: State) -> None:
    """The file says nothing about any host that is not a session of ours."""
    write_entries(state, [entry(state)])
    told = asked_of_ssh(state.ssh_config, "github.com")
    assert "proxycommand" not in told
    assert told["stricthostkeychecking"] == "ask"


def test_an_entry_goes_with_its_session(state: State) -> None:
    """The file is written anew from what is open: an ended session leaves nothing behind."""
    write_entries(state, [entry(state), entry(state, "cs-777")])
    write_entries(state, [entry(state, "cs-777")])
    assert "cs-482" not in state.ssh_config.read_text()
    assert stat.S_IMODE(state.ssh_config.stat().st_mode) == 0o600


def test_the_include_makes_the_alias_known_and_keeps_the_rest(state: State, user_file: Path) -> None:
    """With the one line, ssh knows the alias, and the user's hosts mean what they meant before."""
    existing(user_file, THEIRS)
    write_entries(state, [entry(state)])
    assert ensure_include(state, user_file)
    assert user_file.read_bytes() == include_line(state).encode() + b"\n" + THEIRS
    assert asked_of_ssh(user_file, "cs-482")["hostkeyalias"] == "consentry-cs-482"
    assert asked_of_ssh(user_file, "web.example.org")["port"] == "2222"


def test_the_include_is_added_once(state: State, user_file: Path) -> None:
    """A second time changes not a byte and not the time of the file."""
    existing(user_file, THEIRS)
    ensure_include(state, user_file)
    before = user_file.stat()
    assert not ensure_include(state, user_file)
    assert user_file.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("spelling", ["Include {0}", "include = {0}", "  INCLUDE {0} other", 'Include "{0}"'])
def test_an_include_that_stands_there_in_another_spelling_is_enough(spelling: str, tmp_path: Path) -> None:
    """ssh allows several spellings; a line that the user wrote themselves counts."""
    state = State(tmp_path / "state", tmp_path / "config")
    user_file = tmp_path / ".ssh" / "config"
    existing(user_file, (spelling.format(state.ssh_config) + "\n").encode() + THEIRS)
    assert not ensure_include(state, user_file)


def test_an_include_inside_a_host_block_does_not_count(state: State, user_file: Path) -> None:
    """There it would hold for that host only: ours still goes to the top."""
    existing(user_file, THEIRS + include_line(state).encode() + b"\n")
    assert ensure_include(state, user_file)
    assert user_file.read_bytes().startswith(include_line(state).encode())


def test_an_include_of_something_else_is_kept_below(state: State, user_file: Path) -> None:
    """Somebody else's Include stays, in its place."""
    existing(user_file, b"Include ~/.orbstack/ssh/config\n" + THEIRS)
    assert ensure_include(state, user_file)
    assert user_file.read_bytes().endswith(b"\nInclude ~/.orbstack/ssh/config\n" + THEIRS)


def test_a_missing_file_is_made_private(state: State, user_file: Path) -> None:
    """No ~/.ssh yet: both are made as ssh wants them."""
    user_file.parent.parent.mkdir()
    assert ensure_include(state, user_file)
    assert stat.S_IMODE(user_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(user_file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640])
def test_permissions_stay_as_they_are(mode: int, state: State, user_file: Path) -> None:
    """Whatever the user chose, also where it is wider than ours."""
    existing(user_file, THEIRS, mode)
    ensure_include(state, user_file)
    assert stat.S_IMODE(user_file.stat().st_mode) == mode


def test_a_link_stays_a_link(state: State, user_file: Path, tmp_path: Path) -> None:
    """A configuration kept in a dotfiles folder is changed there, and still linked here."""
    dotfile = tmp_path / "dotfiles" / "ssh_config"
    existing(dotfile, THEIRS)
    user_file.parent.mkdir(parents=True)
    user_file.symlink_to(Path("../../dotfiles/ssh_config"))
    assert ensure_include(state, user_file)
    assert user_file.is_symlink()
    assert dotfile.read_bytes().endswith(THEIRS)
    assert not ensure_include(state, user_file)


def test_a_link_in_a_circle_is_told(state: State, user_file: Path) -> None:
    """Nothing is changed, and the sentence says which line to add by hand."""
    user_file.parent.mkdir(parents=True)
    user_file.symlink_to(user_file)
    with pytest.raises(SshConfigNotWritable) as caught:
        ensure_include(state, user_file)
    assert include_line(state) in str(caught.value)


def test_lines_that_end_like_on_windows_stay_so(state: State, user_file: Path) -> None:
    """Our line ends like the ones that are there."""
    existing(user_file, THEIRS.replace(b"\n", b"\r\n"))
    ensure_include(state, user_file)
    assert user_file.read_bytes().count(b"\r\n") == user_file.read_bytes().count(b"\n")


def test_a_file_in_no_encoding_survives(state: State, user_file: Path) -> None:
    """Bytes that are not UTF-8 come through untouched, and so does a missing line end."""
    theirs = b"# caf\xe9 \xff\nHost x\n    User y"
    existing(user_file, theirs)
    ensure_include(state, user_file)
    assert user_file.read_bytes().endswith(theirs)


def test_concurrent_writers_add_one_line(state: State, user_file: Path) -> None:
    """Eight at once: the user's text is whole, and no temporary file is left."""
    existing(user_file, THEIRS)
    writers = [threading.Thread(target=ensure_include, args=(state, user_file)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert user_file.read_bytes().endswith(THEIRS)
    assert user_file.read_bytes().startswith(include_line(state).encode())
    assert [path.name for path in user_file.parent.iterdir()] == ["config"]


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "-oProxyCommand=x",
        "a b",
        "*",
        "a*",
        "?",
        "!a",
        "a\nHost *",
        "a\n",
        "github.com",
        "a,b",
        "a/b",
        "..",
        "a" * 41,
        "é",
        "４８２",
        "$(x)",
        "%h",
        'a"b',
    ],
)
def test_a_hostile_alias_is_refused(alias: str) -> None:
    """No blank, wildcard, line break, option, path or other host's name gets into the file."""
    with pytest.raises(AliasUnusable):
        check_alias(alias)


@given(st.text())
def test_an_alias_that_passes_is_one_plain_word(alias: str) -> None:
    """Whatever is typed: what comes through means nothing to ssh, to the shell or to the file system."""
    try:
        passed = check_alias(alias)
    except AliasUnusable:
        return
    assert passed.replace("-", "a").isalnum()
    assert passed.isascii()
    assert not passed.startswith("-")


@pytest.mark.parametrize("name", ['a"b', "100%", "a*b", "$HOME", "new\nline", "a[b]", "back\\slash"])
def test_a_path_that_ssh_would_read_differently_is_refused(name: str, tmp_path: Path) -> None:
    """ssh expands, globs or ends paths at such characters: better no entry than a wrong one."""
    state = State(tmp_path / name, tmp_path / "config")
    with pytest.raises(PathUnusable):
        write_entries(state, [entry(state)])
    assert not state.ssh_config.exists()


def test_names_of_the_users_own_hosts_are_known(user_file: Path) -> None:
    """So that a session's alias does not take the place of one of them."""
    existing(user_file, b'Host web "db"\n  User x\nhost=Build\nHost *.lan !x\n')
    assert names_in(user_file) == {"web", "db", "build"}
    assert names_in(user_file.with_name("missing")) == set()


def test_the_proxy_is_found_without_path_and_outside_the_virtual_environment(state: State) -> None:
    """ssh may be started by anything anywhere: the command line names the interpreter, and keeps the folder out."""
    words = proxy_command("cs-482", state).split()
    assert os.access(words[words.index("-P") - 1], os.X_OK)
    assert words[-2:] == ["ssh-proxy", "cs-482"]


def test_the_proxy_is_told_of_a_moved_home(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CONSENTRY_HOME set while connecting, a later ssh finds the session without it."""
    monkeypatch.setenv("CONSENTRY_HOME", str(state.folder))
    assert proxy_command("cs-482", state).startswith(f"env CONSENTRY_HOME={state.folder} ")
