"""Copies of what the audit service keeps: ciphertext in one place, what opens it in another.

    <folder>/ciphertext/    audit.sqlite3, records/          may lie anywhere: alone it opens nothing
    <keys folder>/          <session id>.epochs, .key        small; kept apart, and never older than need be
                            identity.key                     opens people's second factors in the database

A backup into folders that were used before brings them up to date: recordings only grow, and what was erased here is
destroyed in the copy of the keys. The service remembers where keys were copied to, so that an erase reaches a folder
that is at hand at once. Not copied: the audit key (its holder keeps it), and the service token.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from audit.durability import Durability
from audit.service.after_restore import note_restored
from audit.service.config import AuditSettings
from audit.service.sealed_store import destroy_file
from audit.service.setup import identity_key_file
from audit.session_files import ERASED_FILE, RECORDS_FILE, session_id_of
from audit.vault.epoch_files import EPOCHS_FOLDER
from audit.vault.library import list_sessions
from audit.vault.recipient_key import RecipientKey
from audit.vault.verify import Outcome, verify_recording
from protocol.errors import ConsentryError, InputError
from serving.private_files import make_private_folder

CIPHERTEXT_FOLDER = "ciphertext"
KEYS_FOLDER = "keys"
ENDED_BY = "(restore)"
"""No user name: a policy that is ended so was not ended by a person."""
KEY_SUFFIXES = (".epochs", ".key")
OPENING_CHECKS = frozenset({"erased", "end"})
"""Of those that verifying makes: a recording that fails in these alone is as its agent signed it, as far as it goes."""


class BackupFolderUnusable(InputError):
    sentence = "The folder {path} cannot be used: {problem}."


@dataclass
class Copied:
    """What a backup or a restore came to. `broken` names sessions whose recording does not verify, `unopened` those of
    which nothing worse is known than that what opens them is not here; `policies` is how many that erase by themselves
    were ended."""

    sessions: int = 0
    copied_bytes: int = 0
    erased: int = 0
    policies: int = 0
    broken: list[str] = field(default_factory=list)
    unopened: list[str] = field(default_factory=list)


def back_up(settings: AuditSettings, folder: Path, keys_folder: Path) -> Copied:
    """Blocks; the service may run meanwhile. Raises BackupFolderUnusable, DataFolderUnusable, OSError."""
    data = settings.data_folder.resolve()
    for target in (folder, keys_folder):
        if target.resolve().is_relative_to(data):
            raise BackupFolderUnusable(path=target, problem="it lies inside the data folder")
    ciphertext = folder / CIPHERTEXT_FOLDER
    for target in (folder, ciphertext, ciphertext / "records", keys_folder):
        make_private_folder(target)
    done = Copied()
    erased = set()
    # Recordings before the keys: a copied recording whose key is copied a moment later opens, the reverse does not.
    for source in _session_folders(settings.records_folder):
        done.copied_bytes += _copy_recording(source, ciphertext / "records" / source.name)
        done.sessions += 1
        if (source / ERASED_FILE).exists():
            erased.add(source.name)
    for source in sorted((data / EPOCHS_FOLDER).iterdir()):
        if source.suffix in KEY_SUFFIXES and source.stem not in erased:
            done.copied_bytes += _copy_grown(source, keys_folder / source.name)
    own_key = identity_key_file(data)
    if own_key.exists():
        done.copied_bytes += _copy_grown(own_key, keys_folder / own_key.name)
    done.erased = _destroy_erased(keys_folder, erased)
    _copy_database(settings.database_file, ciphertext / settings.database_file.name)
    return done


def restore(
    settings: AuditSettings, folder: Path, keys_folder: Path, keys: Sequence[RecipientKey], now_ms: int
) -> Copied:
    """Brings a backup back into an empty data folder, and verifies every recording. Blocks.

    What was erased stays erased, also if the copy of the keys is older than the erase. Raises BackupFolderUnusable.
    """
    data, ciphertext = settings.data_folder, folder / CIPHERTEXT_FOLDER
    if not (ciphertext / settings.database_file.name).exists():
        raise BackupFolderUnusable(path=folder, problem="there is no backup in it")
    if not keys_folder.is_dir():
        raise BackupFolderUnusable(path=keys_folder, problem="the copy of what opens the recordings is not there")
    if settings.records_folder.exists() or settings.database_file.exists():
        raise BackupFolderUnusable(path=data, problem="it is not empty; restore into a new data folder")
    for target in (data, settings.records_folder, data / EPOCHS_FOLDER):
        make_private_folder(target)
    done = Copied()
    erased = set()
    for source in _session_folders(ciphertext / "records"):
        done.copied_bytes += _copy_recording(source, settings.records_folder / source.name)
        done.sessions += 1
        if (source / ERASED_FILE).exists():
            erased.add(source.name)
    own_key = identity_key_file(data)
    for source in sorted(keys_folder.iterdir()):
        if source.name == own_key.name:
            done.copied_bytes += _copy_grown(source, own_key)
        elif source.suffix in KEY_SUFFIXES and source.stem not in erased:
            done.copied_bytes += _copy_grown(source, data / EPOCHS_FOLDER / source.name)
    _copy_database(ciphertext / settings.database_file.name, settings.database_file)
    done.policies = _end_policies(settings.database_file, now_ms)
    done.erased = len(erased)
    note_restored(data, now_ms)
    _judge(settings.records_folder, keys, now_ms, done)
    return done


def _end_policies(database_file: Path, now_ms: int) -> int:
    """What was held since the copy was made is not held in it: nothing is erased by itself before two people decide
    again."""
    with closing(sqlite3.connect(database_file)) as copy, copy:
        if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'erase_policies'").fetchone():
            return 0  # of an earlier version
        change = "UPDATE erase_policies SET state = 'ended', ended_by = ?, ended_at_ms = ? WHERE state = 'confirmed'"
        return copy.execute(change, (ENDED_BY, now_ms)).rowcount


def _judge(records_folder: Path, keys: Sequence[RecipientKey], now_ms: int, done: Copied) -> None:
    """Notes in `done` what does not verify, and what cannot be opened."""
    for listing in list_sessions(records_folder, (), now_ms):
        session = listing.recording.session_id.hex()
        try:
            report = verify_recording(listing.recording, keys, now_ms=now_ms)
        except ConsentryError:
            if listing.scan is not None and listing.scan.record_count:
                done.broken.append(session)
            continue
        failed = {check.name for check in report.checks if check.outcome is Outcome.FAILED}
        if report.sealed or "erased" in failed:
            (done.unopened if failed <= OPENING_CHECKS else done.broken).append(session)
        elif report.verdict == "broken":
            done.broken.append(session)


def _session_folders(records_folder: Path) -> Iterator[Path]:
    for path in sorted(records_folder.iterdir()):
        if session_id_of(path) is not None and path.is_dir():
            yield path


def _copy_recording(source: Path, target: Path) -> int:
    """Records last: a copy that was interrupted is a shorter recording, not another one."""
    make_private_folder(target)
    files = sorted(source.iterdir(), key=lambda path: path.name == RECORDS_FILE)
    return sum(_copy_grown(path, target / path.name) for path in files if not path.name.endswith(".new"))


def _copy_grown(source: Path, target: Path) -> int:
    """Copies a file that is new, has grown, or was replaced by a newer one; answers how many bytes."""
    have, there = source.stat(), target.stat() if target.exists() else None
    if there is not None and there.st_size == have.st_size and there.st_mtime_ns >= have.st_mtime_ns:
        return 0
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    part.chmod(0o600)
    Durability().rename(part, target)
    return have.st_size


def _copy_database(source: Path, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as present, closing(sqlite3.connect(part)) as copy:
        present.backup(copy)
    part.chmod(0o600)
    part.replace(target)


def _destroy_erased(keys_folder: Path, erased: set[str]) -> int:
    found = [path for path in keys_folder.iterdir() if path.stem in erased and path.suffix in KEY_SUFFIXES]
    for path in found:
        destroy_file(path, Durability())
    return len({path.stem for path in found})
