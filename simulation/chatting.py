"""Who was told which line of chat: one order for everybody, each line once, none that is not in the recording."""

from collections import defaultdict
from dataclasses import dataclass

from simulation.observer import Observer

WORDS = ("the till", "printed", "nothing", "收据", "没有", "打印", "since Monday", "two lines\nof it")


@dataclass(frozen=True)
class SaidLine:
    """`participant` 0 is the customer."""

    participant: int
    text: str


class ChatWatch:
    """By session and number of the line."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self._told: defaultdict[bytes, dict[int, SaidLine]] = defaultdict(dict)

    def reader(self, session_id: bytes, who: str) -> "ChatReader":
        """Somebody who has seen nothing yet and follows from the first line on."""
        return ChatReader(self, session_id, who)

    def was_told(self, session_id: bytes, number: int, line: SaidLine) -> bool:
        """Whether anybody was told this line under this number."""
        return self._told[session_id].get(number) == line

    def told(self, session_id: bytes, number: int, line: SaidLine) -> None:
        name = session_id.hex()[:8]
        before = self._told[session_id].setdefault(number, line)
        if before != line:
            self.observer.fail(f"{name}: line {number} of the chat is not the same for everybody")
        recording = self.observer.recording(session_id)
        if recording.strict:
            self.observer.read_medium(recording)
            self.observer.read_events(recording)
            if len(recording.durable_chat) < number:
                self.observer.fail(f"{name}: strict: line {number} of the chat was told and is not durable")

    def check(self, session_id: bytes, *, is_whole: bool) -> None:
        """At the end: what was told is what is recorded. A recording that is not whole may lack the last lines."""
        recording = self.observer.recording(session_id)
        self.observer.read_medium(recording)
        self.observer.read_events(recording)
        for number, line in self._told[session_id].items():
            if number > len(recording.durable_chat):
                if is_whole:
                    self.observer.fail(f"{session_id.hex()[:8]}: line {number} of the chat was told and never recorded")
            elif recording.durable_chat[number - 1] != (line.participant, line.text):
                self.observer.fail(f"{session_id.hex()[:8]}: line {number} of the chat is not the one that was told")


class ChatReader:
    """One program that follows. Each line has to come once, in its order, and none may be left out."""

    def __init__(self, watch: ChatWatch, session_id: bytes, who: str) -> None:
        self._watch = watch
        self._session_id = session_id
        self._who = who
        self._newest = 0

    def told(self, number: int, line: SaidLine) -> None:
        if number != self._newest + 1:
            self._watch.observer.fail(f"{self._who} was told line {number} of the chat after line {self._newest}")
        self._newest = number
        self._watch.told(self._session_id, number, line)
