"""A broker's life: what is looked at when it starts, in which order, and what goes on until it stops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from broker.http_api.application import Lifespan
from broker.organisation.folder import OrganisationFolder
from broker.organisation.key_dates import KeyDates, keys_in_force
from broker.services import Services
from broker.ssh_gateway.host_key import host_key
from protocol.errors import ConsentryError
from serving.background import keep_running

log = structlog.get_logger(__name__)

HOUSEKEEPING_SECONDS = 1.0
"""Deadlines are minutes and half-minutes; a second late is soon enough."""


def lifespan_of(services: Services, on_refused: Callable[[ConsentryError], None]) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                await _meet_keys(services)
                await start(services, stack)
            except ConsentryError as error:
                on_refused(error)
                raise
            app.state.services = services
            keep_running(stack, partial(_keep_house, services), name="housekeeping")
            stack.callback(services.webhook_sender.close)
            keep_running(stack, services.courier.run, name="webhooks")
            yield

    return lifespan


async def start(services: Services, stack: AsyncExitStack) -> None:
    """Everything that looks at what is on the disk, in the order in which one needs the other."""
    stack.push_async_callback(services.database.aclose)
    if sealed := await services.users.seal_secrets():
        log.info("secrets_sealed", count=sealed)
    await services.records.start()
    stack.push_async_callback(services.records.aclose)
    await services.log.start()
    stack.push_async_callback(services.log.aclose)
    stack.push_async_callback(services.logbook.aclose)
    await services.logbook.profile_in_force(services.organisation.profile.version, services.organisation.profile_note)
    await services.sessions.start()
    await _close_left_open(services)
    for session_id in await services.waiting_room.start():
        if (asking := await services.session_store.find(session_id)) is None or asking.state == "ended":
            await services.waiting_room.session_ended(session_id)
    await services.board.start()
    gateway, settings = services.ssh_gateway, services.settings
    if gateway is not None and settings.ssh_gateway_port is not None:
        folder = OrganisationFolder(settings.data_folder)
        key = await asyncio.to_thread(host_key, folder, services.clock.unix_ms())
        await gateway.start(settings.listen_host, settings.ssh_gateway_port, key)
        stack.push_async_callback(gateway.aclose)


async def _meet_keys(services: Services) -> None:
    """Of keys from before it was written down when they were made, it is written down that they were here by now."""
    organisation, dates = services.organisation, KeyDates(OrganisationFolder(services.settings.data_folder))
    known = keys_in_force(organisation.root_public_key, organisation.profile)
    await asyncio.to_thread(dates.write_down, services.clock.unix_ms(), met=known)


async def _close_left_open(services: Services) -> None:
    """A broker may die after it noted a session's end and before it noted it beside the recording and in the log."""
    left_open = await services.records.sessions_not_closed() + await services.logbook.sessions_not_closed()
    for session_id in dict.fromkeys(left_open):
        session = await services.session_store.find(session_id)
        if session is not None and session.state == "ended":
            try:
                await services.close_recording(session)
            except ConsentryError:
                log.warning("recording_left_open", session=session_id.hex())  # the next start tries again


async def _keep_house(services: Services) -> None:
    """Time passes for codes and sessions; who was disabled, or whose login was revoked, loses their connections.

    Both may have been decided by `consentry admin`, which is another process.
    """
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            await services.board.handle_time()
            await services.sessions.handle_time()
            await services.waiting_room.handle_time()
            services.logbook.handle_time()
            engineers = services.sessions.engineers()
            for user_id in (await services.users.disabled() & engineers) if engineers else ():
                services.sessions.shut_out(user_id)
                if services.ssh_gateway is not None:
                    services.ssh_gateway.shut_out(user_id)
            await services.cut_off_revoked()
        except (SQLAlchemyError, ConsentryError):
            # A database that is locked for a moment must not stop the clock for every other session.
            log.exception("housekeeping_failed")
