"""A witness as a process of its own: `consentry audit witness`. Its data folder is that of own_key.py."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fastapi import FastAPI

from audit.witness.own_key import KEY_FILE, STORE_FILE, own_key
from audit.witness.router import make_witness_router
from audit.witness.store import WitnessStore
from audit.witness.witness import WitnessSigner
from protocol.errors import InputError
from serving.http.guards import SafeHeaders, SmallBodies
from serving.http.server import HttpServer
from serving.private_files import make_private_folder


class ListenAddressUnusable(InputError):
    sentence = "{text} is no address to listen on. Write a host and a port: 127.0.0.1:8450"


def serve_witness(data: Path, name: str, log_vkeys: Sequence[str], listen: str, say: Callable[[str], None]) -> None:
    """Until SIGINT or SIGTERM; TLS is for a proxy in front. `say` is given the witness's own key before it listens.

    Raises NoteError for a name or a key that is none, ListenAddressUnusable, KeyFileUnusable, AddressInUse.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ListenAddressUnusable(text=listen)
    make_private_folder(data)
    signer = WitnessSigner(name, own_key(data / KEY_FILE))
    say(signer.key.vkey)
    store = WitnessStore(data / STORE_FILE, log_vkeys)
    app = FastAPI(title="Consentry witness", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/", make_witness_router(store, signer))
    app.add_middleware(SmallBodies)
    app.add_middleware(SafeHeaders)
    try:
        HttpServer(app, host=host.strip("[]"), port=int(port), tls=None, name="witness").serve()
    finally:
        store.close()
