"""The gateway's own host key: made once, kept with the organisation's other keys."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.organisation.folder import OrganisationFolder, encode_private_key, read_private_key
from serving.private_files import write_private_file


def host_key(folder: OrganisationFolder) -> Ed25519PrivateKey:
    """Blocks. Raises KeyFileUnusable, DataFolderUnusable."""
    if not folder.ssh_gateway_key.exists():
        write_private_file(folder.ssh_gateway_key, encode_private_key(Ed25519PrivateKey.generate()))
    return read_private_key(folder.ssh_gateway_key)
