"""Teams: by what lists and figures tell people apart. A team is a name, which people have, at most one each; no right.

A session keeps its engineers' teams as they were when they paired: whoever moves on, or renames a team, changes no
figure of before (docs/decisions/0044).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from broker.organisation.engineers import Engineer, EngineerStore
from protocol.errors import InputError, RefusedError
from serving.identity.events import IdentityEvent, NoteEvent
from serving.identity.openid.claims import PROVIDER, ProviderPerson, first_of
from serving.identity.users import UserTextUnusable, check_shown_text

NO_TEAM = "-"
"""What stands for no team where lists are asked for one; no team is called so."""


class TeamNameUnusable(InputError):
    sentence = "A team's name has 1 to 64 visible characters, a letter or a digit among them."


class TeamUnknown(RefusedError):
    sentence = "Nobody is in a team {team}. `consentry admin team list` shows the teams."


class TeamTaken(RefusedError):
    """Two teams that became one by a slip of the hand could not be told apart again."""

    sentence = "There is a team {team} already. Move its people one by one."


def check_team(text: str) -> str:
    """The name in the form that is kept. Raises TeamNameUnusable."""
    try:
        team = check_shown_text(text, "team")
    except UserTextUnusable:
        raise TeamNameUnusable from None
    if not any(character.isalnum() for character in team):
        raise TeamNameUnusable
    return team


def check_team_or_none(text: str) -> str:
    """As `check_team`; nothing, or nothing but spaces, is no team."""
    return check_team(text) if text.strip() else ""


def teams_of(people: Iterable[Engineer]) -> dict[str, int]:
    """How many are in each, by name; the empty one, last, are those in none."""
    counts = Counter(one.team for one in people)
    return {team: counts[team] for team in sorted(counts, key=lambda team: (not team, team))}


def added_facts(one: Engineer) -> dict[str, str]:
    """What is noted of somebody who was added."""
    return {"role": one.role} | ({"team": one.team} if one.team else {})


@dataclass(frozen=True)
class ProviderTeams:
    """Who comes in by the OpenID provider is in the team of the first group in `teams` that they have, or in none.

    Where `teams` says nothing, teams are the administrators' business alone.
    """

    teams: Sequence[tuple[str, str]]
    users: EngineerStore

    async def settle(self, one: Engineer, person: ProviderPerson, address: str, note: NoteEvent) -> Engineer:
        team = first_of(person.groups, self.teams) or ""
        if not self.teams or team == one.team:
            return one
        facts = {"team": team, "team_before": one.team}
        changed = await self.users.set_team(one, team)
        await note(IdentityEvent("team_changed", PROVIDER, one.user_name, address, facts))
        return changed
