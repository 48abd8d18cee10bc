"""Decisions in OCSF, ECS and CEF: the same formats as formats.py, for what happened outside of recordings."""

from typing import Any

from audit.siem.decisions import DecisionEvent
from audit.siem.lines import (
    ECS_VERSION,
    FAILURE,
    SEVERITY,
    SUCCESS,
    cef_line,
    iso_time,
    json_line,
    ocsf_metadata,
)


def ocsf(event: DecisionEvent) -> str:
    class_uid, activity = event.about.ocsf
    record: dict[str, Any] = {
        "class_uid": class_uid,
        "category_uid": class_uid // 1000,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
        "time": event.t_ms,
        "severity_id": SEVERITY[event.code[-1]][0],
        "status_id": _outcome(event)[0],
        "status_detail": event.reason,
        "metadata": ocsf_metadata(event.uid, event.code),
        "actor": {"user": {"name": event.actor}, "session": {"uid": event.session_id}},
        "unmapped": {"kind": event.kind, "source": event.source, **event.facts},
    }
    if event.address:
        record["src_endpoint"] = {"ip": event.address}
    match class_uid:
        case 3001 | 3002:
            record["user"] = {"name": event.subject}
        case 3004:
            kind = "session" if "session" in event.about.ecs[0] else "recording"
            record["entity"] = {"type": kind, "uid": event.session_id, "name": event.session_id}
        case _:
            record["finding_info"] = {"uid": event.uid, "title": event.kind, "desc": event.reason}
    return json_line(record)


def ecs(event: DecisionEvent) -> str:
    categories, types = event.about.ecs
    record: dict[str, Any] = {
        "@timestamp": iso_time(event.t_ms),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": "alert" if event.code[-1] == "E" else "event",
            "category": list(categories),
            "type": list(types),
            "action": event.kind,
            "outcome": _outcome(event)[1],
            "code": event.code,
            "id": event.uid,
            "reason": event.reason,
            "module": "consentry",
            "provider": event.source,
        },
        "user": {"name": event.actor, "target": {"name": event.subject}},
    }
    if event.session_id:
        record["session"] = {"id": event.session_id}
    if event.address:
        record["source"] = {"address": event.address}
    return json_line(record)


def cef(event: DecisionEvent) -> str:
    extension = [
        ("rt", event.t_ms),
        ("externalId", event.uid),
        ("suser", event.actor),
        ("duser", event.subject),
        ("src", event.address),
        ("act", event.kind),
        ("outcome", _outcome(event)[1]),
        ("reason", event.reason),
    ]
    if event.session_id:
        extension += [("cs1", event.session_id), ("cs1Label", "session")]
    return cef_line(event.code, event.kind, extension)


def _outcome(event: DecisionEvent) -> tuple[int, str]:
    return FAILURE if event.about.failed else SUCCESS
