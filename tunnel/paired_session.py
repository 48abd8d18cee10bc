"""What an engineer's process must know of a session: written once after pairing, read by every `ssh`.

One JSON file, 0600, bytes in hexadecimal. It holds the keys of this pairing: whoever reads it can open streams until
the session ends (and still has to pass SSH's own key). On the start-up path of `ssh-proxy`: standard library only.
"""

import json

from protocol.details import system_reason
from protocol.errors import InputError
from tunnel.whole_files import replace_file

TYPE_CHECKING = False  # like `typing.TYPE_CHECKING`, without the 5 ms of importing typing (pathlib takes 4)
if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1


class SessionFileUnusable(InputError):
    """The file is missing, cut off, or of another version."""

    sentence = "The session file {path} cannot be used ({problem}). Connect again with a new code: consentry connect"


class PairedSession:
    """A session as one engineer's pairing sees it. Ids and keys as in `protocol/key_schedule.py`.

    `broker_certificate_pem` "" means the system's trust. `ssh_host_keys` are OpenSSH public-key blobs, Ed25519 first.
    `certificate_path` is the engineer's certificate in DER. A plain class: dataclasses cost 10 ms of every start.
    """

    FIELDS = (
        "broker_origin",
        "broker_certificate_pem",
        "leg_ticket",
        "alias",
        "organisation",
        "certificate_path",
        "resume_window_seconds",
        "expires_at_ms",
    )
    BYTES_FIELDS = ("session_id", "pairing_id", "stream_key", "control_key", "transcript_hash", "root_key")

    def __init__(
        self,
        *,
        broker_origin: str,
        broker_certificate_pem: str,
        session_id: bytes,
        leg_ticket: str,
        pairing_id: bytes,
        stream_key: bytes,
        control_key: bytes,
        transcript_hash: bytes,
        ssh_host_keys: tuple[bytes, ...],
        root_key: bytes = b"",
        organisation: str = "",
        alias: str = "",
        certificate_path: str = "",
        resume_window_seconds: int = 600,
        expires_at_ms: int = 0,
    ) -> None:
        self.broker_origin = broker_origin
        self.broker_certificate_pem = broker_certificate_pem
        self.session_id = session_id
        self.leg_ticket = leg_ticket
        self.pairing_id = pairing_id
        self.stream_key = stream_key
        self.control_key = control_key
        self.transcript_hash = transcript_hash
        self.ssh_host_keys = ssh_host_keys
        self.root_key = root_key
        self.organisation = organisation
        self.alias = alias
        self.certificate_path = certificate_path
        self.resume_window_seconds = resume_window_seconds
        self.expires_at_ms = expires_at_ms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PairedSession) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # it changes (a new ticket), so it is no key of anything

    def __repr__(self) -> str:
        return f"PairedSession(alias={self.alias!r}, session_id={self.session_id.hex()})"

    def save(self, path: "Path | str") -> None:
        """As a whole file that nobody else can read. Raises OSError."""
        fields = {"format": FORMAT, **{name: getattr(self, name) for name in self.FIELDS}}
        fields.update({name: getattr(self, name).hex() for name in self.BYTES_FIELDS})
        fields["ssh_host_keys"] = [key.hex() for key in self.ssh_host_keys]
        replace_file(path, json.dumps(fields, indent=1).encode())

    @classmethod
    def load(cls, path: "Path | str") -> "PairedSession":
        """Raises SessionFileUnusable."""
        try:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 (no Path is made on the start-up path)
                fields = json.load(file)
            if fields.pop("format") != FORMAT:
                raise SessionFileUnusable(path=path, problem="it was written by another version")
            for name in cls.BYTES_FIELDS:
                fields[name] = bytes.fromhex(fields[name])
            fields["ssh_host_keys"] = tuple(bytes.fromhex(key) for key in fields["ssh_host_keys"])
            return cls(**fields)
        except OSError as error:
            raise SessionFileUnusable(path=path, problem=system_reason(error)) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SessionFileUnusable(path=path, problem="it is damaged") from None
