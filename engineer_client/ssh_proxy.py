"""`consentry ssh-proxy`: carries one SSH connection of stock `ssh` through the relay. OpenSSH's ProxyCommand runs it.

Most of the time that `ssh` takes to connect is the time that this takes to start, so: three threads instead of an event
loop, the standard library alone, and nothing imported that is not needed on the way.

    main thread    leg → stream → standard output; dials again when the leg breaks
    stdin          standard input → stream → leg; waits while the stream is full
    housekeeper    what nobody else sends: acknowledgements, signs of life, what is sent again after a resume

The lock guards the stream machine and is never held while something blocks. The main thread never sends, so that a full
uplink cannot stop it from reading; frames leave in the order in which the machine gave them out, under a second lock.

`ssh` ends its ProxyCommand by closing its standard input, and sends SIGHUP at the same moment, which is ignored here:
the stream's end is still to be told to the customer's side.
"""

import math
import os
import signal
import sys
import threading
import time

from engineer_client.ssh_pipe import write_pieces
from protocol.errors import ConsentryError, RefusedError, UnavailableError
from protocol.legs import ENGINEER_LEG_PATH, FINAL_CLOSE_CODES, LegRefused
from protocol.stream import BytesReceived, LegFailed, ResumableStream, StreamClosed
from protocol.stream_frames import CloseCode, StreamKind
from tunnel.backoff import LONGEST_WHILE_WAITED_FOR_SECONDS, Backoff
from tunnel.blocking_leg import BlockingLeg, LegLost, dial_blocking_leg
from tunnel.paired_session import PairedSession
from tunnel.pinned_tls import broker_tls

STDIN_READ_BYTES = 64 * 1024
"""A block of 128 KiB and more is asked of the kernel anew each time (mallopt(3)): with reads of 256 KiB a put cost this
process half as much again."""

FLOW_BYTES = 64 * 1024
"""So much output since the last input, and the input is no person's answer to it, but `ssh` widening its window."""

SMALL_INPUT_BYTES = 1024

FLOW_PAUSE_SECONDS = 0.002
"""What `ssh` says in the middle of a flow of output is gathered for so long: at 500 MiB/s half of its window of 2 MiB.
It widens it every 96 KiB, and each time would cost the relay as much as a frame of data."""

GOODBYE_SECONDS = 2.0
"""After `ssh` has gone, how long we try to tell the other end. It finds out by itself later."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class SessionIsOver(RefusedError):
    """The customer or the organisation ended it, or this engineer's access was revoked."""

    sentence = "The session has ended. To go on, ask the customer for a new code: consentry connect"


class SessionUnreachable(UnavailableError):
    """The customer's side did not answer within the window."""

    sentence = "The customer's computer could not be reached in time. The session may still be open; try again."


class SessionBroken(RefusedError):
    """The other end does not speak as agreed."""

    sentence = "The connection to the customer's computer does not fit together and was closed. Try again."


_ERRORS: "dict[CloseCode, type[ConsentryError]]" = {
    CloseCode.OVER: SessionIsOver,
    CloseCode.REFUSED: SessionIsOver,
    CloseCode.GONE: SessionIsOver,
    CloseCode.LOST: SessionUnreachable,
    CloseCode.PROTOCOL: SessionBroken,
}


class SshProxy:
    """One stream between two file descriptors and the customer's agent.

    `stream_id` is 16 random bytes that were never used before; drawn here unless the caller has to know it beforehand.
    """

    def __init__(
        self, session: PairedSession, input_fd: int, output_fd: int, *, stream_id: bytes | None = None
    ) -> None:
        self._session = session
        self._input_fd = input_fd
        self._output_fd = output_fd
        self._stream = ResumableStream.open(
            session.stream_key,
            StreamKind.SSH,
            session.pairing_id,
            os.urandom(16) if stream_id is None else stream_id,
            _now_ms(),
            resume_window_ms=session.resume_window_seconds * 1000,
        )
        self._changed = threading.Condition(threading.Lock())
        """Guards the stream and `_leg`; notified when there is something to send, room to write, or an end."""
        self._send_lock = threading.Lock()
        self._leg: BlockingLeg | None = None
        self._ended: CloseCode | None = None
        self._leaves_at_ms: int | None = None
        self._input_waits = False
        self._keeps_house_at_ms = 0.0
        self._output_bytes = 0

    def run(self) -> CloseCode:
        """Carries bytes until either side ends it; the reason."""
        threading.Thread(target=self._pump_input, daemon=True, name="stdin").start()
        threading.Thread(target=self._keep_house, daemon=True, name="housekeeper").start()
        tls = broker_tls(self._session.broker_certificate_pem)
        backoff = Backoff(longest_seconds=LONGEST_WHILE_WAITED_FOR_SECONDS)
        while self._ended is None:
            leg = None
            try:
                leg = dial_blocking_leg(self._session.broker_origin, tls, ENGINEER_LEG_PATH, self._session.leg_ticket)
                self._use_leg(leg, backoff)
            except LegLost as lost:
                self._leg_lost(lost.code)
            except LegRefused as refusal:
                if refusal.is_final:
                    self._end(CloseCode.OVER)
            except ConsentryError:
                pass  # the broker is out of reach: what the window is for
            finally:
                if leg is not None:
                    leg.close()
            self._wait(backoff.next_seconds())
        # Once `ssh` has gone of its own accord, how the stream went afterwards is of no interest to anybody.
        return self._ended if self._leaves_at_ms is None else CloseCode.DONE

    # ── main thread ─────────────────────────────────────────────────────────────────────────────────────────────

    def _use_leg(self, leg: BlockingLeg, backoff: Backoff) -> None:
        with self._changed:
            self._stream.leg_opened(_now_ms())
            self._leg = leg
        self._send_what_is_due()
        while self._ended is None:
            for piece in leg.receive():
                backoff.reset()
                with self._changed:
                    self._stream.receive_data(piece, _now_ms())
                    output = self._take_events()
                    if output:
                        self._stream.pause_reading()
                    self._wake_others()
                if output:
                    self._write_output(output)
                    with self._changed:
                        self._stream.resume_reading(_now_ms())
        if self._ended is CloseCode.DONE or self._ended is CloseCode.PROTOCOL:
            self._send_what_is_due()
            leg.say_goodbye()

    def _wake_others(self) -> None:
        """Under the lock: wakes the other threads if what arrived concerns them.

        Mostly it does not, and waking a thread for nothing is a good part of what the echo of a key costs here.
        """
        due_ms = self._stream.deadline_ms
        is_due_earlier = due_ms is not None and due_ms < self._keeps_house_at_ms
        if self._ended is not None or self._input_waits or is_due_earlier or self._stream.has_data_to_send:
            self._changed.notify_all()

    def _take_events(self) -> list[memoryview]:
        """Under the lock: acts on the stream's events and returns what goes to the output."""
        output = []
        for event in self._stream.events_received():
            if isinstance(event, BytesReceived):
                output.append(event.data)
            elif isinstance(event, StreamClosed):
                self._ended = event.code
                self._changed.notify_all()
            elif isinstance(event, LegFailed) and self._leg is not None:
                self._leg.close()
                self._leg = None
        return output

    def _write_output(self, pieces: list[memoryview]) -> None:
        try:
            write_pieces(self._output_fd, pieces)
        except OSError:  # `ssh` has gone: its standard input tells the same
            self._input_ended()
        self._output_bytes += sum(map(len, pieces))

    def _leg_lost(self, code: int | None) -> None:
        with self._changed:
            self._leg = None
            if code in FINAL_CLOSE_CODES:
                self._stream.close(CloseCode.OVER)
            else:
                self._stream.leg_lost(_now_ms())
            self._take_events()
            self._changed.notify_all()

    def _end(self, code: CloseCode) -> None:
        with self._changed:
            self._stream.close(code)
            self._take_events()

    def _wait(self, seconds: float) -> None:
        """Before the next try; less if there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended is not None, seconds)

    # ── stdin ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _pump_input(self) -> None:
        seen_bytes = 0
        while True:
            with self._changed:
                self._input_waits = True
                self._changed.wait_for(lambda: self._stream.can_send or self._stream.is_closing)
                self._input_waits = False
                if self._stream.is_closing:
                    return
            try:
                data = os.read(self._input_fd, STDIN_READ_BYTES)
            except OSError:
                data = b""
            if not data:
                self._input_ended()
                return
            with self._changed:
                self._stream.send(data)
            self._send_what_is_due()
            flowed_bytes, seen_bytes = self._output_bytes - seen_bytes, self._output_bytes
            if flowed_bytes >= FLOW_BYTES and len(data) <= SMALL_INPUT_BYTES:
                time.sleep(FLOW_PAUSE_SECONDS)

    def _input_ended(self) -> None:
        with self._changed:
            if self._leaves_at_ms is None:
                self._leaves_at_ms = _now_ms() + int(GOODBYE_SECONDS * 1000)
            self._stream.close()
            self._take_events()
            self._changed.notify_all()

    # ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _send_what_is_due(self) -> None:
        """Blocks while the uplink is full. A leg that fails here also fails where it is read from."""
        with self._send_lock:
            while True:
                with self._changed:
                    leg = self._leg
                    pieces = self._stream.data_to_send() if leg is not None else []
                if leg is None or not pieces:
                    return
                try:
                    leg.send(pieces)
                except LegLost:
                    with self._changed:
                        if self._leg is leg:
                            self._leg = None
                    return

    def _keep_house(self) -> None:
        while self._ended is None:
            with self._changed:
                while not self._has_to_send():
                    now_ms = _now_ms()
                    self._stream.handle_time(now_ms)
                    self._take_events()
                    if self._leaves_at_ms is not None and now_ms >= self._leaves_at_ms:
                        self._leave()
                    if self._ended is not None:
                        return
                    if not self._has_to_send():
                        seconds = self._seconds_until_due(now_ms)
                        self._keeps_house_at_ms = math.inf if seconds is None else now_ms + seconds * 1000
                        self._changed.wait(seconds)
                        self._keeps_house_at_ms = 0.0
            self._send_what_is_due()

    def _has_to_send(self) -> bool:
        return self._leg is not None and self._stream.has_data_to_send

    def _seconds_until_due(self, now_ms: int) -> float | None:
        dues = [due for due in (self._stream.deadline_ms, self._leaves_at_ms) if due is not None]
        return max(0.001, (min(dues) - now_ms) / 1000) if dues else None

    def _leave(self) -> None:
        """The other end could not be told in time. Whatever blocks the main thread must not keep the process."""
        self._ended = CloseCode.DONE
        self._changed.notify_all()
        if self._leg is not None:
            self._leg.close()
        else:
            os._exit(0)  # dialling; there is nothing to clean up, and nobody to wait for it


def main(argv: "Sequence[str]") -> int:
    """`ssh-proxy SESSION [STREAM-ID]`: an alias, or the path of a session's file. Returns the exit status.

    Whoever is going to vouch for the output chooses the stream's id (hexadecimal), because the attestation names it.
    """
    try:
        session, stream_id = argv if len(argv) == 2 else (*argv, "")
        chosen = bytes.fromhex(stream_id) or None
    except ValueError:
        _say(ProxyUsage())
        return 2
    return carry(_session_file(session), stream_id=chosen)


def carry(session_file: str, *, stream_id: bytes | None = None) -> int:
    """Carries one connection between standard input and output and the customer's machine. Returns the exit status."""
    # `ssh` answers for us: when it goes, our standard input ends. Ctrl-C is meant for it, not for its connection.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if not os.isatty(0):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = SshProxy(PairedSession.load(session_file), 0, 1, stream_id=stream_id).run()
        if code is CloseCode.DONE:
            return 0
        raise _ERRORS[code]
    except ConsentryError as error:
        _say(error)
        return 1


class ProxyUsage(RefusedError):
    """Called by hand."""

    sentence = "Usage: consentry ssh-proxy ALIAS (ssh runs this itself; you want: ssh ALIAS)"


def _session_file(name: str) -> str:
    if os.sep in name:
        return name
    from engineer_client.state import open_state

    return str(open_state(os.environ).sessions / name / "session.json")


def _say(error: ConsentryError) -> None:
    """One sentence, in the user's language, on a terminal that `ssh` may have left in raw mode."""
    from wording import Wording, detect_language

    sentence = Wording(detect_language(os.environ)).say_error(error)
    sys.stderr.write(f"{sentence}\r\n" if sys.stderr.isatty() else f"{sentence}\n")


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
