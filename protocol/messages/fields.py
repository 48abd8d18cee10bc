"""What fields of messages may hold, where more than one conversation has them: sizes in bytes and characters, ranges.

Times are Unix milliseconds on the sender's clock.
"""

from typing import Annotated, Literal

from msgspec import Meta

Bytes16 = Annotated[bytes, Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Bytes64 = Annotated[bytes, Meta(min_length=64, max_length=64)]
Nameplate = Annotated[str, Meta(pattern=r"^[1-9][0-9]{2,3}$")]
UnixMs = Annotated[int, Meta(ge=0, le=2**53)]
Language = Literal["en", "zh-CN"]
ShortText = Annotated[str, Meta(max_length=200)]
LongText = Annotated[str, Meta(max_length=2000)]

EndReason = Literal[
    "engineer-ended",
    "customer-ended",
    "denied",
    "expired",
    "idle",
    "lost",
    "abandoned",
    "recorder-failed",
    "broker-ended",
    "supervisor-ended",
]
"""New ones at the end: the log codes them by their place."""
