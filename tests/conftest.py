"""How the suite is spread over the cores, and what is made once for all of it."""

import fcntl
import gc
import os
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from hypothesis import settings

from tests.helpers.databases import copy_or_migrate, migrate
from tests.helpers.deployment import KIM, SAM, Broker, Customer
from tests.helpers.typed_commands import run_here

# Hypothesis' deadline for an example is wall time, which says nothing where others work beside it. Tests have limits.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

STORIES = ("tests/faults", "tests/consentry", "tests/web", "tests/scenarios", "tests/hostile", "tests/engineer_client")
"""Where a test takes seconds, half of them waiting: for processes, cuts and consent."""

STORY_WITHIN_SECONDS = 900
"""Half a minute does on a quiet machine; where everybody works at once, whole processes take twenty times as long."""

LONG_FILES = ("tests/simulation", "tests/audit/service", "tests/broker")
"""Where a file takes seconds. All others are left for the end, at which a long one would have one core work alone."""


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Four more than there are cores: as many stories wait at any time."""
    return _cores() + 4


def _worker() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--browser-mib", type=int, default=16, metavar="MIB", help="how large a file the browser moves each way (16)"
    )
    parser.addoption(
        "--rekey-mib", type=int, default=4, metavar="MIB", help="how large a file moves each way under new keys (4)"
    )


def pytest_configure() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and that is inherited: in `make test &` tests
    would wait in vain for what they interrupt."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """As many at a time as there are cores: whoever comes later finds the assertions of a fresh checkout rewritten.

    Nobody looks for garbage while everything is imported, nor later in what was: it is there to stay."""
    place = _worker() % _cores()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "alone")
    gc.disable()
    with (Path(tempfile.gettempdir()) / f"consentry-tests-{run}-{place}").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        collected = yield
        Path(turn.name).unlink(missing_ok=True)
    gc.freeze()
    gc.enable()
    return collected


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Every second worker begins at the end: in a fresh checkout, the first two have half of the assertions to rewrite
    and half of the modules to compile each, and find the other half done when they meet."""
    report = yield
    if isinstance(collector, pytest.Directory) and _worker() % 2:
        report.result.reverse()
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever is free takes the next file: first the stories, one folder's after another's, so that browsers do not all
    start at once."""
    items.sort(key=lambda item: item.path)  # the same order for all, wherever they began
    files_of: dict[str, dict[Path, int]] = {}

    def rank(item: pytest.Item) -> tuple[int, int, int]:
        for place, folder in enumerate(STORIES):
            if item.nodeid.startswith(f"{folder}/"):
                files = files_of.setdefault(folder, {})
                return 0, files.setdefault(item.path, len(files)), place
        return (1 if item.nodeid.startswith(LONG_FILES) else 2), 0, 0

    for item in items:
        if rank(item)[0] == 0 and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(STORY_WITHIN_SECONDS))
    items.sort(key=rank)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """Nor while a failure is printed. For that pytest parses the test's file, and up to 3.11.7 CPython takes another
    thread's depth for its own where Hypothesis' callback of the collector lets that one run: the worker would end with
    "AST constructor recursion depth mismatch" (python/cpython#106905)."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _loggers_can_be_listened_to() -> Iterator[None]:
    """A logger that was cached after one test had set logs up would be deaf to `capture_logs` in all later ones."""
    with pytest.MonkeyPatch.context() as patch:
        honest = structlog.configure
        patch.setattr(structlog, "configure", lambda **how: honest(**how | {"cache_logger_on_first_use": False}))
        yield


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """What a program says in one test of where its log goes, or of how much it tells, is not said for the next test."""
    before = structlog.get_config()
    yield
    if structlog.get_config() != before:
        structlog.configure(**before)


@pytest.fixture(scope="session", autouse=True)
def _servers_are_let_go_of() -> Iterator[None]:
    """A server freezes what it was started with, for good. Here hundreds start in one process, and all of them end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "serving.http.server.gc",
            SimpleNamespace(collect=gc.collect, freeze=lambda: None, set_threshold=gc.set_threshold),
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _databases_are_migrated_once() -> Iterator[None]:
    """Half of what a test of a route took was to make a database by all migrations that there have ever been."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("serving.database._upgrade", copy_or_migrate)
        yield


@pytest.fixture(scope="session", autouse=True)
def _organisations_are_founded_here() -> Iterator[None]:
    """By the command lines of people, in the process that runs the tests: nearly all that another one did for each
    organisation was to begin. That `admin` runs in a process of its own is seen wherever a test adds a person."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.helpers.deployment.run_together", run_here)
        yield


@pytest.fixture
def migrated_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the migrations: all of them run."""
    monkeypatch.setattr("serving.database._upgrade", migrate)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    """An organisation with two engineers, `sam` and `kim`. Never started: for `Broker(…, like=founded)`."""
    return Broker(tmp_path_factory.mktemp("founded") / "organisation", people=(SAM, KIM))


@pytest.fixture
def new_customer(tmp_path: Path) -> Iterator[Callable[..., Customer]]:
    """Makes customers, and sees to it that none is left sharing."""
    customers: list[Customer] = []

    def make(broker: Broker, **options: Any) -> Customer:
        customers.append(Customer(broker, tmp_path / f"customer-{len(customers)}", **options))
        return customers[-1]

    yield make
    for customer in customers:
        customer.stop()
