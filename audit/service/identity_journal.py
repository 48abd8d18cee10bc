"""What is decided about this service's own people and their logins goes into the journal, too."""

import secrets

from audit.storage.journal import Happening, SqlJournal
from serving.clock import Clock
from serving.identity.events import IdentityEvent, NoteEvent, write_to_log


def noting_into(journal: SqlJournal, clock: Clock) -> NoteEvent:
    """A line in the log, and an entry."""

    async def noted(event: IdentityEvent) -> None:
        await write_to_log(event)
        happening = Happening(
            source="audit",
            source_key=f"login:{secrets.token_hex(8)}",
            at_ms=clock.unix_ms(),
            kind=event.kind,
            actor=event.actor[:100],
            subject=event.subject[:100],
            address=event.address[:64],
            facts=event.facts,
        )
        await journal.add(happening)

    return noted
