"""An audit service's life: what is made ready when it starts, and what goes on until it stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from fastapi import FastAPI

from audit.service.http_api.application import Lifespan
from audit.service.intake import Intake
from audit.service.key_watch import KeyWatch
from audit.service.pull_loop import keep_pulling
from audit.service.reading import Reader
from audit.service.services import AuditServices
from audit.witness import WitnessStore
from serving.background import keep_running

log = structlog.get_logger(__name__)


def lifespan_of(
    services: AuditServices, intake: Intake, intake_reader: Reader, witness_store: WitnessStore, key_watch: KeyWatch
) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(services.database.aclose)
            stack.callback(witness_store.close)
            stack.callback(services.feed.close)
            for reader in (services.reader, intake_reader):
                stack.push_async_callback(reader.aclose)
            stack.push_async_callback(services.siem.aclose)
            stack.push_async_callback(services.indexing.aclose)
            stack.push_async_callback(services.search.aclose)
            if sealed := await services.users.seal_secrets():
                log.info("secrets_sealed", count=sealed)
            await asyncio.to_thread(services.store.prepare)
            await asyncio.to_thread(services.index_shelf.prepare)
            await services.quality.open()
            keep_running(stack, services.puller.run, name="puller")
            keep_running(stack, intake.run, name="intake")
            keep_running(stack, partial(keep_pulling, "decisions", services.decision_pull.pull), name="decisions")
            keep_running(stack, partial(keep_pulling, "requests", services.request_pull.pull), name="requests")
            keep_running(stack, services.siem.run, name="siem")
            keep_running(stack, services.indexing.run, name="indexing")
            keep_running(stack, services.scheduled_erase.run, name="scheduled-erase")
            keep_running(stack, services.retainer.run, name="retention")
            keep_running(stack, services.log_entries.run, name="log-entries")
            keep_running(stack, services.mark_rules.run, name="mark-rules")
            keep_running(stack, key_watch.run, name="key-watch")
            app.state.services = services
            yield

    return lifespan
