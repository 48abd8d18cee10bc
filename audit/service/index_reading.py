"""Reads one session's index, in a worker that was given its key: commands, time line, a moment.

An index that turns out to be damaged is made anew, and whoever asked is told to ask again.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from audit.service.index_shelf import IndexShelf
from audit.service.indexing import Indexing
from audit.service.reading import Reader
from audit.service.worker_process import RecordingRefusedError
from protocol.errors import UnavailableError

DAMAGED = "index-damaged-error"
MISSING = "not-indexed-error"


class IndexNotReadyError(UnavailableError):
    """It was never made, or has to be made anew."""

    sentence = "The index of this session is still being made. Ask again in {seconds} seconds."


class IndexReader:
    """Each answer is a worker's, who has the key to that one index."""

    def __init__(self, shelf: IndexShelf, indexing: Indexing, reader: Reader) -> None:
        self._shelf = shelf
        self._indexing = indexing
        self._reader = reader

    async def stream(self, kind: str, session_id: bytes, **options: object) -> AsyncGenerator[bytes, None]:
        """JSON Lines. Raises IndexNotReadyError, IndexErasedError, and as `Reader.stream`."""
        key = await self._shelf.key_of(session_id)
        try:
            async with aclosing(self._reader.stream(kind, session_id, index_key=key, **options)) as pieces:
                async for piece in pieces:
                    yield piece
        except RecordingRefusedError as refused:
            if refused.fields["code"] == DAMAGED:
                await self._indexing.rebuild(session_id)
            elif refused.fields["code"] != MISSING:
                raise
            raise IndexNotReadyError(seconds=2) from None
