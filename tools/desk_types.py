"""What the desk's TypeScript knows of the audit service's HTTP API: `web/src/desk/api_types.ts`.

Written by `python -m tools.generate_web_types`, out of the service's own description in OpenAPI. The JSON Lines of
`audit/replay_index/viewing.py` have none: see `desk/lines.ts`.
"""

from contextlib import asynccontextmanager
from typing import Any

import msgspec

from audit.service.http_api.application import make_application

LEFT_OUT = {"Problem"}
"""Every page reads those in one place: `web/src/http/api.ts`."""


def desk_types(header: str) -> str:
    schemas = _openapi()["components"]["schemas"]
    return "\n".join([header, *(_declaration(name, schemas[name]) for name in sorted(schemas) if name not in LEFT_OUT)])


def _declaration(name: str, schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return f"export type {name} = {_type(schema)};\n"
    # What may be left out of a question always stands in an answer.
    required = set(schema.get("required", ())) if name.endswith("Body") else set(schema["properties"])
    lines = [f"export interface {name} {{"]
    for field, kind in schema["properties"].items():
        shown = field if field.isidentifier() else f'"{field}"'
        lines.append(f"  readonly {shown}{'' if field in required else '?'}: {_type(kind)};")
    return "\n".join([*lines, "}\n"])


def _type(schema: dict[str, Any]) -> str:
    match schema:
        case {"$ref": ref}:
            return str(ref).rpartition("/")[2]
        case {"allOf": [one]}:
            return _type(one)
        case {"anyOf": several}:
            return " | ".join(dict.fromkeys(_type(one) for one in several))
        case {"enum": values}:
            return " | ".join(msgspec.json.encode(value).decode() for value in values)
        case {"type": "array", "prefixItems": items}:
            return f"readonly [{', '.join(_type(item) for item in items)}]"
        case {"type": "array", "items": items}:
            item = _type(items)
            return f"readonly {item}[]" if item.isidentifier() else f"readonly ({item})[]"
        case {"type": "object", "additionalProperties": dict() as values}:
            return f"Readonly<Record<string, {_type(values)}>>"
        case {"type": "object"}:
            return "Readonly<Record<string, unknown>>"
        case {"type": "integer" | "number"}:
            return "number"
        case {"type": "null" | "boolean" | "string" as kind}:
            return str(kind)
    raise TypeError(f"no TypeScript for {schema}")


def _openapi() -> dict[str, Any]:
    @asynccontextmanager
    async def lifespan(_app: object) -> Any:
        yield

    return make_application(lifespan).openapi()
