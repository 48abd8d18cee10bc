"""Engineers' programs that asked what goes on: each is told what was said, and whether work stands still.

Only who is in is told, and is told from where it stopped: a program that was away, or an engineer who was let in later,
reads what was written before. What was said is in the recording that everybody in the session consented to.
"""

from collections.abc import Callable
from dataclasses import dataclass

from agent_client.chat import Chat
from agent_client.conversation import Conversation
from agent_client.participant import Participant
from protocol.messages.control import PausedBy, Said, SessionMoved

UNHEARD_LIMIT_BYTES = 2 * 1024 * 1024
"""More than all lines that are remembered. A program that is further behind does not read: it may ask again."""


@dataclass(slots=True)
class _Follower:
    told: int
    """The number of the last line that it knows."""
    paused_by: tuple[PausedBy, ...] | None = None


class Followers:
    """`who_is_in` answers by a pairing's id, at every single telling."""

    def __init__(self, chat: Chat, who_is_in: Callable[[bytes], Participant | None]) -> None:
        self._chat = chat
        self._who_is_in = who_is_in
        self._followers: dict[Conversation, _Follower] = {}
        self._paused_by: dict[PausedBy, None] = {}

    def follow(self, conversation: Conversation, after: int) -> None:
        """Answers at once, and tells from then on. Who asks twice is hung up on: each answer may be long."""
        if conversation in self._followers:
            self._hang_up(conversation)
            return
        self._followers[conversation] = _Follower(after)
        self._tell(conversation)

    def forget(self, conversation: Conversation) -> None:
        self._followers.pop(conversation, None)

    def paused(self, by: PausedBy, is_paused: bool) -> None:
        """One of the reasons to stand still has come or gone."""
        if is_paused:
            self._paused_by[by] = None
        else:
            self._paused_by.pop(by, None)
        self.tell_all()

    def tell_all(self) -> None:
        """Whatever there is that somebody does not know yet."""
        for conversation in tuple(self._followers):
            self._tell(conversation)

    def _tell(self, conversation: Conversation) -> None:
        if conversation.unheard_bytes > UNHEARD_LIMIT_BYTES:
            self._hang_up(conversation)
            return
        follower = self._followers[conversation]
        participant = self._who_is_in(conversation.pairing_id)
        paused_by = tuple(self._paused_by) if participant else ()
        if follower.paused_by != paused_by:
            follower.paused_by = paused_by
            newest = self._chat.newest if participant else 0
            conversation.tell(SessionMoved(paused_by=paused_by, newest_line=newest))
        if participant is None:
            return
        for line in self._chat.lines_after(follower.told):
            follower.told = line.number
            conversation.tell(
                Said(
                    number=line.number,
                    participant=line.participant,
                    name=line.name,
                    said_at_ms=line.said_at_ms,
                    text=line.text,
                    mine=line.participant == participant.participant,
                )
            )

    def _hang_up(self, conversation: Conversation) -> None:
        self.forget(conversation)
        conversation.close()
