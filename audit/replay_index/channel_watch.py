"""One terminal of a session, watched: its emulator, the lines that it showed, the commands that were typed in it."""

from audit.replay_index.commands import TypedCommands
from audit.replay_index.entries import Entry, Kind, Source, bounded_text
from audit.replay_index.index_files import Watch
from audit.replay_index.lines import ShownLines
from audit.replay_index.snapshots import TerminalState, restore, take
from audit.vault.emulator import Emulator, show_event, terminal_bytes
from audit.vault.screen import Screen
from protocol.events import ChannelOpened, CommandOutput, TerminalOutput, TerminalResized


class ChannelWatch:
    """Fed with what the channel showed and took, in order."""

    def __init__(self, channel: int, terminal: TerminalState | None = None, watch: Watch | None = None) -> None:
        self.channel = channel
        self._lines = ShownLines(watch.lines if watch else None)
        self._commands = TypedCommands(watch.commands if watch else None)
        if terminal is not None:
            restore(terminal, self._lines.emulator)

    @property
    def emulator(self) -> Emulator:
        return self._lines.emulator

    @property
    def state(self) -> Watch:
        return Watch(self.channel, self._lines.state, self._commands.state)

    def take_terminal(self) -> TerminalState:
        return take(self.emulator)

    def time_passes(self, t_ms: int) -> None:
        self._lines.settle_before(t_ms)

    def feed(self, event: TerminalOutput | CommandOutput) -> None:
        data = terminal_bytes(event)
        if isinstance(event, CommandOutput):
            self._lines.feed(event.t_ms, data)
            return
        self._commands.feed(event.t_ms, data, lambda piece: self._lines.feed(event.t_ms, piece), self._main_screen)

    def typing(self) -> None:
        if not self.emulator.is_full_screen:
            self._commands.typing(self.emulator.main)

    def fit(self, event: TerminalResized | ChannelOpened) -> None:
        show_event(self.emulator, event, self.channel)
        self._lines.changed()

    def finish(self) -> None:
        self._lines.finish()

    def take(self) -> list[Entry]:
        """What was found since the last time."""
        if not self._lines.ready and not self._commands.ready:
            return []
        found = [
            Entry(t_ms, Kind.COMMAND, bounded_text(text), source, self.channel)
            for t_ms, text, source in self._commands.ready
        ]
        found += [
            Entry(t_ms, Kind.OUTPUT, bounded_text(text), Source.SHOWN, self.channel) for t_ms, text in self._lines.ready
        ]
        self._lines.ready.clear()
        self._commands.ready.clear()
        return found

    def _main_screen(self) -> Screen | None:
        return None if self.emulator.is_full_screen else self.emulator.main
