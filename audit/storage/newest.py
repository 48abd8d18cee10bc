"""Pages of tables that only grow, the newest first. A page comes out of an index, whatever is asked for and however
long the table is: SQLite reads what it gives, and neither sorts nor passes over the rest.

For that each choice needs an index that begins with what is chosen and goes on with the time, and each way in which a
row can fit is asked for by itself: with an OR or an IN, SQLite fetches and sorts all that fits before it gives a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, UnaryExpression, or_, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import operators

R = TypeVar("R")

Way = Sequence[ColumnElement[bool]]
"""Conditions that a row fits all of. The first one's index is to lead."""


@dataclass(frozen=True)
class NewestFirst:
    """A table's primary key and the time by which it is read; rows of one moment go by their numbers."""

    number: InstrumentedAttribute[int]
    at_ms: InstrumentedAttribute[int]

    async def page(
        self,
        reader: AsyncSession,
        row: type[R],
        ways: Sequence[Way],
        *,
        since_ms: int | None = None,
        until_ms: int | None = None,
        before: int | None,
        limit: int,
    ) -> list[R]:
        """Rows that fit one of the ways, older than the row `before`; nothing if that is not there any more."""
        when: list[ColumnElement[bool]] = []
        if since_ms is not None:
            when.append(self.at_ms >= since_ms)
        if until_ms is not None:
            when.append(self.at_ms < until_ms)
        if before is not None:
            before_ms = await reader.scalar(select(self.at_ms).where(self.number == before))
            if before_ms is None:
                return []
            when.append(tuple_(self.at_ms, self.number) < tuple_(before_ms, before))
        order = (self.at_ms.desc(), self.number.desc())
        if len(ways) == 1:
            return [*await reader.scalars(select(row).where(*ways[0], *when).order_by(*order).limit(limit))]
        numbers = [select(self.number).where(*way, *when).order_by(*order).limit(limit).subquery() for way in ways]
        chosen = union(*(select(one.c[0]) for one in numbers))
        return [*await reader.scalars(select(row).where(self.number.in_(chosen)).order_by(*order).limit(limit))]


def ways_of(said: Sequence[Sequence[ColumnElement[bool]]]) -> list[Way]:
    """Of each thing that is said, one of its conditions holds. Put first what leads to the fewest rows: its indexes are
    used, and no other's. Nothing said is one way, to all."""
    if not said:
        return [()]
    rest = [_looked_at(or_(*conditions)) for conditions in said[1:]]
    return [(leading, *rest) for leading in said[0]]


def _looked_at(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """In rows that another index led to: nothing tells SQLite that few rows are of one session and half of them of one
    source. (A unary plus keeps its planner from the index.)"""
    return UnaryExpression(condition.self_group(), operator=operators.custom_op("+"))
