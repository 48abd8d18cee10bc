"""The room that customer and engineers share: the same bytes for all, and gone the moment the customer says so."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Callable
from pathlib import Path

import psutil

from engineer_client.shell import SSH_CUT_OFF
from tests.helpers.busy_machine import TRIES, Stopwatch
from tests.helpers.deployment import CONSENTRY, Broker, Customer, Engineer, Lines, ended
from tests.helpers.waiting import PATIENCE_SECONDS, wait_until

ROOT = ["root"] if os.geteuid() == 0 else []
"""An agent that runs as root can only grant as root."""

SCOPE_MISSING = 126
"""What a shell says of a command that may not be executed."""

STOP_WITHIN_SECONDS = 0.2
"""The promise. The test measures from the customer's line to the death of the last process."""

MEASURING_SECONDS = 0.3
"""What noticing costs on a busy test machine: the agent reads the line, and we look every few milliseconds."""


def _shell(engineer: Engineer, alias: str) -> "subprocess.Popen[bytes]":
    return engineer.popen("ssh", *engineer.ssh_options, "-tt", alias, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _type(shell: "subprocess.Popen[bytes]", text: str) -> None:
    assert shell.stdin is not None
    shell.stdin.write(text.encode())
    shell.stdin.flush()


def _session(customer: Customer) -> str:
    return customer.receipt.stem.removeprefix("receipt-")


def test_two_engineers_and_the_customer_see_the_same_bytes(
    broker: Broker, engineer: Engineer, second_engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """A second engineer comes in with a code of their own, into the same shell; what one types both see."""
    customer = new_customer(broker)
    first_alias = engineer.pair(customer.code)
    with ended(_shell(engineer, first_alias)) as first:
        seen_by_first = Lines(first)
        _type(first, "echo only-$((1+0))-here\n")
        seen_by_first.wait_for(b"only-1-here")
        customer.say("watch", columns=100, rows=40)
        second_alias = second_engineer.pair(customer.new_code())
        customer.heard("participant-joined")
        with ended(_shell(second_engineer, second_alias)) as second:
            seen_by_second = Lines(second)
            _type(second, "echo from-$((2+0))-to-all\n")
            _type(first, "echo from-$((1+0))-to-all\n")
            for lines in (seen_by_first, seen_by_second):
                lines.wait_for(b"from-2-to-all")
                lines.wait_for(b"from-1-to-all")
            _type(first, "exit\n")
            assert first.wait(PATIENCE_SECONDS) == second.wait(PATIENCE_SECONDS) == 0
            for lines in (seen_by_first, seen_by_second):
                lines.wait_for_end()
        start = seen_by_second.text.index(b"from-2")
        assert seen_by_first.text.endswith(seen_by_second.text[start:])
    engineer.consentry("end", first_alias)
    broker.audit("verify", _session(customer))


def test_a_window_that_changes_its_size_is_followed(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """The shell's terminal has the engineer's size, and follows it."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 101, 0, 0))
    with ended(
        engineer.popen(
            "ssh",
            *engineer.ssh_options,
            alias,
            stdin=theirs,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
    ) as shell:
        os.close(theirs)
        lines = Lines(shell)
        os.write(ours, b"stty size | tr ' ' 'x'\r")
        lines.wait_for(b"31x101")
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 90, 0, 0))
        # ssh may send what is typed before it says what size its window has now.
        os.write(ours, b"until [ \"$(stty size)\" = '25 90' ]; do sleep 0.05; done; echo follow''ed\r")
        lines.wait_for(b"followed")
    os.close(ours)


def _descendants(customer: Customer, marker: str) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if marker in " ".join(process.info["cmdline"] or ()) and process.pid != customer.process.pid
    ]


def _start_runaways(shell: "subprocess.Popen[bytes]", lines: Lines, marker: str) -> None:
    """A flood in front, and behind it programs that did all they could to get away from the terminal."""
    _type(
        shell,
        f"(setsid sh -c ': {marker}; sleep 600; :' &) ; nohup sh -c ': {marker}; sleep 600; :' >/dev/null 2>&1 &\n",
    )
    _type(shell, f"setsid setsid sh -c ': {marker}; sleep 600; :' & disown; echo started-$((1+1))\n")
    lines.wait_for(b"started-2")
    _type(shell, "while :; do echo the quick brown fox jumps over the lazy dog; done\n")
    lines.wait_for(b"quick brown fox jumps over the lazy dog\r\n")


def test_end_stops_everything_at_once(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """Under full output, `end` kills the shell and all its children, however far they went, within 200 ms."""
    assert any(
        _seconds_to_end(broker, engineer, new_customer) < STOP_WITHIN_SECONDS + MEASURING_SECONDS for _ in range(TRIES)
    )


def _seconds_to_end(broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]) -> float:
    customer = new_customer(broker, rating=None)
    alias = engineer.pair(customer.code)
    marker = f"runaway-{os.urandom(6).hex()}"
    with ended(_shell(engineer, alias)) as shell:
        _start_runaways(shell, Lines(shell), marker)
        wait_until(lambda: len(_descendants(customer, marker)) >= 3, "the runaways run")
        watch = Stopwatch()
        customer.say("end")
        wait_until(lambda: not _descendants(customer, marker), "everything is dead")
        took_seconds = watch.read()
    assert customer.wait() == 0
    assert json.loads(customer.receipt.read_text())["end_reason"] == "customer-ended"
    broker.audit("verify", _session(customer))
    return took_seconds


def test_revoking_the_shell_stops_it_and_leaves_the_files(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """Narrowing takes the shell and what it started away at once; what is still granted goes on."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    marker = f"runaway-{os.urandom(6).hex()}"
    with ended(_shell(engineer, alias)) as shell:
        _start_runaways(shell, Lines(shell), marker)
        customer.say("narrow", participant=1, scopes=["files:r", "files:w", *ROOT])
        wait_until(lambda: not _descendants(customer, marker), "everything is dead")
        assert shell.wait(PATIENCE_SECONDS) != 0
    assert "request-more" in engineer.ssh(alias, "echo not any more", status=SCOPE_MISSING).stderr
    (tmp_path / "still").write_text("allowed")
    engineer.sftp_put(alias, tmp_path / "still")
    assert (customer.home / "still").read_text() == "allowed"


def test_pausing_freezes_and_resuming_goes_on(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """While paused no process of the engineer moves; afterwards nothing is lost."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    with ended(_shell(engineer, alias)) as shell:
        lines = Lines(shell)
        # Else Ctrl-C would have the terminal throw away what nobody has read yet, on a busy machine.
        _type(shell, "stty noflsh; i=0; while :; do i=$((i+1)); echo tick-$i; done\n")
        lines.wait_for(b"tick-5\r\n")
        customer.say("pause")
        customer.heard("paused")
        shells = [
            process
            for process in psutil.Process(customer.process.pid).children(recursive=True)
            if process.name() in ("bash", "sh", "dash", "zsh")
        ]
        assert shells
        wait_until(lambda: {process.status() for process in shells} == {psutil.STATUS_STOPPED}, "all stand still")
        customer.say("resume")
        customer.heard("resumed")
        _type(shell, "\x03echo on-$((6+1))-again; exit\n")
        lines.wait_for(b"on-7-again")
        assert shell.wait(PATIENCE_SECONDS) == 0
    ticks = [int(tick) for tick in re.findall(rb"tick-(\d+)\r\n", lines.text)]
    assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))


def test_no_is_no_and_yes_is_only_what_was_said(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """A refusal leaves nothing behind; a narrowed yes gives what is left, and asking for more asks again."""
    refusing = new_customer(broker, decide=lambda _question: {"allow": False})
    said = engineer.consentry(
        "connect", refusing.code, "--reason", "x", "--scope", "view", "--no-shell", "--no-ssh-config", status=1
    )
    assert said.stderr
    refusing.wait()
    answers = iter([{"allow": True, "scopes": ["files:r", *ROOT]}, {"allow": False}])
    wary = new_customer(broker, decide=lambda _question: next(answers))
    alias = engineer.pair(wary.code)
    assert engineer.ssh(alias, "echo no", status=SCOPE_MISSING).stdout == ""
    engineer.consentry("request-more", alias, "--scope", "shell", "--reason", "please", status=1)
    assert len([event for event in wary.events if event["event"] == "consent-question"]) == 2


def test_a_wrong_code_is_burnt_and_both_are_told(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """One guess a code: the engineer hears that it was wrong, the customer too, and gets another one."""
    customer = new_customer(broker)
    nameplate, _, _ = customer.code.partition("-")
    right = customer.code
    wrong = _another_code(right)
    said = engineer.consentry(
        "connect", wrong, "--reason", "x", "--scope", "view", "--no-shell", "--no-ssh-config", status=1
    )
    assert said.stderr
    customer.heard("code-ended", outcome="wrong-code")
    customer.heard("code-shown", count=2)
    assert customer.code != right
    assert nameplate not in customer.code[: len(nameplate)]
    engineer.consentry("connect", right, "--reason", "x", "--scope", "view", "--no-shell", "--no-ssh-config", status=1)


def _another_code(code: str) -> str:
    """The same nameplate with another secret and a right check digit."""
    from protocol.codes import OneTimeCode, parse_code

    known = parse_code(code)
    return str(OneTimeCode(known.nameplate, f"{(int(known.secret) + 1) % 10**7:07}"))


def test_a_colleague_takes_over(
    broker: Broker, engineer: Engineer, second_engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """One question, and with the yes the second has what the first had, whose command dies, and who reads by whom; the
    receipt and the events say it."""
    customer = new_customer(broker)
    marker = f"shift-{os.urandom(6).hex()}"
    connect = (
        *CONSENTRY, "connect", customer.code, "--reason", "no paper", "--alias", "shift", "--no-ssh-config",
        "--scope", "shell", "--scope", "files:r", *(word for scope in ROOT for word in ("--scope", scope)),
        "--", f"echo ready; sh -c ': {marker}; sleep 600; :'",
    )  # fmt: skip
    with ended(engineer.popen(*connect, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)) as first:
        said = Lines(first)
        said.wait_for(b"ready")
        alias = second_engineer.pair(customer.new_code(), "view", *ROOT)
        granted = json.loads(second_engineer.consentry("take-over", alias, "--reason", "my shift", "--json").stdout)
        assert {"shell", "files:r"} <= set(granted["scopes"])
        assert first.wait(PATIENCE_SECONDS) == SSH_CUT_OFF
        assert b"Kim Example (staff no. S-18) has taken over" in said.wait_for_end()
    question = [one for one in customer.events if one["event"] == "consent-question"][-1]
    assert (question["takes_over"]["name"], question["reason"], question["minutes"]) == ("Sam Example", "my shift", 0)
    assert customer.heard("taken-over")["leaver_name"] == "Sam Example"
    assert second_engineer.ssh(alias, "echo mine", text=True).stdout == "mine\n"
    wait_until(lambda: not _descendants(customer, marker), "the command of before is dead")
    second_engineer.consentry("end", alias)
    take_over = json.loads(customer.receipt.read_text())["take_overs"]
    assert [(one["by"]["staff_number"], one["leaver"]["staff_number"]) for one in take_over] == [("S-18", "S-17")]
    broker.audit("verify", _session(customer))
    assert "session_taken_over" in broker.events()
