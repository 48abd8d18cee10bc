"""A broker without a gateway: nobody is offered what is not there, and agents of before are shown nothing new."""

import secrets

from protocol.certificates import read_certificate
from protocol.grants import Scope
from serving.http.encoding import decode_bytes, encode_bytes
from tests.broker.harness import RunningBroker


async def test_the_scope_is_in_no_certificate_and_not_shown(broker: RunningBroker) -> None:
    """`gateway` is left out of certificates and of what the console offers, although the engineer may have it."""
    token = await broker.login()
    me = (await broker.request("GET", "/v1/me", token=token)).json
    assert me["max_scopes"] == sorted(set(Scope) - {Scope.GATEWAY})
    body = {"public_key": encode_bytes(secrets.token_bytes(32))}
    issued = (await broker.request("POST", "/v1/certificate", body, token=token)).json
    ca_key = broker.organisation.profile.engineer_ca_key
    now_ms = broker.server.broker.services.clock.unix_ms()
    certificate = read_certificate(decode_bytes(issued["certificate"]), ca_key, now_ms)
    assert certificate.max_scopes == frozenset(Scope) - {Scope.GATEWAY}


async def test_there_is_nothing_to_open(broker: RunningBroker) -> None:
    path = f"/v1/sessions/{secrets.token_hex(16)}/ssh-gateway"
    body = {
        "ssh_public_key": "ssh-ed25519 AAAA",
        "gateway_id": encode_bytes(bytes(16)),
        "gateway_key": encode_bytes(bytes(32)),
    }
    answer = await broker.request("PUT", path, body, token=await broker.login())
    assert (answer.status, answer.json["type"]) == (404, "urn:consentry:ssh-gateway-off")
