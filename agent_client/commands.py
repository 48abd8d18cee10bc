"""`consentry share`: the one command that a customer runs."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated

import structlog
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.broker_link import BrokerLink
from agent_client.completing import complete_what_was_left
from agent_client.faces.face import Face
from agent_client.home import HOME_VARIABLE, RECEIPTS_FOLDER, HomeUnusable, state_folder
from agent_client.host import Host, harden_process, this_host
from agent_client.live import RECORDS_PATH, SessionIdentity
from agent_client.pins import Pins
from agent_client.recorder.deliver import deliver_spools
from agent_client.recorder.redaction import RedactionRules
from agent_client.recorder.upload import Connect
from agent_client.session import SessionSettings, SupportSession
from agent_client.showing import local_page, plain_face, share_on_page
from agent_client.ssh.host_keys import HostKeys
from protocol.details import system_reason
from protocol.errors import InputError
from protocol.grants import Scope, with_implied
from protocol.messages.agent import AskForHelp
from protocol.profile import Profile
from protocol.share_url import ShareUrl, parse_share_url
from tunnel.control import connect_websocket
from tunnel.event_loop import run
from tunnel.tasks import TaskGroupOwner
from tunnel.trust import FetchedProfile, fetch_signed_profile
from wording import Wording, detect_language

FOLDERS_LIMIT = 32
"""What an engineer's program is told of at most (`Granted.folders`)."""


class RootNotWanted(InputError):
    """As root, every grant is a grant of the whole machine."""

    sentence = (
        "This would share the whole machine: the agent runs as the system's administrator. Run it as a normal user, "
        "or say --as-root if that is what is needed."
    )


class FolderMissing(InputError):
    sentence = "There is no folder {path}. Name one that exists with --folder."


class WordsUnusable(InputError):
    """For the queue: empty, or longer than it takes."""

    sentence = "--ask takes 1 to 500 characters and --name up to 100; what is wrong has {length} here."


class TooManyFolders(InputError):
    sentence = "At most {limit} folders can be shared, and {count} were named. Name a folder that holds them."


def share(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", envvar="CONSENTRY_BROKER")],
    folder: Annotated[list[Path] | None, typer.Option("--folder", "-f", metavar="DIR")] = None,
    redact: Annotated[Path | None, typer.Option("--redact", metavar="FILE")] = None,
    only: Annotated[list[Scope] | None, typer.Option("--only", metavar="SCOPE")] = None,
    ask: Annotated[str | None, typer.Option("--ask", metavar="TEXT")] = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME")] = "",
    page: Annotated[bool | None, typer.Option("--page/--no-page")] = None,
    json_lines: Annotated[bool, typer.Option("--json")] = False,
    as_root: Annotated[bool, typer.Option("--as-root")] = False,
    home: Annotated[Path | None, typer.Option("--home", envvar=HOME_VARIABLE, metavar="DIR")] = None,
) -> None:
    host = this_host()
    if host.is_root and not as_root:
        raise RootNotWanted
    harden_process()
    state = state_folder(home)
    rules = RedactionRules.load()
    if redact:
        rules = rules.with_more(RedactionRules.load(redact))
    settings = SessionSettings(
        state=state / "agent",
        folders=_folders(folder or [host.home]),
        rules=rules,
        ask=_ask_for_help(ask, name, host),
        offered=with_implied(only) if only else frozenset(Scope),
    )
    wording = Wording(detect_language(os.environ))
    shown_on = local_page(wording, host, wanted=page, json_lines=json_lines)
    face = shown_on or plain_face(wording, json_lines=json_lines)
    _log_to(settings.state)

    def share_with(face: Face) -> Coroutine[None, None, None]:
        return _share(address, settings, host, face, wording)

    run(share_on_page(shown_on, wording, share_with) if shown_on is not None else share_with(face))


def _ask_for_help(words: str | None, name: str, host: Host) -> AskForHelp | None:
    """Raises WordsUnusable."""
    if words is None:
        return None
    words, name = words.strip(), " ".join(name.split()) or f"{host.user_name}@{host.label}"
    if not 0 < len(words) <= 500 or len(name) > 100:
        raise WordsUnusable(length=len(words))
    return AskForHelp(customer=name, words=words)


def _folders(named: list[Path]) -> tuple[Path, ...]:
    folders = tuple(folder.expanduser().resolve() for folder in named)
    for folder in folders:
        if not folder.is_dir():
            raise FolderMissing(path=folder)
    if len(folders) > FOLDERS_LIMIT:
        raise TooManyFolders(count=len(folders), limit=FOLDERS_LIMIT)
    return folders


def _log_to(state: Path) -> None:
    """The screen belongs to the customer: what programmers want to know goes into a file beside the spool.

    Raises HomeUnusable: it is the first that is written there.
    """
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        log_file = (state / "agent.log").open("a", encoding="utf-8")
    except OSError as error:
        raise HomeUnusable(path=state, variable=HOME_VARIABLE, problem=system_reason(error)) from None
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=log_file),
    )


async def _share(address: str, settings: SessionSettings, host: Host, face: Face, wording: Wording) -> None:
    pins = Pins(settings.state)
    pinned = pins.pinned_address(parse_share_url(address))
    pin = pins.find(pinned.origin)
    fetched = await fetch_signed_profile(pinned, at_least_version=pin.profile_version if pin else 0)
    pins.remember(fetched.profile, fetched.root_key)
    signing_key = Ed25519PrivateKey.generate()
    background = TaskGroupOwner()
    background.start(_make_up_for_last_time(settings.state, fetched.profile.broker_origin), name="last-time")
    link = BrokerLink(fetched.profile, agent_key=signing_key.public_key().public_bytes_raw(), language=wording.language)
    identity = SessionIdentity(
        profile=fetched.profile,
        root_key=fetched.root_key,
        opened=await link.open(),
        signing_key=signing_key,
        host_keys=HostKeys.generate(),
        host=host,
        profile_note=fetched.note,
        fetch_newer=partial(_fetch_newer, pins, ShareUrl(fetched.profile.broker_origin, fetched.root_key)),
    )
    try:
        async with face:
            session = SupportSession(identity, link, settings, face, wording)
            loop = asyncio.get_running_loop()
            for ending in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                loop.add_signal_handler(ending, partial(session.end, "customer-ended"))
            await session.run()
    finally:
        await background.aclose()


async def _fetch_newer(pins: Pins, broker: ShareUrl, known_version: int) -> FetchedProfile:
    fetched = await fetch_signed_profile(broker, at_least_version=known_version)
    pins.remember(fetched.profile, fetched.root_key)
    return fetched


async def _make_up_for_last_time(state: Path, origin: str) -> None:
    """Records that were not delivered, then receipts that lack what the log knows by now."""

    def connect_for(profile: Profile) -> Connect:
        return partial(connect_websocket, profile, RECORDS_PATH)

    await deliver_spools(state, connect_for=connect_for)
    await complete_what_was_left(state / RECEIPTS_FOLDER, state, origin)
