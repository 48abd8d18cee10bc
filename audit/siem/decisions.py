"""What was decided or noticed outside of recordings, as an audit event: by the broker about people and their logins, by
the audit service about recordings. `KINDS` lists them; a code's last letter is its weight, as in events.py.

Whatever else a broker of another version decides is told as CS4999I, under its own name.
"""

from dataclasses import dataclass

from msgspec import Struct


@dataclass(frozen=True)
class DecisionKind:
    """`ocsf` is class and activity; `ecs` categories, types."""

    code: str
    ocsf: tuple[int, int]
    ecs: tuple[tuple[str, ...], tuple[str, ...]]
    failed: bool = False


_LOGIN = (("authentication",), ("start",))
_LOGIN_ENDS = (("authentication", "session"), ("end",))
_ACCOUNT = (("iam",), ("user", "change"))
_LOOK = (("database",), ("access",))
_CHANGE = (("configuration",), ("change",))
_ALERT = (("intrusion_detection",), ("indicator",))

KINDS: dict[str, DecisionKind] = {
    # Authentication (3002): 1 logon, 2 logoff
    "logged_in": DecisionKind("CS4001I", (3002, 1), _LOGIN),
    "login_refused": DecisionKind("CS4001W", (3002, 1), _LOGIN, failed=True),
    "login_locked": DecisionKind("CS4002W", (3001, 9), _ACCOUNT, failed=True),
    "logged_out": DecisionKind("CS4003I", (3002, 2), _LOGIN_ENDS),
    "login_revoked": DecisionKind("CS4004I", (3002, 2), _LOGIN_ENDS),
    "browser_login_allowed": DecisionKind("CS4005I", (3002, 1), _LOGIN),
    "browser_login_denied": DecisionKind("CS4005W", (3002, 1), _LOGIN, failed=True),
    # Account Change (3001): 1 create, 3 password change, 10 and 11 a factor enabled and disabled, 99 other
    "password_changed": DecisionKind("CS4010I", (3001, 3), _ACCOUNT),
    "totp_set": DecisionKind("CS4011I", (3001, 10), _ACCOUNT),
    "totp_removed": DecisionKind("CS4012I", (3001, 11), _ACCOUNT),
    "passkey_added": DecisionKind("CS4013I", (3001, 10), _ACCOUNT),
    "passkey_removed": DecisionKind("CS4014I", (3001, 11), _ACCOUNT),
    "recovery_codes_made": DecisionKind("CS4015I", (3001, 99), _ACCOUNT),
    "recovery_code_used": DecisionKind("CS4016W", (3002, 1), _LOGIN),
    "api_token_made": DecisionKind("CS4020I", (3001, 99), _ACCOUNT),
    "api_token_revoked": DecisionKind("CS4021I", (3001, 99), _ACCOUNT),
    "person_added": DecisionKind("CS4030I", (3001, 1), (("iam",), ("user", "creation"))),
    "person_changed": DecisionKind("CS4031I", (3001, 99), _ACCOUNT),
    "team_changed": DecisionKind("CS4032I", (3001, 99), _ACCOUNT),
    "team_renamed": DecisionKind("CS4033I", (3001, 99), _ACCOUNT),
    # Entity Management (3004): 1 create, 2 read, 3 update, 4 delete, 99 other
    "session_stopped": DecisionKind("CS4040W", (3004, 99), (("session",), ("end",))),
    "whispered": DecisionKind("CS4041I", (3004, 99), (("session",), ("info",))),
    "join_asked": DecisionKind("CS4042I", (3004, 99), (("session",), ("info",))),
    "session_taken_over": DecisionKind("CS4043I", (3004, 99), (("session",), ("change",))),
    "webhook_added": DecisionKind("CS4050W", (3004, 1), _CHANGE),
    "webhook_changed": DecisionKind("CS4051I", (3004, 3), _CHANGE),
    "webhook_removed": DecisionKind("CS4052I", (3004, 4), _CHANGE),
    "recording_view": DecisionKind("CS5001I", (3004, 2), _LOOK),
    "recording_search": DecisionKind("CS5002I", (3004, 2), _LOOK),
    "recording_download": DecisionKind("CS5003I", (3004, 2), _LOOK),
    "recording_export": DecisionKind("CS5004I", (3004, 2), _LOOK),
    "recording_hold": DecisionKind("CS5010I", (3004, 3), _CHANGE),
    "recording_lift-hold": DecisionKind("CS5013I", (3004, 3), _CHANGE),
    "recording_retention": DecisionKind("CS5011I", (3004, 3), _CHANGE),
    "recording_erase": DecisionKind("CS5012I", (3004, 4), (("database",), ("deletion",))),
    "request_asked": DecisionKind("CS5020I", (3004, 3), _CHANGE),
    "request_confirmed": DecisionKind("CS5021I", (3004, 3), _CHANGE),
    "request_refused": DecisionKind("CS5022I", (3004, 3), _CHANGE, failed=True),
    "request_done": DecisionKind("CS5023I", (3004, 3), _CHANGE),
    "retention_due": DecisionKind("CS5030I", (3004, 99), (("database",), ("info",))),
    "policy_asked": DecisionKind("CS5031I", (3004, 3), _CHANGE),
    "policy_confirmed": DecisionKind("CS5032I", (3004, 3), _CHANGE),
    "policy_refused": DecisionKind("CS5033I", (3004, 3), _CHANGE, failed=True),
    "policy_ended": DecisionKind("CS5034I", (3004, 3), _CHANGE),
    # Detection Finding (2004): 1 create
    "recording_not_sound": DecisionKind("CS9001E", (2004, 1), _ALERT, failed=True),
    "events_missing": DecisionKind("CS9003E", (2004, 1), _ALERT, failed=True),
}
UNKNOWN = DecisionKind("CS4999I", (3001, 99), _ACCOUNT)


class DecisionEvent(Struct, frozen=True, kw_only=True):
    """`source` and `source_key` name the event; `t_ms` is Unix time by the clock of whoever decided."""

    source: str
    source_key: str
    kind: str
    t_ms: int
    actor: str = ""
    subject: str = ""
    address: str = ""
    session_id: str = ""
    facts: dict[str, str | int | bool] = {}

    @property
    def about(self) -> DecisionKind:
        return KINDS.get(self.kind, UNKNOWN)

    @property
    def code(self) -> str:
        return self.about.code

    @property
    def uid(self) -> str:
        return f"{self.source}:{self.source_key}"

    @property
    def reason(self) -> str:
        """The facts as a person reads them."""
        return "; ".join(f"{name}: {value}" for name, value in sorted(self.facts.items()))
