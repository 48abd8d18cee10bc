"""Teams as a whole, for administrators. Who is in which is set for each person (people.py).

GET  /v1/teams           which there are, and how many people each has
POST /v1/teams/rename    another name for one of them, and all who are in it
"""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.people import TeamText
from broker.organisation.people import Permission
from broker.organisation.teams import check_team, teams_of
from serving.http.encoding import Strict
from serving.identity.events import IdentityEvent
from serving.identity_api.devices import visit_of

router = APIRouter(prefix="/v1/teams", dependencies=[needs(Permission.PEOPLE)])


class TeamEntry(BaseModel):
    """`team` is empty for those who are in none."""

    team: str
    people: int


class TeamsAnswer(BaseModel):
    teams: list[TeamEntry]


class TeamRenameBody(Strict):
    team: TeamText
    name: TeamText


@router.get("")
async def teams(services: TheServices) -> TeamsAnswer:
    """The teams by name, and last those who are in none."""
    counts = teams_of(await services.users.all())
    return TeamsAnswer(teams=[TeamEntry(team=team, people=people) for team, people in counts.items()])


@router.post("/rename")
async def rename(body: TeamRenameBody, caller: TheCaller, request: Request, services: TheServices) -> TeamEntry:
    """Sessions of before stay with the name of then. Raises TeamNameUnusable, TeamUnknown, TeamTaken."""
    name = check_team(body.name)
    people = await services.users.rename_team(check_team(body.team), name)
    facts: dict[str, str | int | bool] = {"team": name, "team_before": body.team, "people": people}
    address = visit_of(request).address
    await services.events.note(IdentityEvent("team_renamed", caller.user.user_name, "", address, facts))
    return TeamEntry(team=name, people=people)
