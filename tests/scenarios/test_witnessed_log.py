"""The audit service vouches for the broker's log: one that forgets or forks it gets no word, and no session."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.deployment import CONSENTRY, Broker, Customer, Engineer, plain_environment, run
from tests.helpers.log_lines import logged
from tests.helpers.waiting import wait_until

LOG_PARTS = ("log", "log.sqlite3", "log.sqlite3-wal", "log.sqlite3-shm")
NOBODY = "https://127.0.0.1:9/witness"


@pytest.fixture
def audited(founded: Broker, tmp_path: Path) -> Iterator[Broker]:
    """Broker and audit service as `consentry serve` starts them on one machine; nobody has configured a witness."""
    broker = Broker(tmp_path / "organisation", like=founded)
    broker.set_up_audit()
    broker.environment["CONSENTRY_AUDIT_LISTEN_PORT"] = "0"
    broker.start()
    yield broker
    broker.stop()


def copy_log(source: Path, target: Path) -> None:
    """The log and its ledger, of one moment; whatever lay there before is gone."""
    for name in LOG_PARTS:
        there, here = target / name, source / name
        if there.is_dir():
            shutil.rmtree(there)
        there.unlink(missing_ok=True)
        if here.is_dir():
            shutil.copytree(here, there)
        elif here.exists():
            shutil.copyfile(here, there)


def session(broker: Broker, engineer: Engineer, customer: Customer) -> Path:
    engineer.consentry("end", engineer.pair(customer.code))
    return customer.receipt


def test_the_audit_service_is_the_first_witness(
    audited: Broker, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """By default: the profile names it, a receipt carries its word. A broker whose log was set back, and who keeps that
    from the witness, is refused by the customer's agent; once the witness is asked, it refuses the broker, too."""
    engineer = Engineer(audited, tmp_path / "sam", "sam")
    first = new_customer(audited)
    before = tmp_path / "before"
    before.mkdir()
    wait_until(lambda: logged(audited.log, "log_admitted"), "the witness knows the log")
    copy_log(audited.data, before)
    judged = run(*CONSENTRY, "verify", session(audited, engineer, first), "--json", environment=plain_environment())
    checks = {check["check"]: check for check in json.loads(judged.stdout)["checks"]}
    assert (checks["witness"]["outcome"], checks["closed"]["outcome"]) == ("ok", "ok")
    assert f"127.0.0.1:{audited.port}/witness" in checks["witness"]["sentence"]
    assert first.wait() == 0
    audited.stop()

    # Its log is set back, and its witness is kept from hearing of it: who was here before remembers.
    copy_log(before, audited.data)
    audited.change_profile("--witness-policy", "optional")
    audited.environment["CONSENTRY_WITNESS_URLS"] = f"127.0.0.1:{audited.port}/witness={NOBODY}"
    audited.start()
    second = new_customer(audited, state=first.state)
    engineer.pair(second.code, status=1)
    assert "does not continue what was seen of it here before" in second.heard("failed")["sentence"]
    audited.stop()

    # By now its log is a larger one than the witness has seen, and another one.
    del audited.environment["CONSENTRY_WITNESS_URLS"]
    audited.launch()
    wait_until(lambda: audited.status is not None, "the broker ends by itself")
    assert audited.status != 0
    assert "has seen another log under its name: it was forked" in audited.log.read_text()
    assert logged(audited.log, "log_forked")
