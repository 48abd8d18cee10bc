"""A customer behind a link of their own: a network namespace, and a pair of virtual cards to it that can be spoilt.

`tc netem` where the kernel has it: delay, and packets that are lost at random. Where it has not, a queue that is too
short for what is sent (`tbf`, which every kernel with traffic control has): packets are lost in bursts, as on a full
line, and there is no delay but the queue's own. A link that is set down loses everything and tells nobody.
"""

import os
import subprocess
from types import TracebackType
from typing import Literal, Self

NETEM = ("netem", "delay", "40ms", "10ms", "loss", "2%")
SHORT_QUEUE = ("tbf", "rate", "20mbit", "burst", "16kb", "limit", "24kb")


class NamespacesMissing(Exception):
    """The text says what is missing."""


class Link:
    """Made and removed by the block. Needs the right to administer the network (root)."""

    def __init__(self) -> None:
        number = os.getpid() % 250
        self.namespace = f"consentry-{os.getpid()}"
        self._near, self._far = f"csn{os.getpid()}", f"csf{os.getpid()}"
        self.near_address = f"10.213.{number}.1"
        self._far_address = f"10.213.{number}.2"

    def __enter__(self) -> Self:
        try:
            self._ip("netns", "add", self.namespace)
            self._ip("link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", self.namespace)
            self._ip("address", "add", f"{self.near_address}/24", "dev", self._near)
            self._ip("-n", self.namespace, "address", "add", f"{self._far_address}/24", "dev", self._far)
            for words in (("link", "set", self._near, "up"), ("-n", self.namespace, "link", "set", self._far, "up")):
                self._ip(*words)
            self._ip("-n", self.namespace, "link", "set", "lo", "up")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for words in (("link", "delete", self._near), ("netns", "delete", self.namespace)):
            subprocess.run(["ip", *words], check=False, capture_output=True)

    @property
    def inside(self) -> tuple[str, ...]:
        """What a command begins with that is to run behind the link."""
        return ("ip", "netns", "exec", self.namespace)

    def spoil(self) -> Literal["netem", "short queue"]:
        """In both directions; how it was done."""
        ends = ((), self._near), (self.inside, self._far)
        if all(self._shape(before, device, NETEM) for before, device in ends):
            return "netem"
        for before, device in ends:
            if not self._shape(before, device, SHORT_QUEUE):
                raise NamespacesMissing("This kernel can neither delay packets nor limit a rate (tc netem, tc tbf).")
        return "short queue"

    def mend(self) -> None:
        for before, device in (((), self._near), (self.inside, self._far)):
            subprocess.run([*before, "tc", "qdisc", "delete", "dev", device, "root"], check=False, capture_output=True)

    def lost_packets(self) -> int:
        """Dropped by the spoilt ends since they were spoilt."""
        said = [
            subprocess.run(
                [*before, "tc", "-s", "qdisc", "show", "dev", device], capture_output=True, text=True, check=True
            )
            for before, device in (((), self._near), (self.inside, self._far))
        ]
        return sum(int(one.stdout.partition("(dropped ")[2].partition(",")[0] or 0) for one in said)

    def cut(self) -> None:
        """Nothing passes, and neither end hears of it: the customer's own card stays up."""
        self._ip("link", "set", self._near, "down")

    def join(self) -> None:
        self._ip("link", "set", self._near, "up")

    @staticmethod
    def _shape(before: tuple[str, ...], device: str, how: tuple[str, ...]) -> bool:
        words = [*before, "tc", "qdisc", "replace", "dev", device, "root", *how]
        return subprocess.run(words, check=False, capture_output=True).returncode == 0

    @staticmethod
    def _ip(*words: str) -> None:
        try:
            done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
        except FileNotFoundError:
            raise NamespacesMissing("`ip` is missing; get it with: sudo apt-get install iproute2") from None
        if done.returncode:
            raise NamespacesMissing(f"ip {' '.join(words)}: {done.stderr.strip()} (this needs root)")
