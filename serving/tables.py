"""What the tables of every database of ours have in common."""

from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""SQLite changes a constraint by rebuilding its table, for which each needs a name."""

UnixMs = Annotated[int, "Unix milliseconds"]
"""64 bits in every database: 32 would not do."""

COLUMN_TYPES: dict[Any, Any] = {list[str]: JSON, dict[str, str | int | bool]: JSON, UnixMs: BigInteger}
"""What a declarative base makes of annotations beyond SQLAlchemy's own."""
