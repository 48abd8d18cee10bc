"""What the recording is told about people: who came and left, what was asked and answered, how grants changed."""

from agent_client.consent import Wish
from agent_client.faces.face import ConsentAnswer
from agent_client.live import LiveSession
from agent_client.participant import Participant
from protocol import events
from protocol.messages.agent import StopRequested
from protocol.messages.control import AttestOutput


def record_arrival(live: LiveSession, participant: Participant) -> None:
    live.recording.record(
        events.ParticipantJoined(
            t_ms=live.recording.elapsed_ms(),
            participant=participant.participant,
            name=participant.name,
            staff_number=participant.certificate.staff_number,
            certificate=participant.certificate.der,
            client=participant.request.client,
        )
    )


def record_question(live: LiveSession, wish: Wish) -> None:
    """What stands on the customer's screen. What somebody who is in asks for is recorded when it is put there; a first
    request, which may come before there is a recording, with its answer."""
    live.recording.record(
        events.ConsentAsked(
            t_ms=live.recording.elapsed_ms(),
            participant=wish.participant.participant,
            scopes=tuple(sorted(wish.ask.scopes)),
            minutes=wish.ask.minutes,
            reason=wish.reason,
            ticket=wish.participant.request.ticket,
            takes_over=wish.leaver.participant if wish.leaver else 0,
        )
    )


def record_answer(live: LiveSession, wish: Wish, answer: ConsentAnswer | None) -> None:
    """What became of a question; None: nobody answered while it stood."""
    allowed = answer is not None and answer.allowed
    participant = wish.participant
    if not wish.ask.is_raise:
        record_question(live, wish)
    live.recording.record(
        events.ConsentAnswered(
            t_ms=live.recording.elapsed_ms(),
            participant=participant.participant,
            answer="timeout" if answer is None else "allowed" if allowed else "denied",
            scopes=tuple(sorted(participant.scopes)),
            expires_at_ms=participant.expires_at_ms,
        )
    )


def record_grant(live: LiveSession, participant: Participant, by: events.GrantChanger) -> None:
    live.recording.record(
        events.GrantChanged(
            t_ms=live.recording.elapsed_ms(),
            participant=participant.participant,
            scopes=tuple(sorted(participant.scopes)),
            expires_at_ms=participant.expires_at_ms,
            by=by,
        )
    )


def record_take_over(live: LiveSession, taker: Participant, leaver: Participant) -> None:
    live.recording.record(
        events.TakenOver(t_ms=live.recording.elapsed_ms(), participant=taker.participant, leaver=leaver.participant)
    )


def record_departure(live: LiveSession, participant: Participant) -> None:
    live.recording.record(events.ParticipantLeft(t_ms=live.recording.elapsed_ms(), participant=participant.participant))


def record_ssh_key(live: LiveSession, participant: Participant, ssh_user_key: bytes) -> None:
    live.recording.record(
        events.SshKeyAdmitted(
            t_ms=live.recording.elapsed_ms(), participant=participant.participant, ssh_user_key=ssh_user_key
        )
    )


def record_stop(live: LiveSession, stop: StopRequested) -> None:
    live.recording.record(
        events.SessionStopped(
            t_ms=live.recording.elapsed_ms(), name=stop.name, staff_number=stop.staff_number, why=stop.why
        )
    )


def record_attestation(
    live: LiveSession, participant: Participant, attestation: AttestOutput, *, matches: bool
) -> None:
    live.recording.record(
        events.OutputAttested(
            t_ms=live.recording.elapsed_ms(),
            participant=participant.participant,
            stream_id=attestation.stream_id,
            output_bytes=attestation.output_bytes,
            output_sha256=attestation.output_sha256,
            signature=attestation.signature,
            matches=matches,
        )
    )


def record_clocks(live: LiveSession, *, now_ms: int, clock_offset_ms: int) -> None:
    """`now_ms` is Unix time on this machine's clock, which is `clock_offset_ms` ahead of the broker's."""
    live.recording.record(
        events.ClockCompared(
            t_ms=live.recording.elapsed_ms(), agent_unix_ms=now_ms, broker_unix_ms=now_ms - clock_offset_ms
        )
    )
