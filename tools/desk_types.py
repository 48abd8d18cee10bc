"""What the desk's TypeScript knows of the audit service's HTTP API: `web/src/desk/api_types.ts`.

Written by `python -m tools.generate_web_types`. Both ways in which answers are described there (pydantic models,
msgspec structs) come as JSON Schema. The JSON Lines of `audit/replay_index/viewing.py` have none: see `desk/lines.ts`.
"""

from contextlib import asynccontextmanager
from typing import Any

import msgspec

from audit.quality.calibration import CriterionAgreement, PairAgreement
from audit.quality.reports import Report
from audit.service.http_api import quality, reviews, search
from audit.service.http_api.application import make_application
from audit.service.http_api.session_answers import VerifyAnswer
from audit.service.search_worker import FoundPage

STRUCTS = (
    Report, FoundPage, PairAgreement, CriterionAgreement, VerifyAnswer, search.SearchBody, quality.CalibrationBody,
    quality.CalibrationsAnswer, reviews.AssignBody, reviews.ReviewBody, reviews.DisputeBody, reviews.DecisionBody,
    quality.MysteryAnswer, quality.MysteryBody, quality.PreviewAnswer, quality.PreviewBody, quality.ReviewersAnswer,
    quality.RunAnswer, quality.RunBody, quality.RedrawnAnswer, quality.SamplingAnswer, reviews.ReviewsAnswer,
    reviews.WholeReviewAnswer, reviews.ScorecardsAnswer, reviews.ScorecardFileBody,
    reviews.ScorecardCheckAnswer, reviews.MarkRulesAnswer,
)  # fmt: skip

MODELS = (
    "LoginBody", "MeAnswer", "Permission", "AboutAnswer", "MarkAnswer", "SessionAnswer", "SessionsAnswer", "ViewAnswer",
    "ViewsAnswer", "ClassAnswer", "ClassesAnswer", "HoldBody", "PersonAnswer", "RequestAnswer", "RequestBody",
    "RequestsAnswer", "RetentionBody", "StateAnswer", "FeedDetails", "SeenLog", "SeenWitness", "KeysDetails",
    "KeyDetails", "BackupDetails",
)  # fmt: skip


def desk_types(header: str) -> str:
    models = _openapi()["components"]["schemas"]
    _, structs = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    described = {name: models[name] for name in MODELS} | structs
    return "\n".join([header, *(_declaration(name, described[name]) for name in sorted(described))])


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
