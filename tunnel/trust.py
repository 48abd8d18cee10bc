"""Whom to trust, and TLS by that trust.

The organisation's profile is a note signed by its root key. Who was given the root key, in the address that they share
with, needs nobody else: the note is fetched over a connection that proves nothing, the root's signature proves the
note, and the broker's certificate stands in it; from then on only that certificate will do. Who was given a bare
address has only the web's certificate authorities to go by, and takes the root key from the broker that they vouch for.
"""

import asyncio
import http.client
import ssl
from dataclasses import dataclass

from protocol.details import Detail, system_reason
from protocol.errors import UnavailableError
from protocol.profile import Profile, ProfileError, open_profile
from protocol.share_url import ShareUrl, ShareUrlError, decode_root_key
from tunnel.pinned_tls import broker_tls

PROFILE_PATH = "/v1/profile"
ROOT_KEY_HEADER = "Consentry-Root-Key"
"""The root public key, as `encode_root_key` writes it: for those who came with a bare address."""

PROFILE_LIMIT_BYTES = 64 * 1024
FETCH_TIMEOUT_SECONDS = 15.0


class ProfileUnavailable(UnavailableError):
    """The profile could not be fetched."""

    sentence = "The broker at {host} cannot be reached ({problem}). Check the address and the connection."


class BrokerUnproven(ProfileError):
    """A bare address, and a certificate that no authority vouches for."""

    sentence = (
        "The broker at {host} could not be proved ({problem}). Use the whole address that your support organisation "
        "gave you, with the part after #."
    )


@dataclass(frozen=True)
class FetchedProfile:
    """`note` is what `open_profile` opens again later, with `root_key`."""

    profile: Profile
    note: bytes
    root_key: bytes


def ssl_context(profile: Profile) -> ssl.SSLContext:
    """TLS to the broker of this profile."""
    return broker_tls(profile.broker_certificate_pem)


async def fetch_profile(share_url: ShareUrl, *, at_least_version: int = 0) -> Profile:
    """The organisation's profile, proved. Raises ProfileUnavailable, BrokerUnproven, ProfileError."""
    return (await fetch_signed_profile(share_url, at_least_version=at_least_version)).profile


async def fetch_signed_profile(share_url: ShareUrl, *, at_least_version: int = 0) -> FetchedProfile:
    """Like `fetch_profile`, with the signed note and the root key, to keep."""
    note, offered_root_key = await asyncio.to_thread(_get_profile, share_url)
    root_key = share_url.root_key
    if root_key is None:
        try:
            root_key = decode_root_key(offered_root_key)
        except ShareUrlError:
            raise BrokerUnproven(host=share_url.origin, problem="it does not name its root key") from None
    profile = open_profile(note, root_key, at_least_version=at_least_version)
    if profile.broker_origin != share_url.origin:
        raise ProfileError(
            problem=Detail(
                "it is for the broker at {broker_origin}, not {origin}",
                broker_origin=profile.broker_origin,
                origin=share_url.origin,
            )
        )
    return FetchedProfile(profile, note, root_key)


def _get_profile(share_url: ShareUrl) -> tuple[bytes, str]:
    """The note and the root key header, over TLS that is checked only where there is no root key to check with."""
    netloc = share_url.origin.removeprefix("https://")
    tls = broker_tls("") if share_url.root_key is None else _unverified_tls()
    connection = http.client.HTTPSConnection(netloc, context=tls, timeout=FETCH_TIMEOUT_SECONDS)
    try:
        connection.request("GET", PROFILE_PATH)
        response = connection.getresponse()
        note = response.read(PROFILE_LIMIT_BYTES + 1)
        if response.status != http.HTTPStatus.OK or len(note) > PROFILE_LIMIT_BYTES:
            raise ProfileUnavailable(
                host=netloc, problem=Detail("it answered with status {status}", status=response.status)
            )
        return note, response.getheader(ROOT_KEY_HEADER, "")
    except ssl.SSLCertVerificationError as error:
        raise BrokerUnproven(host=netloc, problem=system_reason(error)) from None
    except (OSError, http.client.HTTPException) as error:
        raise ProfileUnavailable(host=netloc, problem=system_reason(error, "its answer is not HTTP")) from None
    finally:
        connection.close()


def _unverified_tls() -> ssl.SSLContext:
    """For the one request whose answer is proved by a signature. Nothing secret is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
