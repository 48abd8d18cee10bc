"""A witness's own key, in its data folder: made once, and kept.

<data>/witness.key          32 bytes in hex, readable by its owner only
<data>/witness.vkey         its public half with the witness's name, to be carried to whoever runs the log
<data>/witness.sqlite3      what it has seen of each log (store.py)
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.witness.witness import WitnessSigner
from protocol.cosignature import parse_witness_vkey
from protocol.details import Detail
from protocol.signed_note import NoteError
from serving.private_files import KeyFileUnusable, read_file, write_private_file

KEY_FILE = "witness.key"
VKEY_FILE = "witness.vkey"
STORE_FILE = "witness.sqlite3"


def own_key(path: Path) -> Ed25519PrivateKey:
    """Made where there is none yet. Raises KeyFileUnusable."""
    if not path.exists():
        write_private_file(path, Ed25519PrivateKey.generate().private_bytes_raw().hex().encode())
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(read_file(path).decode("ascii", "replace")))
    except ValueError:
        raise KeyFileUnusable(path=path, problem="it is cut off or altered") from None


def own_signer(folder: Path, name: str) -> WitnessSigner:
    """The witness of this folder. It is named once: a name that stands beside its key wins, for profiles pin it.

    Raises KeyFileUnusable, NoteError for a name that is none.
    """
    key, public_file = own_key(folder / KEY_FILE), folder / VKEY_FILE
    if not public_file.exists():
        write_private_file(public_file, f"{WitnessSigner(name, key).key.vkey}\n".encode())
    try:
        signer = WitnessSigner(parse_witness_vkey(read_file(public_file).decode("ascii", "replace").strip()).name, key)
    except NoteError as error:
        raise KeyFileUnusable(path=public_file, problem=error.fields["problem"]) from None
    if signer.key.vkey.encode() != read_file(public_file).strip():
        raise KeyFileUnusable(path=public_file, problem=Detail("it is not the public half of {file}", file=KEY_FILE))
    return signer
