"""The gateway's own host key: made once, kept with the organisation's other keys."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from broker.organisation.folder import OrganisationFolder, encode_private_key, read_private_key
from broker.organisation.key_dates import KeyDates
from protocol.ssh_keys import parse_public_line
from serving.private_files import write_private_file


def host_key(folder: OrganisationFolder, now_ms: int) -> Ed25519PrivateKey:
    """Blocks. Raises KeyFileUnusable, DataFolderUnusable."""
    is_here = folder.ssh_gateway_key.exists()
    if not is_here:
        write_private_file(folder.ssh_gateway_key, encode_private_key(Ed25519PrivateKey.generate()))
    key = read_private_key(folder.ssh_gateway_key)
    blob = parse_public_line(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())
    KeyDates(folder).write_down(now_ms, made=() if is_here else [blob], met=[blob] if is_here else ())
    return key
