"""A session as people have it: stock ssh, sftp, scp and rsync, recorded, ended, rated, verified."""

import json
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.helpers.deployment import ALL_SCOPES, Broker, Customer, Engineer, ended, run, sha256_of
from tests.helpers.waiting import wait_until


def test_exit_status_and_both_outputs_come_through(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """`ssh ALIAS command` gives the command's output, errors and exit status."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    done = engineer.ssh(alias, "echo out; echo err >&2; exit 7", status=7)
    assert (done.stdout, done.stderr) == ("out\n", "err\n")


def test_files_go_both_ways_and_arrive_whole(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """scp puts and gets, scp -r takes folders, sftp lists, rsync updates; every hash is equal."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    original = tmp_path / "original"
    original.write_bytes(os.urandom(20_000_000))
    folder = tmp_path / "folder"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "naïve 名字.txt").write_text("text")

    def do(*arguments: str | Path) -> None:
        run(*arguments, environment=engineer.environment)

    do("scp", *engineer.ssh_options, "-q", original, f"{alias}:there")
    do("scp", *engineer.ssh_options, "-q", f"{alias}:there", tmp_path / "back")
    do("scp", *engineer.ssh_options, "-q", "-r", folder, f"{alias}:")
    do("rsync", "-a", "-e", " ".join(("ssh", *engineer.ssh_options)), f"{folder}/", f"{alias}:synced/")
    (tmp_path / "batch").write_text("ls\n")
    do("sftp", *engineer.ssh_options, "-q", "-b", tmp_path / "batch", alias)
    assert sha256_of(customer.home / "there") == sha256_of(tmp_path / "back") == sha256_of(original)
    assert (customer.home / "folder" / "deeper" / "naïve 名字.txt").read_text() == "text"
    customer.heard("file-touched", action="write", byte_count=20_000_000)


def test_files_go_from_one_customer_to_another(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """`scp -3` reads in one session and writes in the other; without -3 the customers' machines would have to meet."""
    one, other = new_customer(broker), new_customer(broker)
    there, here = engineer.pair(one.code), engineer.pair(other.code)
    (one.home / "settings").write_text("paused = no")
    options = ("-q", "-3", *engineer.ssh_options)
    run("scp", *options, f"{there}:settings", f"{here}:copied", environment=engineer.environment)
    assert (other.home / "copied").read_text() == "paused = no"


def test_git_pushes_and_clones(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """A repository on the customer's machine by `ssh://ALIAS/…`; the customer is told which program ran for it."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    there = customer.home / "shop.git"
    environment = engineer.environment | {"GIT_SSH_COMMAND": " ".join(("ssh", *engineer.ssh_options))}

    def git(*arguments: str | Path) -> str:
        someone = ("-c", "user.name=Sam", "-c", "user.email=sam@example.org")
        return run("git", *someone, *arguments, environment=environment).stdout

    git("init", "-q", "--bare", there)
    git("init", "-q", tmp_path / "work")
    (tmp_path / "work" / "fix").write_text("it prints again")
    git("-C", tmp_path / "work", "add", "fix")
    git("-C", tmp_path / "work", "commit", "-q", "-m", "Print again")
    git("-C", tmp_path / "work", "push", "-q", f"ssh://{alias}{there}", "HEAD:refs/heads/main")
    git("clone", "-q", "-b", "main", f"ssh://{alias}{there}", tmp_path / "cloned")
    assert (tmp_path / "cloned" / "fix").read_text() == "it prints again"
    customer.heard("command-run", command=f"git-receive-pack '{there}'")


def test_a_forwarded_connection_carries_bytes(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """`ssh -W` reaches a port of the customer's machine, and the customer is told which."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code, "forward", *ALL_SCOPES)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as elsewhere:
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        answering = elsewhere.submit(_answer_once, listener)
        done = engineer.ssh("-W", place, alias, input="what is printed there?")
        assert (done.stdout, answering.result()) == ("nothing", b"what is printed there?")
    customer.heard("connection-made", destination=place)


def _answer_once(listener: socket.socket) -> bytes:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as asked:
        question = asked.read()
        connection.sendall(b"nothing")
    return question


def test_one_connection_serves_many(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """ControlMaster: several commands over one SSH connection."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    master = ("-o", f"ControlPath={tmp_path}/m", "-o", "ControlMaster=auto")
    with ended(engineer.popen("ssh", *engineer.ssh_options, *master, "-N", alias)):
        wait_until((tmp_path / "m").exists, "the master is there")
        assert [engineer.ssh(*master, alias, f"echo {n}").stdout for n in range(3)] == ["0\n", "1\n", "2\n"]
    customer.heard("command-run", count=3)


def test_from_code_to_verified_recording_and_receipt(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """Consent, work, goodbye; then the recording verifies, shows the work, and carries the customer's rating."""
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    engineer.ssh(alias, "echo the-needle-in-the-recording")
    engineer.consentry("end", alias)
    assert customer.heard("session-summary")["delivered"]
    receipt = json.loads(customer.receipt.read_text())
    assert customer.wait() == 0
    listed = [json.loads(line) for line in broker.audit("list", "--json").stdout.splitlines()]
    (mine,) = [one for one in listed if one["session_id"].startswith(customer_session(customer))]
    assert (mine["state"], mine["stars"], mine["ticket"]) == ("complete", 5, "8841")
    broker.audit("verify", customer_session(customer))
    text = broker.audit("export", customer_session(customer), "--format", "text").stdout
    assert "the-needle-in-the-recording" in text
    assert receipt["end_reason"] == "engineer-ended"
    # The engineer keeps one too, which the log completes.
    (kept,) = [
        one
        for one in json.loads(engineer.consentry("receipts", "--json").stdout)
        if one["session_id"] == mine["session_id"]
    ]
    assert kept["verdict"] == "proved"
    engineer.consentry("verify", kept["path"])


def customer_session(customer: Customer) -> str:
    """The session's id as the audit side names it: the receipt's file carries its beginning."""
    return customer.receipt.stem.removeprefix("receipt-")
