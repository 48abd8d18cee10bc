"""AnswerStore of serving/http/idempotency.py, in SQLite."""

import base64
import hashlib

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert

from broker.storage.tables import KeptAnswerRow
from serving.database import Database
from serving.http.idempotency import KEEP_MS, KeptAnswer
from serving.identity.secret_box import SecretBox


class SqlKeptAnswers:
    def __init__(self, database: Database, box: SecretBox) -> None:
        self._database = database
        self._box = box

    async def find(self, name: bytes, now_ms: int) -> KeptAnswer | None:
        async with self._database.reading() as reader:
            row = await reader.get(KeptAnswerRow, name)
        if row is None or row.expires_at_ms <= now_ms:
            return None
        body = base64.b64decode(self._box.open(row.body, _owner(name)))
        return KeptAnswer(row.request, row.status, row.media_type, body)

    async def keep(self, name: bytes, answer: KeptAnswer, expires_at_ms: int) -> None:
        sealed = self._box.seal(base64.b64encode(answer.body).decode(), _owner(name))
        values = {
            "request": answer.request,
            "status": answer.status,
            "media_type": answer.media_type[:100],
            "body": sealed,
            "expires_at_ms": expires_at_ms,
        }
        async with self._database.writing() as session:
            now_ms = expires_at_ms - KEEP_MS
            await session.execute(delete(KeptAnswerRow).where(KeptAnswerRow.expires_at_ms <= now_ms))
            row = insert(KeptAnswerRow).values(name=name, **values)
            await session.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


def _owner(name: bytes) -> str:
    """What the sealed answer is bound to."""
    return hashlib.sha256(b"kept answer" + name).hexdigest()
