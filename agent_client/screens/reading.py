"""A text that may be longer than the screen: what of it is in sight, and whether it was read to its end."""

from agent_client.screens.keys import Key, KeyKind
from agent_client.screens.rows import Row


class Reading:
    """`rows` gives what is in sight, `press` moves it. `is_complete` once the last row was in sight at this width."""

    def __init__(self) -> None:
        self.is_complete = False
        self._first = 0
        self._width = 0
        self._height = 1

    def press(self, key: Key) -> bool:
        """True if the key was one that moves."""
        page = max(self._height - 1, 1)
        steps: dict[KeyKind, int] = {"up": -1, "down": 1, "page-up": -page, "page-down": page}
        self._first += steps.get(key.kind, 0)
        return key.kind in steps

    def bring_into_sight(self, row: int) -> None:
        self._first = min(max(self._first, row - self._height + 1), row)

    def forget(self) -> None:
        """Nothing is in sight any more, and it is read from the start again."""
        self._first, self.is_complete = 0, False

    def rows(self, text: list[Row], width: int, height: int) -> list[Row]:
        """At most `height` rows of the text. At another width its lines are others, and it is read anew."""
        if width != self._width:
            self.forget()
        self._width, self._height = width, height
        last_first = max(len(text) - height, 0)
        self._first = min(max(self._first, 0), last_first)
        self.is_complete = self.is_complete or self._first == last_first
        return text[self._first : self._first + height]
