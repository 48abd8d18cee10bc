"""NameplateStore of pairing/, in SQLite."""

from sqlalchemy import delete, select, update

from broker.pairing.board import ClosedCode
from broker.storage.tables import NameplateRow
from protocol.messages.pairing import PairingOutcome
from serving.database import Database


class SqlNameplates:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, nameplate: str, session_id: bytes, opened_at_ms: int) -> None:
        async with self._database.writing() as session:
            session.add(NameplateRow(nameplate=nameplate, session_id=session_id, opened_at_ms=opened_at_ms))

    async def closed(self, nameplate: str, outcome: PairingOutcome, closed_at_ms: int) -> None:
        async with self._database.writing() as session:
            await session.execute(
                update(NameplateRow)
                .where(NameplateRow.nameplate == nameplate, NameplateRow.closed_at_ms.is_(None))
                .values(closed_at_ms=closed_at_ms, outcome=outcome)
            )

    async def close_all(self, outcome: PairingOutcome, closed_at_ms: int) -> list[tuple[str, bytes]]:
        async with self._database.writing() as session:
            rows = await session.execute(
                update(NameplateRow)
                .where(NameplateRow.closed_at_ms.is_(None))
                .values(closed_at_ms=closed_at_ms, outcome=outcome)
                .returning(NameplateRow.nameplate, NameplateRow.session_id)
            )
            return [(nameplate, session_id) for nameplate, session_id in rows]

    async def closed_since(self, unix_ms: int) -> list[ClosedCode]:
        query = select(NameplateRow.nameplate, NameplateRow.closed_at_ms).where(NameplateRow.closed_at_ms > unix_ms)
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return [ClosedCode(nameplate, closed_at_ms) for nameplate, closed_at_ms in rows if closed_at_ms is not None]

    async def forget_before(self, unix_ms: int) -> None:
        async with self._database.writing() as session:
            await session.execute(delete(NameplateRow).where(NameplateRow.closed_at_ms < unix_ms))
