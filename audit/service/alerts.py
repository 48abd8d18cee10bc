"""Alerts: what looks like an attack on the service. Lines in its log that say `alert`, as the broker's do."""

import structlog

from serving.identity.sign_in import IdentityAlert

log = structlog.get_logger(__name__)


def raise_alert(kind: IdentityAlert, **facts: object) -> None:
    """`facts` may name a user; never a token or a content. What leads here is slowed down by `lockouts.py`."""
    log.warning(kind, alert=True, **facts)
