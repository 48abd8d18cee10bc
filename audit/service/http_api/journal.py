"""What was decided or noticed, by the broker and here: read in pages, or taken away whole.

GET  /v1/journal           a page, the newest first; of some kinds, a source, a person, a session, a time
GET  /v1/journal.csv       all that fits, as CSV (RFC 4180)
GET  /v1/journal.ndjson    all that fits, one JSON object a line
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from audit.csv_lines import csv_line
from audit.service.http_api.caller import TheServices, needs
from audit.service.people import Permission
from audit.siem.decisions import KINDS
from audit.storage.journal import JournalChoice, JournalEntry, Source, SqlJournal
from serving.http.numbers import LARGEST
from serving.http.openapi import gives

router = APIRouter(prefix="/v1", dependencies=[needs(Permission.WHO_SAW)])

EXPORT_PAGE_ENTRIES = 500
CSV_COLUMNS = (
    "entry_id",
    "at_ms",
    "source",
    "kind",
    "actor",
    "subject",
    "address",
    "session_id",
    "facts",
    "source_key",
)

UnixMs = Annotated[int | None, Query(ge=0, le=2**53)]


class JournalEntryAnswer(BaseModel):
    """`actor` did it, to `subject` or to a session; empty where nobody is known. `facts` depend on the kind."""

    entry_id: int
    source: str
    source_key: str
    at_ms: int
    kind: str
    actor: str
    subject: str
    address: str
    session_id: str | None
    facts: dict[str, str | int | bool]


class JournalAnswer(BaseModel):
    """`before` asks for the next page; null: there is none. `kinds`: what this service and its broker decide or notice;
    a broker of another version may tell of more."""

    entries: list[JournalEntryAnswer]
    before: int | None
    kinds: list[str]


async def the_choice(
    kind: Annotated[list[Annotated[str, StringConstraints(max_length=40)]] | None, Query(max_length=100)] = None,
    source: Source | None = None,
    who: Annotated[str | None, Query(max_length=100)] = None,
    session_id: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
    since_ms: UnixMs = None,
    until_ms: UnixMs = None,
) -> JournalChoice:
    return JournalChoice(
        kinds=kind or (),
        source=source,
        who=who,
        session_id=bytes.fromhex(session_id) if session_id else None,
        since_ms=since_ms,
        until_ms=until_ms,
    )


TheChoice = Annotated[JournalChoice, Depends(the_choice)]


@router.get("/journal")
async def journal(
    services: TheServices,
    choice: TheChoice,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JournalAnswer:
    """What was decided or noticed, the newest first."""
    found = await services.journal.newest(before, limit + 1, choice)
    page = found[:limit]
    return JournalAnswer(
        entries=[_answer(one) for one in page],
        before=page[-1].entry_id if len(found) > limit else None,
        kinds=[*KINDS],
    )


@router.get("/journal.csv", **gives("text/csv"))
async def journal_as_csv(services: TheServices, choice: TheChoice) -> Response:
    """All that fits, the newest first."""
    return StreamingResponse(_csv(services.journal, choice), media_type="text/csv; charset=utf-8; header=present")


@router.get("/journal.ndjson", **gives("application/x-ndjson"))
async def journal_as_lines(services: TheServices, choice: TheChoice) -> Response:
    """All that fits, the newest first."""
    return StreamingResponse(_lines(services.journal, choice), media_type="application/x-ndjson")


async def _every(journal: SqlJournal, choice: JournalChoice) -> AsyncIterator[JournalEntryAnswer]:
    before = None
    while page := await journal.newest(before, EXPORT_PAGE_ENTRIES, choice):
        for one in page:
            yield _answer(one)
        before = page[-1].entry_id


async def _csv(journal: SqlJournal, choice: JournalChoice) -> AsyncIterator[str]:
    yield csv_line(CSV_COLUMNS)
    async for one in _every(journal, choice):
        told = vars(one) | {"facts": "; ".join(f"{name}: {value}" for name, value in sorted(one.facts.items()))}
        yield csv_line([str(told[name] if told[name] is not None else "") for name in CSV_COLUMNS])


async def _lines(journal: SqlJournal, choice: JournalChoice) -> AsyncIterator[str]:
    async for one in _every(journal, choice):
        yield f"{one.model_dump_json()}\n"


def _answer(entry: JournalEntry) -> JournalEntryAnswer:
    session_id = entry.happening.session_id
    told = vars(entry.happening) | {"session_id": session_id.hex() if session_id else None}
    return JournalEntryAnswer(**told, entry_id=entry.entry_id)
