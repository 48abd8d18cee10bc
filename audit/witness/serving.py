"""A witness as a process of its own: `consentry audit witness`.

<data>/witness.key          32 bytes in hex, made at the first start, readable by its owner only
<data>/witness.sqlite3      what it has seen of each log
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from audit.witness.router import make_witness_router
from audit.witness.store import WitnessStore
from audit.witness.witness import WitnessSigner
from protocol.errors import InputError
from serving.http.guards import SafeHeaders, SmallBodies
from serving.http.server import HttpServer
from serving.private_files import KeyFileUnusable, make_private_folder, read_file, write_private_file


class ListenAddressUnusable(InputError):
    sentence = "{text} is no address to listen on. Write a host and a port: 127.0.0.1:8450"


def serve_witness(data: Path, name: str, log_vkeys: Sequence[str], listen: str, say: Callable[[str], None]) -> int:
    """Until SIGINT or SIGTERM; TLS is for a proxy in front. `say` is given the witness's own key before it listens.

    Raises NoteError for a name or a key that is none, ListenAddressUnusable, KeyFileUnusable, AddressInUse.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ListenAddressUnusable(text=listen)
    make_private_folder(data)
    signer = WitnessSigner(name, _own_key(data / "witness.key"))
    say(signer.key.vkey)
    store = WitnessStore(data / "witness.sqlite3", log_vkeys)
    app = FastAPI(title="Consentry witness", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/", make_witness_router(store, signer))
    app.add_middleware(SmallBodies)
    app.add_middleware(SafeHeaders)
    try:
        HttpServer(app, host=host.strip("[]"), port=int(port), tls=None, name="witness").serve()
    finally:
        store.close()
    return 0


def _own_key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        write_private_file(path, Ed25519PrivateKey.generate().private_bytes_raw().hex().encode())
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(read_file(path).decode("ascii", "replace")))
    except ValueError:
        raise KeyFileUnusable(path=path, problem="it is cut off or altered") from None
