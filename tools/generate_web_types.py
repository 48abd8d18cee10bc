"""Writes what the console's TypeScript knows of the Python side: messages, words, limits, and the HTTP API's types.

    python -m tools.generate_web_types

`tests/tools/test_generate_web_types.py` fails when a file is stale. What a message may hold goes along as data, so that
the console refuses exactly what the decoder of `protocol/messages/` refuses.
"""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import inspect

from agent_client.faces import json_lines, notices
from agent_client.faces.face import ConsentQuestion
from agent_client.faces.json_conversation import kebab
from agent_client.screens.request_screen import SETTLE_MS
from broker.http_api import audit_feed
from broker.http_api.application import make_application
from protocol import (
    certificates,
    chat,
    codes,
    cpace,
    grants,
    key_schedule,
    legs,
    pairing,
    send_buffer,
    stream,
    stream_frames,
)
from protocol.grants import POWERFUL_SCOPES, Scope
from protocol.messages import control, wire
from protocol.messages import pairing as pairing_messages
from protocol.messages.fields import EndReason
from tools.desk_types import desk_types

WEB = Path(__file__).resolve().parent.parent / "web" / "src"

HEADER = "// Written by tools/generate_web_types.py from the Python side. Change it there.\n"

CONVERSATIONS = {
    "EngineerToBroker": pairing_messages.EngineerToBroker,
    "BrokerToEngineer": pairing_messages.BrokerToEngineer,
    "EngineerToAgent": control.EngineerToAgent,
    "AgentToEngineer": control.AgentToEngineer,
}

CONSTANTS = {
    certificates: ("CLOCK_ALLOWANCE_MS",),
    codes: ("SECRET_DIGITS", "NAMEPLATE_DIGITS", "TYPED_LIMIT_CHARACTERS"),
    cpace: ("SHARE_BYTES", "TAG_BYTES"),
    pairing: ("PAIRING_TIMEOUT_MS", "NONCE_BYTES", "AGENT_KEY_BYTES", "HOST_KEY_LIMIT_BYTES"),
    key_schedule: ("KEY_BYTES", "PAIRING_ID_BYTES", "STREAM_ID_BYTES"),
    wire: ("SUBPROTOCOL", "UNPAIRED_FRAME_LIMIT_BYTES", "CONTROL_FRAME_LIMIT_BYTES", "HELLO_TIMEOUT_SECONDS"),
    chat: ("LINE_LIMIT_CHARACTERS",),
    grants: ("REFUSAL_LIMIT",),
    legs: ("LEG_SUBPROTOCOL", "TICKET_PREFIX", "ENGINEER_LEG_PATH"),
    send_buffer: ("SEND_BUFFER_BYTES",),
    stream: (
        "ACK_EVERY_BYTES", "ACK_DELAY_MS", "ALIVE_EVERY_MS", "SILENCE_LIMIT_MS",
        "OPEN_WINDOW_MS", "RESUME_WINDOW_MS", "SEND_BATCH_BYTES",
    ),
    stream_frames: ("DATA_LIMIT_BYTES",),
}  # fmt: skip


def protocol_types() -> str:
    """`web/src/protocol/generated.ts`."""
    lines = [HEADER]
    for module, names in CONSTANTS.items():
        lines.append(f"// {module.__name__.replace('.', '/')}.py")
        lines += [f"export const {name} = {_literal(getattr(module, name))};" for name in names]
    lines += [
        "",
        "export const FINAL_CLOSE_CODES: readonly number[] = " + _literal(sorted(legs.FINAL_CLOSE_CODES)) + ";",
    ]
    for enum in (stream_frames.StreamKind, stream_frames.FrameType, stream_frames.CloseCode):
        members = ", ".join(f"{member.name}: {member.value}" for member in enum)
        lines.append(f"export const {enum.__name__} = {{ {members} }} as const;")
        lines.append(f"export type {enum.__name__} = (typeof {enum.__name__})[keyof typeof {enum.__name__}];")
    lines += ["", f"export const SCOPES = {_literal([scope.value for scope in Scope])} as const;"]
    lines += ["export type Scope = (typeof SCOPES)[number];"]
    powerful = [scope.value for scope in Scope if scope in POWERFUL_SCOPES]
    lines += [f"export const POWERFUL_SCOPES: readonly Scope[] = {_literal(powerful)};"]
    lines += [f"export type PairingOutcome = {_union(get_args(pairing_messages.PairingOutcome))};"]
    lines += [f"export type EndReason = {_union(get_args(EndReason))};"]
    lines += [f"export type PausedBy = {_union(get_args(control.PausedBy))};"]
    lines += [f"export type NotSaid = {_union(get_args(control.NotSaid))};", ""]
    seen: dict[str, inspect.StructType] = {}
    for conversation, union in CONVERSATIONS.items():
        kinds = _structs(union)
        seen |= {kind.cls.__name__: kind for kind in kinds}
        lines.append(f"export type {conversation} = {' | '.join(kind.cls.__name__ for kind in kinds)};")
    lines.append("")
    for name, kind in seen.items():
        fields = "".join(f" readonly {_camel(f.encode_name)}: {_ts(f.type)};" for f in kind.fields)
        lines.append(f'export type {name} = {{ readonly type: "{kind.tag}";{fields} }};')
    lines += [
        "",
        "/** What one field may hold. Lengths are bytes of `bytes`, characters of `text`, items of `list`. */",
        "export type FieldRule =",
        '  | { readonly kind: "bytes"; readonly min?: number; readonly max?: number }',
        '  | { readonly kind: "text"; readonly min?: number; readonly max?: number; readonly pattern?: string }',
        '  | { readonly kind: "integer"; readonly min?: number; readonly max?: number }',
        '  | { readonly kind: "boolean" }',
        '  | { readonly kind: "word"; readonly words: readonly (string | number)[] }',
        '  | { readonly kind: "list"; readonly of: FieldRule; readonly min?: number; readonly max?: number };',
        "",
        "/** By message type, then by field: its name on the wire, and its rule. In the order of the wire. */",
        "export const MESSAGE_RULES: Record<string, Record<string, readonly [string, FieldRule]>> = {",
    ]
    for kind in seen.values():
        lines.append(f'  "{kind.tag}": {{')
        for field in kind.fields:
            lines.append(f'    {_camel(field.encode_name)}: ["{field.encode_name}", {_rule(field.type)}],')
        lines.append("  },")
    lines.append("};")
    return "\n".join(lines) + "\n"


def api_types() -> str:
    """`web/src/engineer/api_types.ts`: bodies and answers of `/v1/`, but for what the audit service pulls."""
    schemas = _application().openapi()["components"]["schemas"]
    pulled = {name for name, kind in vars(audit_feed).items() if getattr(kind, "__module__", "") == audit_feed.__name__}
    lines = [HEADER]
    for name in sorted(schemas):
        if "enum" in schemas[name]:
            lines.append(f"export type {name} = {_union(tuple(schemas[name]['enum']))};\n")
        elif name.endswith(("Answer", "Body", "Details", "Entry")) and name not in pulled:
            required = set(schemas[name].get("required", ()))
            lines.append(f"export interface {name} {{")
            for field, schema in schemas[name]["properties"].items():
                lines.append(f"  readonly {field}{'' if field in required else '?'}: {_json_type(schema)};")
            lines.append("}\n")
    return "\n".join(lines)


def page_types() -> str:
    """`web/src/local/events.ts`: what a session says to the local page, and what the page may say to it."""
    notice_types = get_args(notices.Notice)
    lines = [HEADER, 'import type { Scope } from "../protocol/generated";', ""]
    lines += [f"export const SETTLE_MS = {_literal(SETTLE_MS)};", ""]
    for kind in (notices.Present, ConsentQuestion, *notice_types):
        event = [f'  readonly event: "{kebab(kind.__name__)}";'] if kind in notice_types else []
        lines += [f"export interface {kind.__name__} {{", *event, *_members(kind), "}", ""]
    lines.append("export type Notice =")
    lines += [f"  | {kind.__name__}" for kind in notice_types]
    lines[-1] += ";"
    lines += ["", "export type Line ="]
    for struct in _structs(json_lines.AnyLine):
        # Bytes are base64 there: JSON has none.
        members = [
            f"; readonly {field.encode_name}{'' if field.required else '?'}: {_ts(field.type)}".replace(
                "Uint8Array", "string"
            )
            for field in struct.fields
        ]
        lines.append(f'  | {{ readonly command: "{struct.tag}"{"".join(members)} }}')
    lines[-1] += ";"
    return "\n".join(lines) + "\n"


def _members(kind: type) -> list[str]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.DataclassType)
    return [f"  readonly {field.name}: {_ts(field.type)};" for field in info.fields]


def generated_files() -> dict[Path, str]:
    return {
        WEB / "protocol" / "generated.ts": protocol_types(),
        WEB / "engineer" / "api_types.ts": api_types(),
        WEB / "desk" / "api_types.ts": desk_types(HEADER),
        WEB / "local" / "events.ts": page_types(),
    }


def _application() -> Any:
    @asynccontextmanager
    async def lifespan(_app: object) -> Any:
        yield

    return make_application(lifespan)


def _structs(union: object) -> list[inspect.StructType]:
    return list(_flat(inspect.type_info(union)))


def _flat(info: inspect.Type) -> Iterator[inspect.StructType]:
    if isinstance(info, inspect.UnionType):
        for one in info.types:
            yield from _flat(one)
    else:
        assert isinstance(info, inspect.StructType)
        yield info


def _ts(info: inspect.Type) -> str:
    match info:
        case inspect.DataclassType(cls=cls):
            return f'Omit<{cls.__name__}, "event">' if cls in get_args(notices.Notice) else str(cls.__name__)
        case inspect.SetType(item_type=item) | inspect.FrozenSetType(item_type=item):
            return _list_of(item)
        case inspect.NoneType():
            return "null"
        case inspect.UnionType(types=types):
            return " | ".join(_ts(one) for one in types)
        case inspect.BytesType():
            return "Uint8Array"
        case inspect.StrType():
            return "string"
        case inspect.IntType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.LiteralType(values=values):
            return _union(values)
        case inspect.EnumType():
            return "Scope"
        case inspect.VarTupleType(item_type=item):
            return _list_of(item)
        case inspect.TupleType(item_types=items):
            return f"readonly [{', '.join(_ts(item) for item in items)}]"
    raise TypeError(f"no TypeScript for {info}")


def _list_of(item: inspect.Type) -> str:
    name = _ts(item)
    return f"readonly ({name})[]" if " | " in name else f"readonly {name}[]"


def _rule(info: inspect.Type) -> str:
    match info:
        case inspect.BytesType(min_length=low, max_length=high):
            return _object(kind="bytes", min=low, max=high)
        case inspect.StrType(min_length=low, max_length=high, pattern=pattern):
            return _object(kind="text", min=low, max=high, pattern=pattern)
        case inspect.IntType(ge=low, le=high):
            return _object(kind="integer", min=low, max=high)
        case inspect.BoolType():
            return _object(kind="boolean")
        case inspect.LiteralType(values=values):
            return f'{{ kind: "word", words: {_literal(list(values))} }}'
        case inspect.EnumType(cls=cls):
            return f'{{ kind: "word", words: {_literal([member.value for member in cls])} }}'
        case inspect.VarTupleType(item_type=item, min_length=low, max_length=high):
            bounds = "".join(f", {name}: {value}" for name, value in (("min", low), ("max", high)) if value)
            return f'{{ kind: "list", of: {_rule(item)}{bounds} }}'
    raise TypeError(f"no rule for {info}")


def _object(**fields: object) -> str:
    kept = ", ".join(f"{name}: {_literal(value)}" for name, value in fields.items() if value is not None)
    return f"{{ {kept} }}"


def _literal(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def _union(values: tuple[str | int, ...]) -> str:
    return " | ".join(_literal(value) for value in values)


def _camel(wire_name: str) -> str:
    first, *rest = wire_name.split("-")
    return first + "".join(word.capitalize() for word in rest)


def _json_type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_json_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return _union(tuple(schema["enum"]))
    kind = schema.get("type")
    if kind == "object":
        return f"Readonly<Record<string, {_json_type(schema['additionalProperties'])}>>"
    if kind == "array":
        item = _json_type(schema["items"])
        return f"readonly {item}[]" if item.isidentifier() else f"readonly ({item})[]"
    return {"integer": "number", "null": "null", "boolean": "boolean"}.get(str(kind), "string")


def main() -> None:
    for path, text in generated_files().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
