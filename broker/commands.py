"""`consentry serve` and `consentry admin`: thin functions, run on the broker's own machine by somebody who may.

What was asked for goes to standard output; hints go to standard error. With `--json` there is one JSON document and no
hint. Help and examples are in `wording/`, under the command's name. Everything is written straight to the data folder:
there is no set-up over the network.
"""

import base64
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import structlog
import typer

from broker.command_line import DataOption, JsonOption, founded, hint, own_wording, print_json, with_database
from broker.config import load_settings
from broker.organisation.folder import OrganisationFolder
from broker.organisation.founding import change_profile, found_organisation
from broker.organisation.organisation import Organisation, load_organisation
from broker.people_commands import events, people
from broker.sessions.session import SessionState
from broker.storage.audit_feed import SqlAuditServices
from broker.storage.sessions import SqlSessions
from broker.storage.users import SqlUsers
from broker.team_commands import teams
from protocol.cosignature import parse_witness_vkey
from protocol.errors import InputError
from protocol.profile import AuditRecipient, ProfileWitness, decode_recipient
from protocol.signed_note import NoteError
from serving.clock import SystemClock
from serving.database import Database
from serving.identity.secret_box import load_secret_box
from serving.identity.tokens import hash_of_token, new_token
from serving.identity.users import check_shown_text, check_user_name
from serving.logs import set_up_logs
from serving.private_files import read_file

RecipientOption = Annotated[list[Path], typer.Option("--audit-recipient", metavar="FILE")]
WitnessPolicy = Literal["required", "optional"]
CertificateChange = Literal["new", "none"]
EngineerCaChange = Literal["new", "compromised"]
OutputPolicy = Literal["bounded", "strict"]

log = structlog.get_logger(__name__)


class WitnessUnreadable(InputError):
    sentence = "{text} names no witness. Write its key and its address: --witness name+id+key=https://witness.example"


class NothingToChange(InputError):
    sentence = "Nothing to change was named. See: consentry admin profile update --help"


def serve_broker(options: dict[str, object], *, no_audit_in: Path | None) -> int:
    """What `consentry serve` does for the broker's part; options are named as settings.

    `no_audit_in` is the folder in which no audit service was set up, if one was looked for.
    """
    settings = load_settings(**options)
    # uvicorn and FastAPI take half a second to import, which `consentry admin` need not wait for.
    from broker import server

    set_up_logs(settings.log_format, settings.log_level)
    if no_audit_in is not None:
        log.info("no_audit_service_here", folder=str(no_audit_in), only="broker")
    return server.serve(settings)


admin = typer.Typer(no_args_is_help=True, add_completion=False)
profile = typer.Typer(no_args_is_help=True)
audit_service = typer.Typer(no_args_is_help=True)
admin.add_typer(profile, name="profile")
admin.add_typer(people, name="user")
admin.add_typer(teams, name="team")
admin.command("events")(events)
admin.add_typer(audit_service, name="audit-service")


@admin.callback()
def _admin() -> None:
    # Standard output is for what was asked for: what the parts log goes to standard error, and only if it matters.
    set_up_logs("console", "warning")


@admin.command("init")
def init(
    name: Annotated[str, typer.Option("--name", metavar="NAME")],
    origin: Annotated[str, typer.Option("--origin", metavar="URL")],
    audit_recipient: RecipientOption,
    tls_name: Annotated[list[str] | None, typer.Option("--tls-name", metavar="HOST")] = None,
    output_policy: Annotated[OutputPolicy, typer.Option("--output-policy")] = "bounded",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    settings = load_settings(data_folder=data)
    organisation = found_organisation(
        settings,
        name=check_shown_text(name, "organisation's name"),
        origin=origin,
        audit_recipients=_recipients(audit_recipient),
        names=tls_name or (),
        output_policy=output_policy,
    )
    say = own_wording().say
    if as_json:
        print_json(_facts_of(organisation))
        return
    print(organisation.share_url)
    hint(say("broker-founded", organisation=name, folder=str(settings.data_folder)))
    hint(say("broker-founded-next"))


@admin.command("status")
def status(data: DataOption = None, as_json: JsonOption = False) -> None:
    settings = load_settings(data_folder=data)
    organisation = load_organisation(settings)

    box = load_secret_box(OrganisationFolder(settings.data_folder).identity_key)

    async def read(database: Database) -> tuple[int, dict[SessionState, int]]:
        return len(await SqlUsers(database, box).all()), await SqlSessions(database).count_by_state()

    users, sessions = with_database(settings, read)
    if as_json:
        print_json(_facts_of(organisation) | {"users": users, "sessions": sessions})
        return
    say = own_wording().say
    print(say("broker-status-organisation", organisation=organisation.profile.organisation))
    print(say("broker-status-address", address=str(organisation.share_url)))
    print(say("broker-status-users", users=users))
    open_sessions = sum(count for state, count in sessions.items() if state != "ended")
    print(say("broker-status-sessions", open=open_sessions, ended=sessions["ended"]))


@profile.command("show")
def profile_show(data: DataOption = None, as_json: JsonOption = False) -> None:
    organisation = load_organisation(load_settings(data_folder=data))
    if as_json:
        print_json(_facts_of(organisation))
    else:
        sys.stdout.write(organisation.profile_note.decode())


@profile.command("update")
def profile_update(
    origin: Annotated[str | None, typer.Option("--origin", metavar="URL")] = None,
    audit_recipient: Annotated[list[Path] | None, typer.Option("--audit-recipient", metavar="FILE")] = None,
    output_policy: Annotated[OutputPolicy | None, typer.Option("--output-policy")] = None,
    max_minutes: Annotated[int | None, typer.Option("--max-minutes", metavar="MINUTES")] = None,
    resume_window: Annotated[int | None, typer.Option("--resume-window", metavar="SECONDS")] = None,
    browser: Annotated[bool | None, typer.Option("--browser/--no-browser")] = None,
    ssh_gateway: Annotated[bool | None, typer.Option("--ssh-gateway/--no-ssh-gateway")] = None,
    witness: Annotated[list[str] | None, typer.Option("--witness", metavar="VKEY=URL")] = None,
    no_witnesses: Annotated[bool, typer.Option("--no-witnesses")] = False,
    witness_policy: Annotated[WitnessPolicy | None, typer.Option("--witness-policy")] = None,
    engineer_ca: Annotated[EngineerCaChange | None, typer.Option("--engineer-ca")] = None,
    certificate: Annotated[CertificateChange | None, typer.Option("--certificate")] = None,
    tls_name: Annotated[list[str] | None, typer.Option("--tls-name", metavar="HOST")] = None,
    new_log: Annotated[bool, typer.Option("--new-log")] = False,
    replace_lost_log: Annotated[bool, typer.Option("--replace-lost-log")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    named = {
        "broker_origin": origin,
        "audit_recipients": _recipients(audit_recipient) if audit_recipient else None,
        "output_policy": output_policy,
        "max_minutes": max_minutes,
        "resume_window_seconds": resume_window,
        "browser_allowed": browser,
        "ssh_gateway_allowed": ssh_gateway,
        "witnesses": [_witness(one) for one in witness] if witness else [] if no_witnesses else None,
        # Else `consentry serve` would name the audit service of this machine: nobody had decided otherwise.
        "witness": witness_policy or ("optional" if no_witnesses and not witness else None),
        "engineer_ca": engineer_ca,
        "certificate": certificate,
        "names": tls_name,
        "new_log": new_log or None,
        "replace_lost_log": replace_lost_log or None,
    }
    changes: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    if not changes:
        raise NothingToChange
    organisation = change_profile(load_settings(data_folder=data), **changes)
    if as_json:
        print_json(_facts_of(organisation))
    else:
        print(own_wording().say("broker-profile-updated", version=str(organisation.profile.version)))


@audit_service.command("add")
def audit_service_add(
    name: Annotated[str, typer.Argument(metavar="NAME")], data: DataOption = None, as_json: JsonOption = False
) -> None:
    settings = founded(data)
    name, token = check_user_name(name), new_token()
    token_hash = hash_of_token(token)
    assert token_hash is not None
    now_ms = SystemClock().unix_ms()
    with_database(settings, lambda database: SqlAuditServices(database).add(name, token_hash, now_ms))
    if as_json:
        print_json({"name": name, "token": token})
        return
    print(token)
    hint(own_wording().say("broker-audit-service-added", name=name))


@audit_service.command("list")
def audit_service_list(data: DataOption = None, as_json: JsonOption = False) -> None:
    found = with_database(founded(data), lambda database: SqlAuditServices(database).all())
    if as_json:
        print_json([{"name": one.name, "created_at_ms": one.created_at_ms} for one in found])
        return
    for one in found:
        print(one.name)
    if not found:
        hint(own_wording().say("broker-no-audit-services"))


@audit_service.command("remove")
def audit_service_remove(name: Annotated[str, typer.Argument(metavar="NAME")], data: DataOption = None) -> None:
    with_database(founded(data), lambda database: SqlAuditServices(database).remove(name))
    print(own_wording().say("broker-audit-service-removed", name=name))


def _recipients(files: list[Path]) -> tuple[AuditRecipient, ...]:
    return tuple(decode_recipient(read_file(file)) for file in files)


def _witness(text: str) -> ProfileWitness:
    # A key ends in base64, which may end in equals signs; an address does not begin with one.
    vkey, separator, url = text.partition("=http")
    try:
        parse_witness_vkey(vkey if separator else "")
    except NoteError:
        raise WitnessUnreadable(text=text) from None
    return ProfileWitness(vkey, f"http{url}")


def _facts_of(organisation: Organisation) -> dict[str, Any]:
    facts = organisation.profile
    return {
        "organisation": facts.organisation,
        "share_url": str(organisation.share_url),
        "profile_version": facts.version,
        "broker_origin": facts.broker_origin,
        "engineer_ca_key": base64.b64encode(facts.engineer_ca_key).decode(),
        "former_engineer_cas": [
            {"public_key": base64.b64encode(one.public_key).decode(), "until_ms": one.until_ms}
            for one in facts.former_cas
        ],
        "output_policy": facts.output_policy,
        "max_minutes": facts.max_minutes,
        "resume_window_seconds": facts.resume_window_seconds,
        "browser_allowed": facts.browser_allowed,
        "ssh_gateway_allowed": facts.allows_ssh_gateway,
        "log": msgspec.to_builtins(facts.log),
        "audit_recipients": [
            {"key_id": recipient.key_id.hex(), "suite": recipient.suite, "not_after_ms": recipient.not_after_ms}
            for recipient in facts.audit_recipients
        ],
    }
