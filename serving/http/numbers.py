"""The numbers by which requests name rows and places: no larger ones than a database has, which would fail there."""

from typing import Annotated

from fastapi import Path

LARGEST = 2**63 - 1

RowNumber = Annotated[int, Path(ge=1, le=LARGEST)]
"""In a path: the number of something that is kept."""
