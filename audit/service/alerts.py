"""Alerts: what looks like an attack on the service. Lines in its log that say `alert`, as the broker's do."""

from typing import Literal

import structlog

log = structlog.get_logger(__name__)

AlertKind = Literal["login_locked", "passkey_copied", "provider_answer_refused"]


def raise_alert(kind: AlertKind, **facts: object) -> None:
    """`facts` may name a user; never a token or a content. What leads here is slowed down by `lockouts.py`."""
    log.warning(kind, alert=True, **facts)
