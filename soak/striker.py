"""Throws the dice and kills, one strike after the other, and looks into the books on the way."""

import time
from collections.abc import Callable, Sequence

from soak.dice import Strike, strikes
from soak.house import House
from soak.post import Post

WAIT_FOR_A_VICTIM_SECONDS = 5.0
"""Everybody may be dead at this instant, and about to come back."""


class Striker:
    def __init__(self, house: House, posts: Sequence[Post], seed: int) -> None:
        self._house = house
        self._posts = posts
        self._strikes = strikes(seed)

    def strike_until(self, seconds: float, kills: int, show: Callable[[], None]) -> None:
        """Ends when the time is over or so many were killed."""
        deadline = time.monotonic() + seconds
        tally = self._house.tally
        while time.monotonic() < deadline and tally.kills < kills:
            strike = next(self._strikes)
            self._pause(min(strike.after_seconds, max(0.0, deadline - time.monotonic())))
            self._strike(strike)
            for post in self._posts:
                post.check_books()
            show()

    def _pause(self, seconds: float) -> None:
        self._house.stopping.wait(seconds)

    def _strike(self, strike: Strike) -> None:
        looked_until = time.monotonic() + WAIT_FOR_A_VICTIM_SECONDS
        while (hit := self._hit(strike)) is None and time.monotonic() < looked_until:
            self._pause(0.02)
        self._house.tally.note("strike", number=strike.number, victim=strike.victim, hit=hit)
        if hit is not None:
            self._house.tally.add("wire cuts" if strike.victim == "wire" else f"kill {strike.victim}")

    def _hit(self, strike: Strike) -> str | None:
        """What was hit; None if there was nothing."""
        match strike.victim:
            case "broker":
                return str(self._house.kill_broker(strike))
            case "wire":
                self._house.strike_wire(strike)
                return "wire"
            case "agent":
                start = int(strike.pick * len(self._posts))
                for post in (*self._posts[start:], *self._posts[:start]):
                    if (pid := post.kill_agent()) is not None:
                        return f"post {post.number}, {pid}"
                return None
            case _:
                clients = self._house.clients.alive()
                start = int(strike.pick * len(clients))
                for client in (*clients[start:], *clients[:start]):
                    # The same number again for which of its processes: its digits behind the point are still unused.
                    if (pid := client.strike(strike.victim, strike.pick * 997 % 1)) is not None:
                        return f"{client.name}, {pid}"
                return None
