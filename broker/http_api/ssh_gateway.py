"""PUT /v1/sessions/{id}/ssh-gateway: the session's engineer names an SSH key that may reach it through the gateway."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, StringConstraints

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.sessions import theirs
from broker.organisation.people import Permission
from broker.services import Services
from broker.ssh_gateway.openings import NoKeyNamed, Opening, SshGatewayOff
from protocol.ssh_keys import LINE_LIMIT_CHARACTERS, parse_public_line, ssh_fingerprint
from serving.http.encoding import Strict, bytes_from_json, bytes_schema

if TYPE_CHECKING:
    from broker.ssh_gateway.server import SshGateway

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/v1")


class SshGatewayBody(Strict):
    """`ssh_public_key` is one line of a `.pub` file, Ed25519. `gateway_id` and `gateway_key` are what the customer's
    agent was told over the sealed control channel (`AdmitSshKey`)."""

    ssh_public_key: Annotated[str, StringConstraints(max_length=LINE_LIMIT_CHARACTERS)]
    gateway_id: Annotated[bytes, BeforeValidator(bytes_from_json(16)), bytes_schema(16)]
    gateway_key: Annotated[bytes, BeforeValidator(bytes_from_json(32)), bytes_schema(32)]


class SshGatewayAnswer(BaseModel):
    """Where the gateway is, under which name to log in there, and its host key as `known_hosts` has it."""

    host: str
    port: int
    user_name: str
    host_key: str
    fingerprint: str
    """Of the SSH key that was named."""


@router.put("/sessions/{session_id}/ssh-gateway", dependencies=[needs(Permission.CONNECT)])
async def open_gateway(
    session_id: str, body: SshGatewayBody, caller: TheCaller, services: TheServices
) -> SshGatewayAnswer:
    """From now on that key reaches this session, and no other key of this engineer's does."""
    gateway = _gateway_of(services)
    session = await theirs(session_id, caller, services)
    ssh_user_key = parse_public_line(body.ssh_public_key)
    ticket = services.sessions.gateway_ticket(session.session_id, caller.user.user_id)
    gateway.openings.put(
        Opening(
            session_id=session.session_id,
            user_id=caller.user.user_id,
            user_name=caller.user.user_name,
            login=caller.token_hash,
            ssh_user_key=ssh_user_key,
            gateway_id=body.gateway_id,
            gateway_key=body.gateway_key,
            leg_ticket=ticket,
            resume_window_ms=services.organisation.profile.resume_window_seconds * 1000,
        )
    )
    fingerprint = ssh_fingerprint(ssh_user_key)
    log.info(
        "ssh_gateway_key_named",
        session=session.session_id.hex(),
        engineer=caller.user.user_name,
        fingerprint=fingerprint,
    )
    host, port = gateway_address(services, gateway)
    return SshGatewayAnswer(
        host=host,
        port=port,
        user_name=caller.user.user_name,
        host_key=gateway.host_key_line,
        fingerprint=fingerprint,
    )


@router.get(
    "/sessions/{session_id}/ssh-gateway",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=[needs(Permission.CONNECT)],
)
async def gateway_is_open(session_id: str, caller: TheCaller, services: TheServices) -> None:
    """Whether a key is named for this session: a broker that was started again has forgotten it, and answers 404."""
    session = await theirs(session_id, caller, services)
    if _gateway_of(services).openings.find(session.session_id, caller.user.user_id) is None:
        raise NoKeyNamed


def gateway_address(services: Services, gateway: "SshGateway") -> tuple[str, int]:
    """As engineers reach it."""
    named = services.settings.ssh_gateway_address
    if named:
        host, _, port = named.rpartition(":")
        return host.strip("[]"), int(port)
    return urlsplit(services.organisation.profile.broker_origin).hostname or "", gateway.port


def _gateway_of(services: Services) -> "SshGateway":
    if services.ssh_gateway is None:
        raise SshGatewayOff
    return services.ssh_gateway
