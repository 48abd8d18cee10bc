"""Recorder → broker: sealed records, until they are durable (wss `/v1/records`)."""

from typing import Annotated, Literal

from msgspec import Meta

from protocol.messages.fields import Bytes16, Bytes32
from protocol.messages.wire import Message, Refused


class UploadRecords(Message, frozen=True, tag="upload-records"):
    """First message; every later message of this connection is one raw sealed record, in order."""

    version: Literal[1]
    session_id: Bytes16
    session_token: Bytes32
    manifest_commitment: Bytes32


class UploadReady(Message, frozen=True, tag="upload-ready"):
    """What is durable already: send on from here."""

    next_seq: Annotated[int, Meta(ge=0)]
    chain_hash: Bytes32


class RecordsAcked(Message, frozen=True, tag="records-acked"):
    """Every record below `next_seq` is on disk; `chain_hash` is the hash that the next record's `prev` must be."""

    next_seq: Annotated[int, Meta(ge=0)]
    chain_hash: Bytes32


RecorderToBroker = UploadRecords

BrokerToRecorder = UploadReady | RecordsAcked | Refused
