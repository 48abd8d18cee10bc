"""Two people edit the same thing: each says which version they saw (RFC 9110, sections 8.8.3 and 13.1.1)."""

import re
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from protocol.errors import InputError

_ETAG = re.compile(r'"v(\d{1,18})"')


class VersionMissing(InputError):
    """Answered with 428 (RFC 6585)."""

    sentence = "Say which version you have seen: send the ETag that you were given as If-Match."


def give_etag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"v{version}"'


def seen_version(request: Request) -> int:
    """What `If-Match` names. Raises VersionMissing; also for `*`, which has seen nothing."""
    found = _ETAG.fullmatch(request.headers.get("if-match", "").strip())
    if found is None:
        raise VersionMissing
    return int(found[1])


SeenVersion = Annotated[int, Depends(seen_version)]
