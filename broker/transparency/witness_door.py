"""A witness over HTTP (c2sp.org/tlog-witness), with the standard library's client in a thread: one request a second."""

import asyncio
import http.client
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from audit.log import WitnessUnreachable
from protocol.cosignature import WitnessKey
from protocol.details import system_reason
from protocol.errors import InputError
from protocol.witness_messages import ADD_CHECKPOINT_PATH, ANSWER_LIMIT_BYTES

REQUEST_TIMEOUT_SECONDS = 5.0


class WitnessCertificateUnusable(InputError):
    sentence = "The certificates of witnesses in {path} cannot be used: {problem}. See CONSENTRY_WITNESS_CERTIFICATES."


class HttpWitness:
    """`url` is the submission prefix. What is sent is public and signed, so that plain HTTP does inside a house.

    A witness is taken for itself if the system's authorities vouch for its name, or if it shows one of
    `certificates` (PEM files), whatever name that carries. It matters: an answer that somebody made up could stop the
    log. Raises WitnessCertificateUnusable.
    """

    def __init__(self, key: WitnessKey, url: str, certificates: Sequence[Path] = ()) -> None:
        self.key = key
        self._address = urlsplit(url)
        self._contexts = [ssl.create_default_context()]
        if certificates:
            self._contexts.insert(0, _pinned(certificates))

    async def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        """Raises WitnessUnreachable."""
        return await asyncio.to_thread(self._post, body)

    def _post(self, body: bytes) -> tuple[int, bytes]:
        problem = ""
        for connection in self._connections():
            try:
                return self._exchange(connection, body)
            except (OSError, http.client.HTTPException) as error:
                problem = system_reason(error, "its answer is not HTTP")
                if not isinstance(error, ssl.SSLCertVerificationError):
                    break  # the others would fare no better
            finally:
                connection.close()
        raise WitnessUnreachable(name=self.key.name, problem=problem)

    def _connections(self) -> Iterator[http.client.HTTPConnection]:
        """One after the other, until one's certificate is believed."""
        address, timeout = self._address.netloc, REQUEST_TIMEOUT_SECONDS
        if self._address.scheme != "https":
            yield http.client.HTTPConnection(address, timeout=timeout)
            return
        for context in self._contexts:
            yield http.client.HTTPSConnection(address, timeout=timeout, context=context)

    def _exchange(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, bytes]:
        path = self._address.path.rstrip("/") + ADD_CHECKPOINT_PATH
        connection.request("POST", path, body, {"Content-Type": "text/plain; charset=utf-8"})
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_LIMIT_BYTES + 1)


def _pinned(certificates: Sequence[Path]) -> ssl.SSLContext:
    """Trusts exactly these certificates: which name they carry says nothing more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for path in certificates:
        try:
            context.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError) as error:
            raise WitnessCertificateUnusable(path=path, problem=system_reason(error)) from None
    return context
