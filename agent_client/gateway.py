"""SSH keys that come in through the broker's gateway: a second way to the same grant, with the scope `gateway`.

An engineer in a browser has stock `ssh` beside it. Their browser names the key over the sealed control channel, and
an id and a key that it gives to the broker, whose gateway opens streams with them. Whoever has those two gets the first
bytes of an SSH server, and nothing else: what counts is the SSH key, proved end to end behind the gateway.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent_client.access import Access
from agent_client.participant import Participant
from protocol.errors import RefusedError
from protocol.grants import Scope
from protocol.messages.control import AdmitSshKey
from protocol.ssh_keys import SshKeyKindRefused, is_ed25519

WAITING_CONNECTIONS_LIMIT = 4
"""Connections through one pass that have not proved their key: no more work than that is done for nothing."""

CONNECTIONS_LIMIT = 16
"""Connections through one pass, those that wait included."""


class SshKeyNotAllowed(RefusedError):
    sentence = "The customer has not allowed an SSH program of your own. Ask for it: the scope is 'gateway'."


@dataclass(frozen=True, eq=False)
class GatewayPass:
    """One admitted key. `stream_key` authenticates the gateway's streams, `ssh_user_key` what runs inside them."""

    participant: Participant
    stream_key: bytes = field(repr=False)
    ssh_user_key: bytes


class GatewayPasses:
    """By the id that stands in a stream's OPENING; at most one of a participant's."""

    def __init__(self) -> None:
        self._passes: dict[bytes, GatewayPass] = {}

    def find(self, gateway_id: bytes) -> GatewayPass | None:
        return self._passes.get(gateway_id)

    def is_current(self, one: GatewayPass) -> bool:
        return any(one is other for other in self._passes.values())

    def admit(self, participant: Participant, offer: AdmitSshKey) -> None:
        """The newest key of a participant's takes the place of the one before, whose connections end.

        Raises SshKeyKindRefused, SshKeyNotAllowed.
        """
        if not is_ed25519(offer.ssh_user_key):
            raise SshKeyKindRefused
        present = self._passes.get(offer.gateway_id)
        if not participant.allows(Scope.GATEWAY) or (present and present.participant is not participant):
            raise SshKeyNotAllowed
        if present and (present.stream_key, present.ssh_user_key) == (offer.gateway_key, offer.ssh_user_key):
            return  # said again after a cut: what runs goes on
        self._passes = {key: one for key, one in self._passes.items() if one.participant is not participant}
        self._passes[offer.gateway_id] = GatewayPass(participant, offer.gateway_key, offer.ssh_user_key)
        participant.changed()

    def access(self, one: GatewayPass) -> Access:
        return _AccessThroughGateway(self, one)


class _AccessThroughGateway:
    """What the participant may do, as long as they may do it from here."""

    def __init__(self, passes: GatewayPasses, one: GatewayPass) -> None:
        self._passes = passes
        self._pass = one

    @property
    def participant(self) -> int:
        return self._pass.participant.participant

    @property
    def name(self) -> str:
        return self._pass.participant.name

    @property
    def ssh_user_key(self) -> bytes:
        return self._pass.ssh_user_key

    @property
    def folders(self) -> tuple[Path, ...]:
        return self._pass.participant.folders

    def allows(self, scope: Scope) -> bool:
        participant = self._pass.participant
        return self._passes.is_current(self._pass) and participant.allows(Scope.GATEWAY) and participant.allows(scope)

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        return self._pass.participant.on_change(callback)
