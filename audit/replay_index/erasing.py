"""The erase of a session's index: the key first, which is the erase, then the files."""

from pathlib import Path

from audit.replay_index.index_files import remove_session, session_folder
from audit.replay_index.keys import IndexKeys


def erase_index(index_folder: Path, session_id: bytes, keys: IndexKeys) -> None:
    """Afterwards no file of the folder, and no copy of one, opens; indexing the session again is refused.

    May be repeated, so a crash in the middle is mended by doing it again. Raises OSError if the disk refuses.
    """
    keys.erase(session_id)
    remove_session(session_folder(index_folder, session_id))
