"""Says in words what happened: one sentence for each event that is not output."""

from contextlib import suppress

from protocol.errors import IntegrityError
from protocol.events import (
    CUSTOMER,
    ChannelClosed,
    ChannelOpened,
    ChatSaid,
    ClockCompared,
    ConnectionForwarded,
    ConsentAnswered,
    ConsentAsked,
    Event,
    FileOperation,
    GrantChanged,
    InputHidden,
    ManifestRecorded,
    OutputAttested,
    ParticipantJoined,
    ParticipantLeft,
    Redacted,
    SessionClosing,
    SessionPaused,
    SessionResumed,
    SessionStopped,
    SshKeyAdmitted,
    TakenOver,
    decode_manifest,
)
from protocol.ssh_keys import ssh_fingerprint
from wording import Wording


class Narrator:
    """Remembers who is who, so events must be told in order. None for output, input and sizes."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._names: dict[int, str] = {}
        self._first = ""
        """Who asked for the session. Until somebody has come in there is nobody else, whatever their number."""

    def tell(self, event: Event) -> str | None:
        if isinstance(event, ParticipantJoined):
            self._names[event.participant] = event.name
        if isinstance(event, ManifestRecorded):
            with suppress(IntegrityError):  # hostile bytes: told as far as they can be
                self._first = decode_manifest(event.manifest).engineer.name
        return self._tell_access(event) or self._tell_work(event) or self._tell_course(event)

    def _who(self, participant: int) -> str:
        if participant == CUSTOMER:
            return self._wording.say("audit-event-customer")
        known = self._names.get(participant, "" if self._names else self._first)
        return known or self._wording.say("audit-event-engineer", number=str(participant))

    def _tell_access(self, event: Event) -> str | None:
        """Who may do what."""
        say = self._wording.say
        match event:
            case ConsentAsked():
                who, scopes = self._who(event.participant), ", ".join(event.scopes)
                if event.takes_over:
                    leaver = self._who(event.takes_over)
                    return say("audit-event-asked-place", who=who, leaver=leaver, scopes=scopes, reason=event.reason)
                return say("audit-event-asked", who=who, scopes=scopes, minutes=event.minutes, reason=event.reason)
            case ConsentAnswered(answer="allowed"):
                return say("audit-event-allowed", who=self._who(event.participant), scopes=", ".join(event.scopes))
            case ConsentAnswered():
                return say("audit-event-denied", who=self._who(event.participant))
            case GrantChanged():
                scopes = ", ".join(event.scopes) or "–"
                return say("audit-event-grant-changed", who=self._who(event.participant), scopes=scopes)
            case ParticipantJoined():
                return say("audit-event-joined", who=event.name, number=event.staff_number, client=event.client)
            case ParticipantLeft():
                return say("audit-event-left", who=self._who(event.participant))
            case TakenOver():
                return say("audit-event-taken-over", who=self._who(event.participant), leaver=self._who(event.leaver))
        return None

    def _tell_work(self, event: Event) -> str | None:
        """What was done."""
        say = self._wording.say
        match event:
            case ChannelOpened(use="room"):
                return say("audit-event-room", who=self._who(event.participant))
            case ChannelOpened(use="command" | "terminal-command"):
                return say("audit-event-command", who=self._who(event.participant), command=event.command)
            case ChannelOpened(use="sftp"):
                return say("audit-event-sftp", who=self._who(event.participant))
            case ChannelClosed(exit_status=int(status)):
                return say("audit-event-exit", channel=str(event.channel), status=str(status))
            case FileOperation():
                return self._tell_file(event)
            case ConnectionForwarded():
                who, outcome = self._who(event.participant), event.outcome
                return say("audit-event-forwarded", who=who, destination=event.destination, outcome=outcome)
            case InputHidden():
                return say("audit-event-hidden", who=self._who(event.participant), count=event.byte_count)
            case Redacted():
                return say("audit-event-redacted", rule=event.rule, count=event.byte_count)
        return None

    def _tell_file(self, event: FileOperation) -> str:
        path = f"{event.path} → {event.target}" if event.target else event.path
        return self._wording.say(
            "audit-event-file",
            who=self._who(event.participant),
            action=event.action,
            path=path,
            count=event.byte_count,
            outcome=event.outcome,
        )

    def _tell_course(self, event: Event) -> str | None:
        """How the session went."""
        say = self._wording.say
        match event:
            case ManifestRecorded():
                return say("audit-event-manifest")
            case SessionPaused():
                return say("audit-event-paused", by=event.by)
            case SessionResumed():
                return say("audit-event-resumed")
            case ClockCompared():
                milliseconds = event.agent_unix_ms - event.broker_unix_ms
                return say("audit-event-clock", milliseconds=milliseconds)
            case OutputAttested():
                return say("audit-event-attested", who=self._who(event.participant), count=event.output_bytes)
            case ChatSaid():
                text = " ".join(event.text.splitlines())
                return say("audit-event-chat", who=self._who(event.participant), text=text)
            case SshKeyAdmitted():
                fingerprint = ssh_fingerprint(event.ssh_user_key)
                return say("audit-event-ssh-key", who=self._who(event.participant), fingerprint=fingerprint)
            case SessionStopped():
                return say("audit-event-stopped", name=event.name, staff_number=event.staff_number, why=event.why)
            case SessionClosing():
                return say("audit-event-closing", reason=event.reason)
        return None


def clock_text(t_ms: int) -> str:
    """Milliseconds on the session's clock as `mm:ss.t`, or `h:mm:ss.t` from an hour on."""
    seconds, tenths = divmod(t_ms // 100, 10)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{tenths}" if hours else f"{minutes:02}:{seconds:02}.{tenths}"


def parse_clock(text: str) -> int | None:
    """The reverse, in milliseconds: `90`, `1:30`, `0:01:30.5`. None if it is no time."""
    parts = text.strip().split(":")
    if not 1 <= len(parts) <= 3 or any(not part.replace(".", "", 1).isdecimal() for part in parts):
        return None
    if any("." in part for part in parts[:-1]) or not text.isascii() or len(text) > 20:
        return None
    milliseconds = round(float(parts[-1]) * 1000)
    for power, part in enumerate(reversed(parts[:-1]), start=1):
        milliseconds += int(part) * 60**power * 1000
    return milliseconds
