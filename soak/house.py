"""One organisation on this machine: its broker behind a wire, both struck and mended."""

import threading
from pathlib import Path

from soak.clients import Clients
from soak.dice import Strike
from soak.tally import Tally
from tests.helpers.deployment import Broker
from tests.helpers.network import Wire
from tests.helpers.waiting import wait_until

RESUME_WINDOW_SECONDS = 120
"""Of the profile. Outlasts every outage here, and short enough that killed agents' sessions end while the soak runs."""

GENEROUS = {
    "CONSENTRY_MAX_SESSIONS_PER_ENGINEER": "10000",
    "CONSENTRY_OPENINGS_PER_MINUTE_PER_ADDRESS": "10000",
    "CONSENTRY_OPENINGS_PER_MINUTE": "10000",
    "CONSENTRY_CLAIMS_PER_MINUTE": "10000",
    "CONSENTRY_CLAIMS_PER_MINUTE_PER_ENGINEER": "10000",
}
"""Limits against abuse: a soak does in a minute what an organisation does in a day. Killed pairings count as abuse."""

USER = "sam"


class House:
    """Keeps the broker running: whenever it died, it is started again after an outage."""

    def __init__(self, folder: Path, tally: Tally) -> None:
        self.folder = folder
        self.tally = tally
        self.clients = Clients(tally)
        self.stopping = threading.Event()
        self.broker = Broker(folder / "organisation", behind_wire=True)
        self.broker.environment = GENEROUS
        self.broker.add_user(USER, name="Sam Example", staff_number="S-17")
        self.broker.change_profile("--resume-window", str(RESUME_WINDOW_SECONDS), "--max-minutes", "480")
        self.broker.start()
        self.wire = Wire(self.broker.port, self.broker.listen_port)
        self._outage_seconds = 0.0
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep_broker, name="keep broker", daemon=True)
        self._keeper.start()

    def kill_broker(self, strike: Strike) -> int:
        """Returns the process id of the one that died."""
        wait_until(lambda: self.broker.status is None, "there is a broker to kill")
        self._outage_seconds = strike.outage_seconds
        pid = self.broker.pid
        self.broker.kill()
        return pid

    def strike_wire(self, strike: Strike) -> None:
        """Half of the time one connection breaks, else all of them, and none can be made for a while."""
        if strike.number % 2:
            self.wire.snap(lambda count: int(strike.pick * count))
            return
        self.wire.cut()
        threading.Event().wait(strike.outage_seconds)
        self.wire.mend()

    def settle(self) -> None:
        """From here on the broker is left alone; returns when it runs."""
        self._closing.set()
        self._keeper.join()
        if self.broker.status is not None:
            self.broker.launch()
        wait_until(self.broker.answers, "the broker listens")

    def close(self) -> None:
        self.settle()
        self.broker.stop()
        self.wire.close()

    def _keep_broker(self) -> None:
        while not self._closing.wait(0.02):
            status = self.broker.status
            if status is None:
                continue
            if status != -9:
                self.tally.violated(f"the broker ended by itself, with status {status}")
            if not self._closing.wait(self._outage_seconds):
                self.broker.launch()
