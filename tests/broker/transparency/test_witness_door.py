"""How the broker reaches a witness, and whom it takes for one."""

from pathlib import Path

import pytest

from audit.log import WitnessUnreachable
from broker.transparency.witness_door import HttpWitness, WitnessCertificateUnusable
from serving.certificate import make_certificate
from tests.audit.service.harness import make_audit_settings, running_audit, set_up_alone
from tests.helpers.logs import WITNESS_KEY


async def test_an_audit_service_is_known_by_its_certificate_alone(tmp_path: Path) -> None:
    """Pinned, whatever name the address has; without that, or with another's, nobody answers for it."""
    settings = make_audit_settings(tmp_path / "audit")
    set_up_alone(settings)
    other = tmp_path / "other.pem"
    other.write_bytes(make_certificate("Somebody", ["127.0.0.1"], 1_795_000_000_000).certificate_pem)
    async with running_audit(settings) as audit:
        url = f"https://127.0.0.1:{audit.server.port}/witness"
        own = settings.data_folder / "tls_certificate.pem"
        status, _ = await HttpWitness(WITNESS_KEY, url, [other, own]).add_checkpoint(b"old 0\n")
        assert status == 400
        for trusted in ([], [other]):
            with pytest.raises(WitnessUnreachable):
                await HttpWitness(WITNESS_KEY, url, trusted).add_checkpoint(b"old 0\n")
    with pytest.raises(WitnessUnreachable):
        await HttpWitness(WITNESS_KEY, url, [own]).add_checkpoint(b"old 0\n")
    with pytest.raises(WitnessCertificateUnusable, match="CONSENTRY_WITNESS_CERTIFICATES"):
        HttpWitness(WITNESS_KEY, url, [tmp_path / "missing.pem"])
