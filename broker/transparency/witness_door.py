"""A witness over HTTP (c2sp.org/tlog-witness), with the standard library's client in a thread: one request a second."""

import asyncio
import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from audit.log import WitnessUnreachable
from protocol.cosignature import WitnessKey
from protocol.witness_messages import ADD_CHECKPOINT_PATH, ANSWER_LIMIT_BYTES

REQUEST_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class HttpWitness:
    """`url` is the submission prefix. What is sent is public and signed, so that plain HTTP does inside a house."""

    key: WitnessKey
    url: str

    async def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        """Raises WitnessUnreachable."""
        return await asyncio.to_thread(self._post, body)

    def _post(self, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                parts.netloc, timeout=REQUEST_TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=REQUEST_TIMEOUT_SECONDS)
        try:
            path = parts.path.rstrip("/") + ADD_CHECKPOINT_PATH
            connection.request("POST", path, body, {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            return answer.status, answer.read(ANSWER_LIMIT_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            problem = getattr(error, "strerror", None) or type(error).__name__
            raise WitnessUnreachable(name=self.key.name, problem=problem) from None
        finally:
            connection.close()
