"""One file per family of figures. Each has `measure(bench) -> list[Result]`; its docstring says what is timed."""

from bench.core.workbench import Family
from bench.families import (
    acks,
    browser,
    bulk,
    cli_transfer,
    code_to_prompt,
    connect,
    echo,
    flood,
    gateway,
    index_build,
    live_tail,
    log,
    memory,
    pages,
    recording,
    relay,
    search,
    seek,
    sftp,
    storm,
    wan,
)

FAMILIES: dict[str, Family] = {
    "connect": connect.measure,
    "echo": echo.measure,
    "browser": browser.measure,
    "pages": pages.measure,
    "code_to_prompt": code_to_prompt.measure,
    "flood": flood.measure,
    "recording": recording.measure,
    "bulk": bulk.measure,
    "sftp": sftp.measure,
    "gateway": gateway.measure,
    "cli_transfer": cli_transfer.measure,
    "wan": wan.measure,
    "relay": relay.measure,
    "memory": memory.measure,
    "acks": acks.measure,
    "log": log.measure,
    "storm": storm.measure,
    "seek": seek.measure,
    "live_tail": live_tail.measure,
    "index_build": index_build.measure,
    "search": search.measure,
}
"""In the order in which they run: what is most disturbed by dirty pages first."""

ASKED_FOR = ("pages",)
"""Not of a whole run: it installs Lighthouse, takes minutes and has no peer. `make pages` asks for it."""
