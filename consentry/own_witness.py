"""On one machine the audit service is the broker's witness, without anybody having to say so.

The profile names a witness once: `consentry serve` does it where the organisation has none yet and the root key is at
hand, through the command that an administrator would use. Where the audit service is reached, and by which certificate,
is told to the broker's process at each start, for ports change.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping

import structlog

from audit.service.config import AuditSettings
from audit.service.setup import load_setup, tls_files, witness_of
from broker.config import Settings
from broker.organisation.folder import OrganisationFolder
from protocol.cosignature import WitnessKey
from protocol.profile import Profile, open_profile
from protocol.share_url import decode_root_key
from protocol.witness_messages import WITNESS_PREFIX
from serving.private_files import read_file

log = structlog.get_logger(__name__)

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared with, not listened on
"""Addresses to listen on that are none to connect to."""


def free_port(host: str) -> int:
    """For an audit service that was told to take any: the broker has to know which."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return int(probe.getsockname()[1])


def witness_environment(
    broker: Settings, audit: AuditSettings, port: int, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What the broker's process is told of its witness; makes the profile name it where nobody is named.

    Raises the errors of audit/service/setup.py, KeyFileUnusable, ShareUrlError, ProfileError.
    """
    key = witness_of(audit.data_folder, load_setup(audit.data_folder).broker).key
    host = EVERYWHERE.get(audit.listen_host, audit.listen_host)
    scheme = "http" if audit.tls == "off" else "https"
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{WITNESS_PREFIX}"
    _name_witness(broker, key, url)
    told = {"CONSENTRY_WITNESS_URLS": f"{key.name}={url}"}
    if audit.tls != "off":
        own = tls_files(audit.data_folder)[0] if audit.tls == "own" else audit.tls_certificate
        told["CONSENTRY_WITNESS_CERTIFICATES"] = str(own)
    # What somebody has set by hand comes last, and wins.
    return {name: ",".join(filter(None, (value, environment.get(name)))) for name, value in told.items()}


def _name_witness(settings: Settings, key: WitnessKey, url: str) -> None:
    profile = _profile(OrganisationFolder(settings.data_folder))
    if profile is None or profile.log is None or key in profile.log.policy.witness_keys:
        return
    update = ("admin", "profile", "update", "--witness", f"{key.vkey}={url}")
    if profile.log.witnesses or profile.log.witness == "optional":
        # Somebody has decided who vouches, or that nobody has to.
        log.info("own_witness_not_named", command=" ".join(("consentry", *update)))
    elif not OrganisationFolder(settings.data_folder).root_key.exists():
        log.warning("own_witness_not_named", command=" ".join(("consentry", *update)))
    else:
        command = [sys.executable, "-m", "consentry", *update, "--data", str(settings.data_folder)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        if done.returncode == 0:  # else it has said why
            log.info("own_witness_named", witness=key.name)


def _profile(folder: OrganisationFolder) -> Profile | None:
    """None where nothing was founded: the broker's process says so."""
    if not folder.profile_note.exists():
        return None
    root = decode_root_key(read_file(folder.root_public_key).decode("ascii", "replace").strip())
    return open_profile(read_file(folder.profile_note), root)
