"""Audit events as others' tools read them, one line each, always printable.

ocsf  Open Cybersecurity Schema Framework 1.4 (https://schema.ocsf.io): type_uid = class_uid × 100 + activity_id
ecs   Elastic Common Schema 8 (https://www.elastic.co/guide/en/ecs/current/)
cef   ArcSight Common Event Format 0
"""

from collections.abc import Callable
from typing import Any, Literal

from audit.siem import decision_formats
from audit.siem.decisions import DecisionEvent
from audit.siem.events import AuditEvent, EventName
from audit.siem.lines import ECS_VERSION, SEVERITY, cef_line, iso_time, json_line, ocsf_metadata

FormatName = Literal["ocsf", "ecs", "cef"]

_OCSF: dict[EventName, tuple[int, int]] = {
    "consent.grant": (3003, 1),
    "consent.deny": (3003, 1),
    "session.start": (4007, 1),
    "session.end": (4007, 2),
    "session.takeover": (3003, 1),
    "file.read": (1001, 2),
    "file.write": (1001, 3),
    "file.delete": (1001, 4),
    "file.refused": (1001, 2),
    "integrity.fail": (2004, 1),
}
"""Class and activity. 1001 has activities of its own for what `file.write` sums up, see `_FILE_ACTIVITIES`."""

_FILE_ACTIVITIES = {
    "make-folder": 1, "link": 1, "read": 2, "write": 3, "remove": 4, "remove-folder": 4, "rename": 5,
    "set-attributes": 6,
}  # fmt: skip

_ECS: dict[EventName, tuple[list[str], list[str], str]] = {
    "consent.grant": (["iam", "session"], ["allowed"], "consent"),
    "consent.deny": (["iam", "session"], ["denied"], "consent"),
    "session.start": (["session", "network"], ["start"], "session-start"),
    "session.end": (["session", "network"], ["end"], "session-end"),
    "session.takeover": (["iam", "session"], ["change"], "session-takeover"),
    "file.read": (["file"], ["access"], "file-read"),
    "file.write": (["file"], ["change"], "file-write"),
    "file.delete": (["file"], ["deletion"], "file-delete"),
    "file.refused": (["file"], ["access", "denied"], "file-refused"),
    "integrity.fail": (["intrusion_detection"], ["indicator"], "integrity-fail"),
}
_FAILURES = frozenset({"consent.deny", "file.refused", "integrity.fail"})


def ocsf(event: AuditEvent) -> str:
    class_uid, activity = _OCSF[event.name]
    activity = _FILE_ACTIVITIES.get(event.file_action, activity)
    record: dict[str, Any] = {
        "class_uid": class_uid,
        "category_uid": class_uid // 1000,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
        "time": event.t_ms,
        "severity_id": SEVERITY[event.code[-1]][0],
        "status_id": 2 if _failed(event) else 1,
        "status_detail": event.reason,
        "metadata": ocsf_metadata(event.uid, event.code),
        "actor": {"user": {"name": event.engineer, "uid": event.staff_number}, "session": {"uid": event.session_id}},
    }
    device = {"hostname": event.customer_host, "type_id": 0}
    match class_uid:
        case 3003:
            user = {"name": event.engineer, "uid": event.staff_number}
            record |= {"user": user, "privileges": list(event.scopes), "session": {"uid": event.session_id}}
        case 4007:
            session: dict[str, Any] = {"uid": event.session_id, "is_remote": True}
            if event.name == "session.end":
                session["expiration_reason"] = event.reason
            record |= {"session": session, "dst_endpoint": {"hostname": event.customer_host}}
        case 1001:
            file: dict[str, Any] = {"path": event.path, "name": event.path.rpartition("/")[2], "type_id": 0}
            if event.byte_count:
                file["size"] = event.byte_count
            if event.sha256:
                file["hashes"] = [{"algorithm_id": 3, "value": event.sha256}]
            record |= {"file": file, "device": device}
        case _:
            record["finding_info"] = {"uid": event.uid, "title": "A recording is not whole", "desc": event.reason}
    return json_line(record)


def ecs(event: AuditEvent) -> str:
    category, kinds, action = _ECS[event.name]
    record: dict[str, Any] = {
        "@timestamp": iso_time(event.t_ms),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": "alert" if event.name == "integrity.fail" else "event",
            "category": category,
            "type": kinds,
            "action": action,
            "outcome": "failure" if _failed(event) else "success",
            "code": event.code,
            "id": event.uid,
            "reason": event.reason,
            "module": "consentry",
        },
        "user": {"name": event.engineer, "id": event.staff_number, "roles": list(event.scopes)},
        "host": {"hostname": event.customer_host},
        "organization": {"name": event.organisation},
        "session": {"id": event.session_id},
    }
    if event.path:
        record["file"] = {"path": event.path, "size": event.byte_count, "hash": {"sha256": event.sha256}}
    return json_line(record)


def cef(event: AuditEvent) -> str:
    extension = [
        ("rt", event.t_ms),
        ("externalId", event.uid),
        ("suser", event.engineer),
        ("suid", event.staff_number),
        ("duser", event.customer_user),
        ("dhost", event.customer_host),
        ("act", event.file_action or event.name),
        ("outcome", "failure" if _failed(event) else "success"),
        ("reason", event.reason),
        ("fname", event.path),
        ("fsize", event.byte_count or ""),
        ("fileHash", event.sha256),
        ("cs1", event.session_id),
        ("cs1Label", "session"),
        ("cs2", ",".join(event.scopes)),
        ("cs2Label", "scopes" if event.scopes else ""),
    ]
    return cef_line(event.code, event.name, extension)


FORMATS: dict[FormatName, Callable[[AuditEvent], str]] = {"ocsf": ocsf, "ecs": ecs, "cef": cef}
DECISION_FORMATS: dict[FormatName, Callable[[DecisionEvent], str]] = {
    "ocsf": decision_formats.ocsf,
    "ecs": decision_formats.ecs,
    "cef": decision_formats.cef,
}


def _failed(event: AuditEvent) -> bool:
    return event.name in _FAILURES or event.reason == "failed"
