"""`consentry serve`: the broker and the audit service, each a process of its own, under one command.

The process that faces the network holds no key and no code that could open a recording. This one, which starts both,
holds nothing at all: it passes signals on, and when one of the two ends it ends the other. It restarts nothing; that is
for the system's service manager, which sees the exit status.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal

import structlog
import typer

from protocol.errors import UnavailableError
from serving.lifeline import stop_on_hangup, stop_with_parent
from serving.logs import set_up_logs
from serving.quick_start import undisturbed_imports

log = structlog.get_logger(__name__)

STOP_WITHIN_SECONDS = 15.0

Part = Literal["broker", "audit"]


class PartEnded(UnavailableError):
    """One of the two processes stopped without being asked."""

    sentence = "The {part} process ended by itself with status {status}; the other one was stopped. Its log says why."


def serve(
    role: Annotated[Literal["all", "broker", "audit"], typer.Option("--role")] = "all",
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", envvar="CONSENTRY_DATA_FOLDER")] = None,
    host: Annotated[str | None, typer.Option("--host", envvar="CONSENTRY_LISTEN_HOST", metavar="HOST")] = None,
    port: Annotated[int | None, typer.Option("--port", envvar="CONSENTRY_LISTEN_PORT", metavar="PORT")] = None,
    tls: Annotated[Literal["own", "given", "off"] | None, typer.Option("--tls", envvar="CONSENTRY_TLS")] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", metavar="FILE", envvar="CONSENTRY_TLS_CERTIFICATE")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", envvar="CONSENTRY_TLS_KEY")] = None,
    audit_data: Annotated[
        Path | None, typer.Option("--audit-data", metavar="DIR", envvar="CONSENTRY_AUDIT_DATA_FOLDER")
    ] = None,
    audit_host: Annotated[
        str | None, typer.Option("--audit-host", envvar="CONSENTRY_AUDIT_LISTEN_HOST", metavar="HOST")
    ] = None,
    audit_port: Annotated[
        int | None, typer.Option("--audit-port", envvar="CONSENTRY_AUDIT_LISTEN_PORT", metavar="PORT")
    ] = None,
    log_format: Annotated[
        Literal["json", "console"] | None, typer.Option("--log-format", envvar="CONSENTRY_LOG_FORMAT")
    ] = None,
    supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False,
) -> int:
    stop_on_hangup()
    if supervised:
        stop_with_parent()
    broker_options = {
        "--data": data, "--host": host, "--port": port, "--tls": tls,
        "--tls-certificate": tls_certificate, "--tls-key": tls_key, "--log-format": log_format,
    }  # fmt: skip
    audit_folder = audit_data or _audit_folder_beside(data)
    if role == "audit":
        return _run_audit(audit_folder, audit_host, audit_port, log_format)
    if role == "all" and (audit_folder / "service.json").exists():
        set_up_logs(log_format or "json", "info")
        from audit.service.config import load_audit_settings
        from broker.config import load_settings
        from consentry.own_witness import free_port, witness_environment

        settings = load_audit_settings(data_folder=audit_folder, listen_host=audit_host, listen_port=audit_port)
        audit_port = settings.listen_port or free_port(settings.listen_host)
        told = witness_environment(load_settings(data_folder=data), settings, audit_port)
        audit_options = {
            "--audit-data": audit_folder, "--audit-host": audit_host, "--audit-port": audit_port,
            "--log-format": log_format,
        }  # fmt: skip
        parts: dict[Part, list[str]] = {
            "broker": _command("broker", broker_options), "audit": _command("audit", audit_options)
        }  # fmt: skip
        return supervise(parts, {"broker": told})
    return _run_broker(broker_options, alone=audit_folder if role == "all" else None)


def _run_broker(options: Mapping[str, object], *, alone: Path | None) -> int:
    with undisturbed_imports():
        from broker import server  # noqa: F401 - the rest of what `serve_broker` needs, and most of it
        from broker.commands import serve_broker

    names = {name.removeprefix("--").replace("-", "_"): value for name, value in options.items()}
    renamed = {"data": "data_folder", "host": "listen_host", "port": "listen_port"}
    return serve_broker({renamed.get(name, name): value for name, value in names.items()}, no_audit_in=alone)


def _run_audit(folder: Path, host: str | None, port: int | None, log_format: str | None) -> int:
    with undisturbed_imports():
        from audit.service.config import load_audit_settings
        from audit.service.server import serve as serve_audit

    settings = load_audit_settings(data_folder=folder, listen_host=host, listen_port=port, log_format=log_format)
    set_up_logs(settings.log_format, settings.log_level)
    return serve_audit(settings)


def _audit_folder_beside(data: Path | None) -> Path:
    """The audit service's folder where nobody says otherwise: beside the broker's, never in it."""
    from broker.config import load_settings

    return load_settings(data_folder=data).data_folder.expanduser().resolve().parent / "audit"


def _command(part: Part, options: Mapping[str, object]) -> list[str]:
    """How a part is started: this very command, for one role."""
    words = [word for name, value in options.items() if value is not None for word in (name, str(value))]
    return [sys.executable, "-m", "consentry", "serve", "--role", part, "--supervised", *words]


# ── the supervisor ──


def supervise(parts: dict[Part, list[str]], told: Mapping[Part, Mapping[str, str]] | None = None) -> int:
    """Runs the parts' commands until one ends or a signal comes; answers the exit status. Raises PartEnded.

    `told` are environment variables for single parts, beside the ones of this process.
    """
    asked_to_stop = threading.Event()
    ended = threading.Event()
    with _signals(asked_to_stop, ended), _started(parts, told or {}, ended) as running:
        ended.wait()
        first = next(((part, process) for part, process in running.items() if process.poll() is not None), None)
        if asked_to_stop.is_set() or first is None:
            _stop(running)
            # A part that was still starting had nothing to bring to an end, and ends by the signal itself.
            in_order = (0, -signal.SIGTERM)
            return next((one.returncode for one in running.values() if one.returncode not in in_order), 0)
    part, process = first
    log.error("part_ended", part=part, status=process.returncode)
    if process.returncode == os.EX_IOERR:
        return os.EX_IOERR  # the service manager is to start it again: see docs/operating/running.md
    raise PartEnded(part=part, status=process.returncode)


@contextmanager
def _signals(asked_to_stop: threading.Event, ended: threading.Event) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        asked_to_stop.set()
        ended.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _started(
    parts: dict[Part, list[str]], told: Mapping[Part, Mapping[str, str]], ended: threading.Event
) -> "Iterator[dict[Part, subprocess.Popen[bytes]]]":
    running: dict[Part, subprocess.Popen[bytes]] = {}
    try:
        for part, command in parts.items():
            process = running[part] = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # never written to: see serving/lifeline.py
                env={**os.environ, **told.get(part, {})},
                start_new_session=True,  # a terminal's Ctrl-C comes to us alone, and we pass it on
            )
            threading.Thread(target=_tell_end, args=(process, ended), name=f"{part}-end", daemon=True).start()
        yield running
    finally:
        _stop(running)


def _tell_end(process: "subprocess.Popen[bytes]", ended: threading.Event) -> None:
    process.wait()
    ended.set()


def _stop(running: "dict[Part, subprocess.Popen[bytes]]") -> None:
    for process in running.values():
        if process.poll() is None:
            process.terminate()
    for process in running.values():
        try:
            process.wait(STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
