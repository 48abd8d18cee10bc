"""One engineer in the session: who they are, and what they may do at this moment."""

from collections.abc import Callable, Iterable
from pathlib import Path

from agent_client.faces.notices import Present
from agent_client.host import unix_ms
from protocol.certificates import EngineerCertificate
from protocol.grants import Grant, GrantMachine, NotYourTurn, Scope
from protocol.messages.control import Granted, RequestAccess
from protocol.messages.fields import Language


class Participant:
    """Fulfils `agent_client.access.Access` by asking the grant machine, every time.

    Nothing is allowed before `admit`: a grant counts when the recording that holds it is open. Whoever has left may be
    let in again, as the same participant.
    """

    def __init__(
        self,
        number: int,
        certificate: EngineerCertificate,
        request: RequestAccess,
        machine: GrantMachine,
        folders: tuple[Path, ...],
        *,
        clock: Callable[[], int] = unix_ms,
    ) -> None:
        self.certificate = certificate
        self.request = request
        self.machine = machine
        self._clock = clock
        self._number = number
        self._folders = folders
        self._admitted = False
        self._callbacks: list[Callable[[], None]] = []
        self.granted_ever: frozenset[Scope] = frozenset()
        """What this engineer was able to do at some time of the session; empty for one who was never let in."""

    @property
    def participant(self) -> int:
        return self._number

    @property
    def name(self) -> str:
        return self.certificate.name

    @property
    def ssh_user_key(self) -> bytes:
        return self.request.ssh_user_key

    @property
    def folders(self) -> tuple[Path, ...]:
        return self._folders

    @property
    def is_admitted(self) -> bool:
        """Let in, and not gone since."""
        return self._admitted

    @property
    def scopes(self) -> frozenset[Scope]:
        return self.machine.grant.scopes if self.machine.grant else frozenset()

    @property
    def expires_at_ms(self) -> int:
        return self.machine.grant.expires_at_ms if self.machine.grant else 0

    def allows(self, scope: Scope) -> bool:
        return self._admitted and self.machine.allows(scope, self._clock())

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    def ask(self, request: RequestAccess, place: Grant | None = None, *, scopes: Iterable[Scope] | None = None) -> None:
        """A first request, or another one after a refusal or an end; with `place`, for that of somebody who is in.

        `scopes` are those of the request that can be had here, by default all.
        Raises what `GrantMachine.ask` and `ask_place` do.
        """
        if place is None:
            self.machine.ask(request.scopes if scopes is None else scopes, request.minutes, self._clock())
        elif self.machine.grant is None:
            self.machine.ask_place(place, self._clock())
        else:
            raise NotYourTurn(problem="a first request of somebody who is in")
        self.request = request

    def admit(self) -> None:
        self._admitted = True
        self.changed()

    def leave(self) -> None:
        """Nothing is allowed any more; another consent is needed to come back."""
        self._admitted = False

    def changed(self) -> None:
        """Tell whoever has something running, or a question standing, to look again at what is granted and asked."""
        if self._admitted:
            self.granted_ever |= self.scopes
        for callback in tuple(self._callbacks):
            callback()

    def present(self) -> Present:
        return Present(self._number, self.name, self.certificate.staff_number, self.scopes, self.expires_at_ms)

    def granted(self, *, user_name: str, host_label: str, language: Language) -> Granted:
        """What the engineer's program is told."""
        return Granted(
            scopes=tuple(sorted(self.scopes)),
            expires_at_ms=self.expires_at_ms,
            user_name=user_name,
            host_label=host_label,
            folders=tuple(str(folder) for folder in self._folders),
            language=language,
        )
