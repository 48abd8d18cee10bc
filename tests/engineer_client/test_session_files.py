"""Sessions on disk: found by alias or number, written whole, removed whole."""

import base64
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engineer_client.session_files import (
    NoSession,
    NoSuchSession,
    SessionFacts,
    SessionFiles,
    SeveralSessions,
    find_session,
    known_hosts_lines,
    list_sessions,
    reserved_alias,
    ssh_public_blob,
    write_session,
)
from engineer_client.ssh_config import AliasTaken
from engineer_client.state import State
from protocol.grants import Scope
from tests.helpers.pairing import IDENTITY
from tunnel.paired_session import PairedSession

NOW_MS = 1_795_000_000_000


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state", tmp_path / "state")


def begin(state: State, session_id: str, nameplate: str = "482", alias: str | None = None) -> SessionFiles:
    facts = SessionFacts(
        alias="",
        origin="https://help.example.org",
        session_id=session_id,
        host_key_alias=f"consentry-{session_id}",
        user_name="mei",
        host_label="till",
        folders=(),
        scopes=(Scope.SHELL,),
        reason="r",
        ticket="",
        started_at_ms=NOW_MS,
        expires_at_ms=NOW_MS + 60_000,
    )
    paired = PairedSession(
        broker_origin=facts.origin,
        broker_certificate_pem="",
        session_id=bytes.fromhex(session_id),
        leg_ticket="t",
        pairing_id=b"\x01" * 16,
        stream_key=b"\x02" * 32,
        control_key=b"\x03" * 32,
        transcript_hash=b"\x04" * 32,
        ssh_host_keys=IDENTITY.ssh_host_keys,
        root_key=b"\x05" * 32,
    )
    with reserved_alias(state, alias, nameplate, Path("/nonexistent")) as files:
        key = Ed25519PrivateKey.generate()
        write_session(state, files, paired, replace(facts, alias=files.alias), key, IDENTITY.ssh_host_keys)
    return files


def test_a_session_is_found_by_alias_number_or_by_being_the_only_one(state: State) -> None:
    """A beginning of the number is enough if it fits one session."""
    with pytest.raises(NoSession):
        find_session(state, None, NOW_MS)
    first = begin(state, "aaaa" * 8)
    assert find_session(state, None, NOW_MS) == find_session(state, "cs-482", NOW_MS) == first
    assert find_session(state, "AAAAaaaa", NOW_MS) == first
    begin(state, "aaaa" * 7 + "bbbb", "777")
    for ambiguous in (None, "aaaa"):
        with pytest.raises(SeveralSessions):
            find_session(state, ambiguous, NOW_MS)
    for unknown in ("cccc", "aaa", "../state", ""):
        with pytest.raises(NoSuchSession):
            find_session(state, unknown, NOW_MS)


def test_the_same_nameplate_again_gets_another_name(state: State) -> None:
    """A nameplate can come back while the first session still runs."""
    aliases = [begin(state, f"{n:032x}").alias for n in range(3)]
    assert aliases == ["cs-482", "cs-482-2", "cs-482-3"]


def test_a_name_of_the_users_own_hosts_is_not_taken(state: State, tmp_path: Path) -> None:
    """Neither asked for nor by chance, in whatever case it is written."""
    config = tmp_path / "config"
    config.write_text("Host web cs-482\n")
    with pytest.raises(AliasTaken), reserved_alias(state, "WEB", "482", config):
        pass
    with reserved_alias(state, None, "482", config) as files:
        assert files.alias == "cs-482-2"


def test_what_fails_leaves_nothing(state: State) -> None:
    """An exception while connecting removes the folder again."""
    with pytest.raises(RuntimeError), reserved_alias(state, None, "482", Path("/nonexistent")):
        raise RuntimeError
    assert list(state.sessions.iterdir()) == []


def test_what_can_no_longer_be_alive_is_swept(state: State) -> None:
    """Hours after its time, a session's keys go by themselves; until then it may have been extended."""
    begin(state, "aaaa" * 8)
    assert len(list_sessions(state, NOW_MS + 3_600_000)) == 1
    assert list_sessions(state, NOW_MS + 9 * 3_600_000) == []
    assert list(state.sessions.iterdir()) == []
    assert "Host" not in state.ssh_config.read_text()


def test_a_damaged_session_does_not_hide_the_others(state: State) -> None:
    """It is passed over, and the ssh configuration is written without it."""
    damaged = begin(state, "aaaa" * 8)
    damaged.facts.write_bytes(b"{")
    whole = begin(state, "bbbb" * 8, "777")
    assert [facts.alias for facts in list_sessions(state, NOW_MS)] == [whole.alias]
    assert "Host cs-482" not in state.ssh_config.read_text()


def test_ssh_tools_read_what_was_written(state: State) -> None:
    """`ssh-keygen` finds the pinned host keys under their alias, and reads the identity as what it is."""
    files = begin(state, "aaaa" * 8)
    alias = files.load_facts().host_key_alias
    found = subprocess.run(
        ["ssh-keygen", "-F", alias, "-f", files.known_hosts], capture_output=True, text=True, check=True
    )
    assert base64.b64encode(IDENTITY.ssh_host_keys[0]).decode() in found.stdout
    public = subprocess.run(["ssh-keygen", "-y", "-f", files.identity], capture_output=True, text=True, check=True)
    assert public.stdout.startswith("ssh-ed25519 ")
    assert files.identity.stat().st_mode & 0o777 == 0o600


def test_the_public_blob_is_the_wire_format() -> None:
    """RFC 8709: type and key, each with its length before it."""
    key = Ed25519PrivateKey.generate()
    blob = ssh_public_blob(key)
    assert blob == b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + key.public_key().public_bytes_raw()
    assert known_hosts_lines("name", (blob,)) == b"name ssh-ed25519 " + base64.b64encode(blob) + b"\n"
