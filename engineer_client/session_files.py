"""What a session leaves on disk, so that any later `ssh`, `scp` or `consentry` finds it by its alias.

    <state>/sessions/<alias>/
        session.json    keys and tickets of the pairing (tunnel/paired_session.py): all that ssh-proxy reads
        facts.json      what people ask about: who, why, until when
        identity        the SSH key that the customer's agent admits, for this session only
        known_hosts     the agent's host keys, as the pairing proved them

All of it is worthless once the session is over, and removed then. The key of the engineer's certificate is not here: it
never leaves the memory of `consentry connect`.
"""

import base64
import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from engineer_client.ssh_config import AliasTaken, HostEntry, check_alias, names_in, write_entries
from engineer_client.state import State, locked, make_private_folder, write_private
from protocol.decoding import UNREADABLE
from protocol.errors import InputError
from protocol.grants import Scope
from tunnel.paired_session import PairedSession

_KEEP_AFTER_EXPIRY_MS = 8 * 60 * 60 * 1000
"""A customer can extend a session up to eight hours; after that nothing of it can be alive."""


class NoSuchSession(InputError):
    """No session of this machine goes by that name."""

    sentence = "There is no session {session} on this machine. `consentry sessions` lists them."


class SeveralSessions(InputError):
    """The beginning of a number fits several, or there are several and none was named."""

    sentence = "Which session? {choices} are open. Name one of them."


class NoSession(InputError):
    """Nothing to act on."""

    sentence = "No session is open on this machine. Begin with: consentry connect CODE"


@dataclass(frozen=True)
class SessionFacts:
    """What a person wants to know of a session. Times are Unix milliseconds."""

    alias: str
    origin: str
    session_id: str
    host_key_alias: str
    user_name: str
    host_label: str
    folders: tuple[str, ...]
    scopes: tuple[Scope, ...]
    reason: str
    ticket: str
    started_at_ms: int
    expires_at_ms: int


@dataclass(frozen=True)
class SessionFiles:
    """One session's folder."""

    folder: Path

    @property
    def alias(self) -> str:
        return self.folder.name

    @property
    def paired(self) -> Path:
        return self.folder / "session.json"

    @property
    def facts(self) -> Path:
        return self.folder / "facts.json"

    @property
    def identity(self) -> Path:
        return self.folder / "identity"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def load_facts(self) -> SessionFacts:
        """Raises FileNotFoundError, or one of UNREADABLE."""
        return msgspec.json.decode(self.facts.read_bytes(), type=SessionFacts)

    def load_paired(self) -> PairedSession:
        return PairedSession.load(self.paired)

    def keep_grant(self, scopes: tuple[Scope, ...], expires_at_ms: int) -> SessionFacts:
        """Notes what is allowed now."""
        facts = replace(self.load_facts(), scopes=scopes, expires_at_ms=expires_at_ms)
        write_private(self.facts, msgspec.json.encode(facts))
        return facts


def ssh_public_blob(key: Ed25519PrivateKey) -> bytes:
    """The key as SSH's wire format has it (RFC 8709)."""
    return base64.b64decode(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])


def known_hosts_lines(host_key_alias: str, host_keys: tuple[bytes, ...]) -> bytes:
    """One line per key: the type stands at the blob's beginning, length first (RFC 4253 section 6.6)."""
    lines = [
        b" ".join((host_key_alias.encode(), blob[4 : 4 + int.from_bytes(blob[:4], "big")], base64.b64encode(blob)))
        for blob in host_keys
    ]
    return b"\n".join(lines) + b"\n"


@contextlib.contextmanager
def reserved_alias(state: State, wanted: str | None, nameplate: str, user_file: Path) -> Iterator[SessionFiles]:
    """A folder for a new session, under the alias that was wanted or a free one made of the nameplate.

    Left by an exception, the folder is gone again. Raises AliasUnusable, AliasTaken.
    """
    with locked(state):
        make_private_folder(state.sessions)
        taken = names_in(user_file) | {path.name for path in state.sessions.iterdir()}
        if wanted is not None:
            if check_alias(wanted).lower() in taken or wanted in taken:
                raise AliasTaken(alias=wanted)
            alias = wanted
        else:
            candidates = (f"cs-{nameplate}" + (f"-{n}" if n > 1 else "") for n in range(1, len(taken) + 2))
            alias = next(candidate for candidate in candidates if candidate not in taken)
        files = SessionFiles(state.sessions / alias)
        files.folder.mkdir(mode=0o700)
    try:
        yield files
    except BaseException:
        remove_session(state, files)
        raise


def write_session(
    state: State,
    files: SessionFiles,
    paired: PairedSession,
    facts: SessionFacts,
    identity: Ed25519PrivateKey,
    host_keys: tuple[bytes, ...],
) -> None:
    """Everything that ssh needs, then the entry that makes ssh find it."""
    private = identity.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    write_private(files.identity, private)
    write_private(files.known_hosts, known_hosts_lines(facts.host_key_alias, host_keys))
    paired.save(files.paired)
    write_private(files.facts, msgspec.json.encode(facts))
    with locked(state):
        _rewrite_ssh_config(state)


def remove_session(state: State, files: SessionFiles) -> None:
    """Forgets the session: keys, files, and its name for ssh."""
    with locked(state):
        shutil.rmtree(files.folder, ignore_errors=True)
        _rewrite_ssh_config(state)


def list_sessions(state: State, now_ms: int) -> list[SessionFacts]:
    """The sessions of this machine, oldest first. Those that can no longer be alive are removed on the way."""
    found = []
    for files, facts in _readable_sessions(state):
        if now_ms > facts.expires_at_ms + _KEEP_AFTER_EXPIRY_MS:
            remove_session(state, files)
        else:
            found.append(facts)
    return sorted(found, key=lambda facts: facts.started_at_ms)


def find_session(state: State, word: str | None, now_ms: int) -> SessionFiles:
    """By alias, by the session's number or its beginning, or the only one there is.

    Raises NoSuchSession, SeveralSessions, NoSession.
    """
    sessions = list_sessions(state, now_ms)
    if word is not None:
        sessions = [facts for facts in sessions if facts.alias == word] or [
            facts for facts in sessions if len(word) >= 4 and facts.session_id.startswith(word.lower())
        ]
        if not sessions:
            raise NoSuchSession(session=word)
    if not sessions:
        raise NoSession
    if len(sessions) > 1:
        raise SeveralSessions(choices=", ".join(facts.alias for facts in sessions))
    return SessionFiles(state.sessions / sessions[0].alias)


def _rewrite_ssh_config(state: State) -> None:
    write_entries(
        state,
        [
            HostEntry(files.alias, facts.host_key_alias, files.known_hosts, files.identity)
            for files, facts in _readable_sessions(state)
        ],
    )


def _readable_sessions(state: State) -> Iterator[tuple[SessionFiles, SessionFacts]]:
    """A folder that is being made, or that an older version wrote otherwise, is passed over."""
    if not state.sessions.is_dir():
        return
    for folder in sorted(state.sessions.iterdir()):
        with contextlib.suppress(OSError, *UNREADABLE):
            yield SessionFiles(folder), SessionFiles(folder).load_facts()
