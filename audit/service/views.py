"""Every look is noted before it is answered: who, at what, when, and what for.

An entry's salted hash is what the transparency log gets of it (`view` leaves): nobody can guess an entry from its leaf,
and whoever is shown an entry and its salt can check that the leaf is this one.
"""

import json
import secrets
from hashlib import sha256
from typing import Literal

import structlog

from audit.service.people import Auditor
from audit.storage.views import SqlViews, View
from protocol.errors import InputError
from serving.clock import Clock

log = structlog.get_logger(__name__)

Action = Literal["view", "search", "download", "export", "hold", "lift-hold", "retention", "erase"]

_LABEL = b"consentry/view/v1\0"
PURPOSE_LIMIT_CHARACTERS = 500


class PurposeMissing(InputError):
    sentence = "Say what you look at this recording for (purpose): it is noted, and others can read it."


class Views:
    """Notes looks. Who is noted here is answered; who cannot be noted is not."""

    def __init__(self, store: SqlViews, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, who: Auditor, session_id: bytes, action: Action, purpose: str) -> View:
        """On the disk when this returns, with what the log is to hear (log_entries.py). Raises PurposeMissing."""
        purpose = " ".join(purpose.split())[:PURPOSE_LIMIT_CHARACTERS]
        if not purpose:
            raise PurposeMissing
        now_ms, salt = self._clock.unix_ms(), secrets.token_bytes(32)
        entry = json.dumps([session_id.hex(), who.user_name, action, purpose, now_ms], ensure_ascii=True).encode()
        commitment = sha256(_LABEL + salt + entry).digest()
        view = await self._store.add(session_id, who.user_name, action, purpose, now_ms, commitment, salt)
        log.info("recording_seen", session=session_id.hex(), user=who.user_name, action=action)
        return view
