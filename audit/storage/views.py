"""Who saw what: entries are added, and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from audit.storage.journal import Happening, add_happening
from audit.storage.log_entries import add_entry
from audit.storage.newest import NewestFirst, ways_of
from audit.storage.tables import ViewRow
from serving.database import Database


@dataclass(frozen=True)
class View:
    """`commitment` is SHA-256 over salt and entry, see audit/service/views.py."""

    view_id: int
    session_id: bytes
    user_name: str
    action: str
    purpose: str
    seen_at_ms: int
    commitment: bytes
    salt: bytes


_BY_TIME = NewestFirst(ViewRow.view_id, ViewRow.seen_at_ms)


class SqlViews:
    """Entries are added and read, and nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        session_id: bytes,
        user_name: str,
        action: str,
        purpose: str,
        seen_at_ms: int,
        commitment: bytes,
        salt: bytes,
    ) -> View:
        row = ViewRow(
            session_id=session_id,
            user_name=user_name,
            action=action,
            purpose=purpose,
            seen_at_ms=seen_at_ms,
            commitment=commitment,
            salt=salt,
        )
        async with self._database.writing() as transaction:
            transaction.add(row)
            await transaction.flush()  # gives it its number
            await add_entry(transaction, "view", str(row.view_id), session_id, commitment, None)
            happening = Happening(
                source="audit",
                source_key=f"view:{row.view_id}@{seen_at_ms}",
                at_ms=seen_at_ms,
                kind=f"recording_{action}",
                actor=user_name,
                session_id=session_id,
                facts={"purpose": purpose},
            )
            await add_happening(transaction, happening)
        return _view(row)

    async def newest(
        self,
        *,
        session_id: bytes | None,
        user_name: str | None,
        before_id: int | None,
        limit: int,
        actions: Sequence[str] = (),
        since_ms: int | None = None,
        until_ms: int | None = None,
    ) -> list[View]:
        """`actions`: only those of these kinds; none means all. `until_ms` is the first moment after."""
        said: list[list[ColumnElement[bool]]] = []
        if session_id is not None:
            said.append([ViewRow.session_id == session_id])
        if user_name is not None:
            said.append([ViewRow.user_name == user_name])
        if actions:
            said.append([ViewRow.action == action for action in dict.fromkeys(actions)])
        async with self._database.reading() as reader:
            rows = await _BY_TIME.page(
                reader, ViewRow, ways_of(said), since_ms=since_ms, until_ms=until_ms, before=before_id, limit=limit
            )
        return [_view(row) for row in rows]


def _view(row: ViewRow) -> View:
    return View(
        row.view_id, row.session_id, row.user_name, row.action, row.purpose, row.seen_at_ms, row.commitment, row.salt
    )
