"""One customer's machine and one engineer, life after life: an agent starts, is paired, works, and dies or ends."""

import contextlib
import json
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

import psutil

from soak.books import Books, Recording
from soak.house import USER, House
from soak.load import Life, Load, command, copy, shell
from tests.helpers.deployment import ALL_SCOPES, CONSENTRY, REASON, Customer, Engineer
from tests.helpers.waiting import wait_until

LIFE_SECONDS = (25.0, 90.0)
"""After so long a session that nobody killed is ended as people end one."""

PATIENCE_SECONDS = 90.0
ASKS_AFTER_SECONDS = 3.0
END_WITHIN_SECONDS = 60.0
DEATH_WITHIN_SECONDS = 30.0
"""What a killed agent had started is gone by then. The warden needs a fraction of it; two busy cores the rest."""


class Post:
    """`run` is a thread's target. The striker reads `customer` and calls `kill_agent`."""

    def __init__(self, house: House, books: Books, number: int, dice: random.Random) -> None:
        self._house = house
        self._tally = house.tally
        self._folder = house.folder / f"post-{number}"
        self._dice = dice
        self._engineer = Engineer(house.broker, self._folder / "engineer", USER)
        self._books = books
        self._paired = 0
        self._life: Life | None = None
        self._lock = threading.Lock()
        self.number = number
        self.customer: Customer | None = None
        self.recording: Recording | None = None
        self._undelivered: list[Recording] = []

    # ── called by the striker ───────────────────────────────────────────────────────────────────────────────────

    def kill_agent(self) -> int | None:
        """SIGKILL for the agent, whatever it is doing; its process id, None if there is none."""
        with self._lock:
            customer, life = self.customer, self._life
            if customer is None or customer.process.poll() is not None:
                return None
            started = _below(customer.process.pid)
            if life is not None:
                life.agent_struck.set()  # before: whoever sees the death must find its reason
            customer.process.kill()
            customer.process.wait()
        _, left = psutil.wait_procs(started, DEATH_WITHIN_SECONDS)
        for process in left:
            with contextlib.suppress(psutil.Error):
                self._tally.violated(f"outlived its agent: {process.pid} {process.cmdline()}")
        return customer.process.pid

    def check_books(self) -> None:
        recording = self.recording
        if recording is not None:
            self._books.check_acked(recording)

    # ── the post's own thread ───────────────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        while not self._house.stopping.is_set():
            self._live_once()

    def settle(self) -> None:
        """At the end: whatever a dead agent left is delivered by one that nobody kills.

        The folder is asked, not the books: an agent that died while somebody was being let in leaves the spool of a
        session that no engineer ever heard of.
        """
        for _ in range(3):
            self._close_delivered()
            if not self._undelivered and not self._spools():
                return
            customer = self._start_agent()
            with contextlib.suppress(AssertionError):
                wait_until(lambda: not self._spools(), "spools are delivered")
            customer.stop()
        for recording in self._undelivered:
            self._tally.violated(f"the spool of {recording.session_id} was never delivered")

    def _live_once(self) -> None:
        customer = self._start_agent()
        life = self._pair(customer)
        if life is not None:
            self._work(life, customer)
            if not life.agent_struck.is_set():
                self._end(life)
        self._see_off(customer)

    def _start_agent(self) -> Customer:
        customer = Customer(self._house.broker, self._folder / "customer")
        with self._lock:
            self.customer = customer
        self._tally.add("agents started")
        return customer

    def _pair(self, customer: Customer) -> Life | None:
        """Tries code after code until somebody is in, or the agent is dead."""
        used: set[str] = set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        looked_since = time.monotonic()
        while customer.process.poll() is None and not self._house.stopping.wait(0.05):
            code = _open_code(customer)
            if code is not None and code not in used:
                used.add(code)
                if (alias := self._connect(code)) is not None:
                    return self._begin(alias, customer)
                looked_since = time.monotonic()
            elif time.monotonic() > looked_since + ASKS_AFTER_SECONDS:
                # Somebody proved the code and died over it. A customer who waits in vain asks for another.
                customer.say("new-code")
                looked_since = time.monotonic()
            if time.monotonic() > deadline:
                self._tally.violated(f"post {self.number}: nobody could be paired within {PATIENCE_SECONDS:.0f} s")
                customer.kill()
        return None

    def _connect(self, code: str) -> str | None:
        self._paired += 1
        alias = f"post-{self.number}-{self._paired}"
        customer = self.customer
        assert customer is not None
        with self._house.clients.running(
            "connect", self._engineer,
            *CONSENTRY, "connect", code, "--reason", REASON, "--ticket", "1", "--alias", alias, "--minutes", "240",
            "--no-shell", "--no-ssh-config", *(word for scope in ALL_SCOPES for word in ("--scope", scope)),
            gives_up=lambda: customer.process.poll() is not None, stdout=subprocess.DEVNULL,
        ) as client:  # fmt: skip
            deadline = time.monotonic() + PATIENCE_SECONDS
            while client.process.poll() is None and customer.process.poll() is None:
                if time.monotonic() > deadline:
                    self._tally.violated(f"{alias}: connect neither succeeds nor fails")
                    break
                time.sleep(0.05)
            client.kill()  # if its agent has died
            status, said = client.process.wait(), client.last_words()
        if status != 0:
            self._tally.add("pairings broken off")
            self._tally.note("pairing", status=status, said=said)
            return None
        return alias

    def _begin(self, alias: str, customer: Customer) -> Life:
        paired = self._engineer.folder / "state" / "sessions" / alias / "session.json"
        session_id = str(json.loads(paired.read_text())["session_id"])
        self._tally.add("sessions")
        self._tally.note("session", session=session_id, post=self.number, alias=alias)
        life = Life(alias, customer.home)
        with self._lock:
            self.recording = Recording(session_id, customer)
            self._life = life
            if customer.process.poll() is not None:
                life.agent_struck.set()
        return life

    def _work(self, life: Life, customer: Customer) -> None:
        loads = []
        for step in (shell, command, lambda load: copy(load, self._folder)):
            dice = random.Random(self._dice.random())
            load = Load(life, self._engineer, self._house.clients, self._tally, dice)
            loads.append(threading.Thread(target=load.run, args=(lambda load=load, step=step: step(load),)))
        for thread in loads:
            thread.start()
        ends_at = time.monotonic() + self._dice.uniform(*LIFE_SECONDS)
        while life.goes_on and time.monotonic() < ends_at and not self._house.stopping.wait(0.1):
            if customer.process.poll() is not None and not life.agent_struck.is_set():
                self._tally.violated(f"{life.alias}: the agent ended by itself: {_last_words(customer)}")
                life.agent_struck.set()
        life.over.set()
        for thread in loads:
            thread.join()

    def _end(self, life: Life) -> None:
        """As an engineer does it; again, if a broker died over it."""
        assert self.customer is not None
        deadline = time.monotonic() + END_WITHIN_SECONDS
        while self.customer.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self._engineer.consentry("end", life.alias)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.customer.process.wait(5)
        if self.customer.process.poll() is None:
            self._tally.violated(f"{life.alias}: the session does not end")
            self.customer.kill()
            life.agent_struck.set()

    def _see_off(self, customer: Customer) -> None:
        """The agent is dead, or has ended. Its books are closed when its last record has arrived."""
        with self._lock:
            recording, life = self.recording, self._life
            self.recording = self._life = self.customer = None
        if customer.process.poll() is None:
            customer.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            customer.process.wait(END_WITHIN_SECONDS)
        if recording is not None and life is not None:
            if life.agent_struck.is_set():
                recording.agent_died()
            else:
                self._tally.add("sessions ended by people")
            self._undelivered.append(recording)
        self._close_delivered()

    def _spools(self) -> list[Path]:
        return list(self._folder.glob("customer/state/agent/spool/*.spool"))

    def _close_delivered(self) -> None:
        for recording in [one for one in self._undelivered if not one.spool.exists()]:
            self._undelivered.remove(recording)
            self._books.close(recording)


def _open_code(customer: Customer) -> str | None:
    """The newest code, if it has not ended."""
    for event in reversed(list(customer.events)):
        if event["event"] == "code-ended":
            return None
        if event["event"] == "code-shown":
            return str(event["code"])
    return None


def _below(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _last_words(customer: Customer) -> str:
    failed = [event.get("sentence", "") for event in list(customer.events) if event["event"] == "failed"]
    return f"status {customer.process.returncode}, {failed}, {(customer.folder / 'share.err').read_text()[-300:]}"
