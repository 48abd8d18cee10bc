"""A running session on a reader's terminal: the shared screen as it stands, drawn anew whenever records come."""

from collections.abc import Callable, Iterator

from audit.vault.emulator import show_event
from audit.vault.following import RecordingFollower
from audit.vault.narrator import Narrator, clock_text
from audit.vault.painting import paint
from audit.vault.replay import Console, Moment
from protocol.events import Event
from wording import Wording

POLL_SECONDS = 0.5
"""How often the file is looked at: with a second between records, nobody waits longer than two."""


def watch(
    follower: RecordingFollower,
    moment: Moment,
    console: Console,
    wording: Wording,
    *,
    first: int,
    channel: int,
    colours: bool,
) -> None:
    """Returns when the reader quits. `moment` is how things stood before record `first`."""
    narrator, told, t_ms = Narrator(wording), "", 0

    def hear(event: Event) -> None:
        nonlocal told, t_ms
        told, t_ms = narrator.tell(event) or told, max(t_ms, event.t_ms)

    for event in moment.heard:
        hear(event)
    while True:
        for record in follower.advance(first=first):
            for event in record.events:
                hear(event)
                show_event(moment.emulator, event, channel)
        over = follower.inspection.finished or follower.inspection.fault is not None
        state = wording.say("audit-tail-over" if over else "audit-tail-live")
        status = f" {'■' if over else '●'} {state}  {clock_text(t_ms)}  {wording.say('audit-tail-keys')}  {told}"
        columns, rows = console.size()
        console.write(paint(moment.emulator, columns, rows, status, colours=colours))
        if console.wait(None if over else POLL_SECONDS) in ("q", "ctrl-c", "eof"):
            return


def follow_events(follower: RecordingFollower, wait: Callable[[float], object]) -> Iterator[Event]:
    """All events, those that are there and those that come, until the recording ends or turns out broken."""
    while True:
        for record in follower.advance():
            yield from record.events
        if follower.inspection.finished or follower.inspection.fault is not None:
            return
        wait(POLL_SECONDS)
