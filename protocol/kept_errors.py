"""An error as text that is kept, in a database, and told later in the language of whoever reads then.

What is kept are the name of the error's class, its fields, and its English sentence for where the class is not known.
"""

import json
from collections.abc import Mapping
from typing import Any

from protocol.details import Detail, undecodable
from protocol.errors import ConsentryError


def kept(error: ConsentryError) -> str:
    """The error as text; `recalled` makes it one again."""
    return json.dumps(_error(error), ensure_ascii=False, separators=(",", ":"))


def recalled(text: str) -> ConsentryError | None:
    """The error that was kept. None for other text, such as the plain sentences that were kept before."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.keys() != {"error", "sentence", "fields"}:
        return None
    return _recalled_error(found)


def _error(error: ConsentryError) -> dict[str, object]:
    return {"error": type(error).__name__, "sentence": error.sentence, "fields": _fields(error.fields)}


def _fields(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: _fact(value) for name, value in fields.items()}


def _fact(value: object) -> object:
    if isinstance(value, ConsentryError):
        return _error(value)
    if isinstance(value, Exception):
        value = undecodable(value)
    if isinstance(value, Detail):
        return {"detail": value.template, "fields": _fields(value.fields)}
    return value if isinstance(value, int | float) else str(value)


def _recalled_error(found: Mapping[str, Any]) -> ConsentryError:
    # A class of that name: where a catalogue knows it, it is said in its words.
    kind = type(str(found["error"]), (ConsentryError,), {"__module__": "kept", "sentence": str(found["sentence"])})
    error: ConsentryError = kind(**_recalled_fields(found["fields"]))
    return error


def _recalled_fields(fields: Mapping[str, Any]) -> dict[str, object]:
    return {name: _recalled_fact(value) for name, value in fields.items()}


def _recalled_fact(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    if "detail" in value:
        return Detail(value["detail"], **_recalled_fields(value["fields"]))
    return _recalled_error(value)
