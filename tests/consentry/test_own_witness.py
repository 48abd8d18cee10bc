"""On one machine the audit service is named as the witness: once, and not against anybody's decision."""

from pathlib import Path

import pytest

from audit.service.config import AuditSettings
from broker.config import Settings
from broker.organisation.founding import change_profile
from broker.organisation.organisation import load_organisation
from consentry.own_witness import witness_environment
from protocol.profile import ProfileWitness
from tests.audit.service.harness import make_audit_settings, set_up_alone
from tests.broker.harness import found, make_settings
from tests.helpers.logs import WITNESS_KEY


@pytest.fixture
def house(tmp_path: Path) -> tuple[Settings, AuditSettings]:
    broker, audit = make_settings(tmp_path / "broker"), make_audit_settings(tmp_path / "audit")
    found(broker)
    set_up_alone(audit)
    return broker, audit


def named(broker: Settings) -> list[str]:
    log = load_organisation(broker).profile.log
    assert log is not None
    return [one.vkey for one in log.witnesses]


def test_it_is_named_once(house: tuple[Settings, AuditSettings]) -> None:
    """With its key; where it is reached, and its certificate, is told to the broker at each start."""
    broker, audit = house
    told = witness_environment(broker, audit, 8444, {})
    vkey = (audit.data_folder / "witness.vkey").read_text().strip()
    assert named(broker) == [vkey]
    name = vkey.partition("+")[0]
    assert told == {
        "CONSENTRY_WITNESS_URLS": f"{name}=https://127.0.0.1:8444/witness",
        "CONSENTRY_WITNESS_CERTIFICATES": str(audit.data_folder / "tls_certificate.pem"),
    }
    version = load_organisation(broker).profile.version
    by_hand = {"CONSENTRY_WITNESS_URLS": "w=https://w.example"}
    again = witness_environment(broker, audit, 9000, by_hand)
    assert again["CONSENTRY_WITNESS_URLS"] == f"{name}=https://127.0.0.1:9000/witness,w=https://w.example"
    assert load_organisation(broker).profile.version == version


@pytest.mark.parametrize("decision", ["another witness", "none is needed", "root key offline"])
def test_what_somebody_decided_stays(house: tuple[Settings, AuditSettings], decision: str) -> None:
    """Another witness, no witness, a root key that was moved away: the profile stays as it is."""
    broker, audit = house
    if decision == "another witness":
        change_profile(broker, witnesses=[ProfileWitness(WITNESS_KEY.vkey, "https://w.example")])
    elif decision == "none is needed":
        change_profile(broker, witness="optional")
    else:
        (broker.data_folder / "organisation" / "root.key").unlink()
    before = load_organisation(broker).profile
    witness_environment(broker, audit, 8444, {})
    assert load_organisation(broker).profile == before
