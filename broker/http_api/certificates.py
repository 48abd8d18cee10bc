"""POST /v1/certificate: a short certificate over a key that only the engineer's own program has."""

from fastapi import APIRouter
from pydantic import BaseModel

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.organisation.people import Permission
from serving.http.encoding import PublicKey, Strict, encode_bytes
from serving.identity.freshness import check_fresh

router = APIRouter()


class CertificateBody(Strict):
    public_key: PublicKey


class CertificateAnswer(BaseModel):
    certificate: str
    """DER in base64url."""
    expires_at_ms: int


@router.post("/v1/certificate", dependencies=[needs(Permission.CONNECT)])
async def issue(body: CertificateBody, caller: TheCaller, services: TheServices) -> CertificateAnswer:
    """A certificate in the caller's name over a key that only their own program has. It never outlives the login."""
    check_fresh(caller, services.clock.unix_ms(), services.settings.fresh_minutes)
    issued = services.authority.issue(caller, body.public_key, max_scopes=services.scopes_of(caller.user))
    return CertificateAnswer(certificate=encode_bytes(issued.certificate), expires_at_ms=issued.expires_at_ms)
