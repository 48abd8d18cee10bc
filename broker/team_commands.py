"""`consentry admin team …`: who is in which team, on the broker's own machine."""

from typing import Annotated

import typer

from broker.command_line import DataOption, JsonOption, founded, hint, own_wording, print_json, with_database
from broker.organisation.teams import check_team, teams_of
from broker.people_tools import find_person, note_event, users_in
from serving.database import Database

UserArgument = Annotated[str, typer.Argument(metavar="USER")]
TeamArgument = Annotated[str, typer.Argument(metavar="TEAM")]

teams = typer.Typer(no_args_is_help=True)


@teams.command("list")
def team_list(data: DataOption = None, as_json: JsonOption = False) -> None:
    settings = founded(data)
    people = with_database(settings, lambda database: users_in(settings, database).all())
    counts = teams_of(people)
    if as_json:
        print_json([{"team": team, "people": count} for team, count in counts.items()])
        return
    say = own_wording().say
    for team, count in counts.items():
        names = ", ".join(one.user_name for one in people if one.team == team)
        print(say("broker-team-line", team=team or say("broker-team-none"), count=count, names=names))
    if not any(counts):
        hint(say("broker-no-teams"))


@teams.command("set")
def team_set(user_name: UserArgument, team: TeamArgument, data: DataOption = None) -> None:
    name = check_team(team)
    _put(user_name, name, data)
    print(own_wording().say("broker-team-set", user=user_name, team=name))


@teams.command("clear")
def team_clear(user_name: UserArgument, data: DataOption = None) -> None:
    _put(user_name, "", data)
    print(own_wording().say("broker-team-cleared", user=user_name))


@teams.command("rename")
def team_rename(
    team: TeamArgument, name: Annotated[str, typer.Argument(metavar="NAME")], data: DataOption = None
) -> None:
    settings = founded(data)
    before, after = check_team(team), check_team(name)

    async def rename(database: Database) -> int:
        people = await users_in(settings, database).rename_team(before, after)
        await note_event(database, "team_renamed", "", team=after, team_before=before, people=people)
        return people

    print(own_wording().say("broker-team-renamed", team=after, count=with_database(settings, rename)))


def _put(user_name: str, team: str, data: DataOption) -> None:
    settings = founded(data)

    async def put(database: Database) -> None:
        one = await find_person(settings, database, user_name)
        await users_in(settings, database).set_team(one, team)
        await note_event(database, "team_changed", one.user_name, team=team, team_before=one.team)

    with_database(settings, put)
