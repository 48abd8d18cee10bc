"""One example of each body that the audit service takes, for its description in OpenAPI; a test holds them to it."""

from typing import Any

from serving.identity_api.examples import IDENTITY_EXAMPLES

_SESSION = "0123456789abcdef0123456789abcdef"
_ANSWER = {"criterion": "greeting", "points": 2, "at_ms": 14_000, "note": "named themselves and the reason"}
_NO, _YES = {"en": "no", "zh-CN": "否", "points": 0}, {"en": "yes", "zh-CN": "是", "points": 1}
_BOTH = {"en": "Greeting", "zh-CN": "问候"}

EXAMPLES: dict[str, Any] = {
    **IDENTITY_EXAMPLES,
    "HoldBody": {"reason": "a complaint that is being looked into, 8841", "because": None},
    "RetentionBody": {"retention": "pci", "reason": "card data could be seen"},
    "PolicyBody": {"retention": "short", "erase_when_due": True, "reason": "the data protection office, 2026-11"},
    "RequestBody": {"kind": "export", "session_id": _SESSION, "reason": "the customer asks for a copy"},
    "SearchBody": {"words": "printer jammed", "purpose": "how often this month", "limit": 20},
    "AssignBody": {"session_id": _SESSION, "reviewer": "rey", "scorecard": "support-basics", "due_days": 7},
    "ReviewBody": {"answers": [_ANSWER], "comment": "a good conversation"},
    "DisputeBody": {"grounds": "The terminal was paused while the customer was away."},
    "DecisionBody": {"outcome": "amended", "words": "The pause is on the recording.", "answers": [_ANSWER]},
    "CalibrationBody": {"session_id": _SESSION, "reviewers": ["rey", "ada"], "scorecard": "support-basics"},
    "PlanBody": {
        "name": "monthly",
        "kind": "random",
        "scorecard": "support-basics",
        "reviewers": ["rey", "ada"],
        "per_stratum": 5,
    },
    "RunBody": {"first": "2026-11-01", "last": "2026-11-30", "zone": "Europe/London"},
    "PreviewBody": {
        "plan": {"name": "low", "kind": "low-rating", "scorecard": "support-basics", "reviewers": ["rey"]},
        "first": "2026-11-01",
        "last": "2026-11-30",
    },
    "MysteryBody": {"note": "the till that prints nothing"},
    "ScorecardFileBody": {"text": 'id = "support-basics"\nversion = 2\n'},
    "Scorecard": {
        "id": "support-basics",
        "version": 1,
        "title": _BOTH,
        "scales": {"two": {"levels": [_NO, _YES]}},
        "criteria": [{"id": "greeting", "weight": 10, "scale": "two", "title": _BOTH, "help": _BOTH}],
    },
}
