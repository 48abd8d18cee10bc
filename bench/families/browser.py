"""The console in the real Chromium against stock clients, both in the same session of the same customer.

Keys: from the key until the terminal's rows have its echo in them (decrypted, parsed, drawn into the page, without the
wait for the screen's next picture), against one key into stock `ssh` until its echo stands in a pipe. Files: one of
random bytes each way; the browser's time includes comparing the hashes of both ends, the peer's logging in.
"""

from pathlib import Path

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.statistics import percentile
from bench.core.workbench import MIB, Workbench
from bench.deployment.browser import BrowserEngineer
from bench.deployment.terminal import RemoteTerminal
from bench.families.sftp import FileDamaged, sha256_of

KEYS = 300
WARM_UP_KEYS = 50
SIZE_LIMIT_MIB = 100
ECHO_GOAL = Goal("<=", 2.5)
FILES_GOAL = Goal(">=", 0.3)


def measure(bench: Workbench) -> list[Result]:
    with BrowserEngineer(bench.ours.broker, bench.ours.customer) as browser:
        return [*_echo(bench, browser), *_files(bench, browser)]


def _echo(bench: Workbench, browser: BrowserEngineer) -> list[Result]:
    times = in_turn(
        bench.rounds,
        {"browser": lambda: _in_browser(browser), "ssh": lambda: _in_ssh(bench)},
        on_round=bench.round_done,
    )
    return [
        Result.compared(
            f"browser, keystroke echo, p{percent}",
            "us",
            [percentile(round_, percent) for round_ in times["browser"]],
            "ssh, same session",
            [percentile(round_, percent) for round_ in times["ssh"]],
            ECHO_GOAL if percent == 50 else None,
        )
        for percent in (50, 99)
    ]


def _in_browser(browser: BrowserEngineer) -> list[float]:
    return [time * 1000 for time in browser.echo_milliseconds(WARM_UP_KEYS + KEYS)[WARM_UP_KEYS:]]


def _in_ssh(bench: Workbench) -> list[float]:
    machine = bench.ours.machine
    with RemoteTerminal(machine.ssh(options=("-tt",)), machine.environment) as terminal:
        terminal.start_listener()
        times = [terminal.echo_seconds(b"x") * 1e6 for _ in range(WARM_UP_KEYS + KEYS)]
        terminal.end()
    return times[WARM_UP_KEYS:]


def _files(bench: Workbench, browser: BrowserEngineer) -> list[Result]:
    size_mib = min(bench.size_mib, SIZE_LIMIT_MIB)
    here = bench.folder / "browser.bin"
    with bench.random_file.open("rb") as file:
        here.write_bytes(file.read(size_mib * MIB))
    there = bench.ours.customer.home / here.name
    results = []
    for verb in ("get", "put"):

        def in_browser(verb: str = verb) -> float:
            _lay_out(verb, here, there)
            seconds = browser.get_seconds(there.name) if verb == "get" else browser.put_seconds(here)
            if verb == "put" and sha256_of(there) != sha256_of(here):
                raise FileDamaged(f"{there} differs from {here}")
            there.unlink()
            return size_mib / seconds

        def in_sftp(verb: str = verb) -> float:
            _lay_out(verb, here, there)
            fetched = bench.folder / "browser-got.bin"
            batch = bench.folder / "browser-batch"
            batch.write_text(f"get {there} {fetched}\n" if verb == "get" else f"put {here} {there}\n")
            seconds = bench.ours.machine.run(bench.ours.machine.sftp(batch))
            fetched.unlink(missing_ok=True)
            there.unlink()
            return size_mib / seconds

        rates = in_turn(
            bench.rounds,
            {"browser": in_browser, "sftp": in_sftp},
            warm_up=False,
            on_round=bench.round_done,
        )
        results.append(
            Result.compared(
                f"browser, {verb}", "MiB/s", rates["browser"], "sftp, same session", rates["sftp"], FILES_GOAL
            )
        )
    return results


def _lay_out(verb: str, here: Path, there: Path) -> None:
    if verb == "get":
        there.hardlink_to(here)
