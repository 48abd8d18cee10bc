/** The frames of a resumable stream, as bytes on a leg; laid out in `protocol/stream_frames.py` and docs/protocol. */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, isSameTag, readU32, readU64, u32, u64, utf8 } from "./bytes";
import { CloseCode, FrameType, type StreamKind } from "./generated";

const OPENING_MAGIC = utf8("CSO1");
const OPENING_LABEL = utf8("consentry/stream/opening/v1\0");
const ACCEPT_LABEL = utf8("consentry/stream/accept/v1\0");
const ACCEPT_FIELDS_BYTES = 13;

export const DATA_HEADER_BYTES = 13;

/** Bytes up to where a frame's fixed fields end, by type; a type that is not here does not exist. */
export const FRAME_BYTES: Readonly<Record<number, number>> = {
  [FrameType.ACCEPT]: 45,
  [FrameType.DATA]: DATA_HEADER_BYTES,
  [FrameType.ACK]: 9,
  [FrameType.ALIVE]: 1,
  [FrameType.CLOSE]: 10,
  [FrameType.CLOSED]: 1,
};

export const ALIVE: Bytes = Uint8Array.of(FrameType.ALIVE);
export const CLOSED: Bytes = Uint8Array.of(FrameType.CLOSED);

/** What an engineer's end says first on a leg, in 81 bytes: which stream, which try, how far it has received. */
export function openingFrame(
  streamKey: Uint8Array,
  kind: StreamKind,
  pairingId: Uint8Array,
  streamId: Uint8Array,
  generation: number,
  receivedBytes: number,
): Bytes {
  const fields = concat(OPENING_MAGIC, Uint8Array.of(kind), pairingId, streamId, u32(generation), u64(receivedBytes));
  return concat(fields, hmac(sha256, streamKey, concat(OPENING_LABEL, fields)));
}

/** How far the agent has received, or null if this is not its answer to this opening. */
export function readAccept(streamKey: Uint8Array, opening: Uint8Array, frame: Uint8Array): number | null {
  const fields = frame.slice(0, ACCEPT_FIELDS_BYTES);
  const openingFields = opening.subarray(0, opening.length - sha256.outputLen);
  const expected = hmac(sha256, streamKey, concat(ACCEPT_LABEL, openingFields, fields));
  return isSameTag(expected, frame.slice(ACCEPT_FIELDS_BYTES)) ? readU64(fields, 5) : null;
}

export function dataFrame(offset: number, pieces: readonly Uint8Array[]): Bytes {
  const length = pieces.reduce((size, piece) => size + piece.length, 0);
  return concat(Uint8Array.of(FrameType.DATA), u64(offset), u32(length), ...pieces);
}

export function readDataHeader(frame: Uint8Array): { readonly offset: number; readonly length: number } {
  return { offset: readU64(frame, 1), length: readU32(frame, 9) };
}

export function ackFrame(offset: number): Bytes {
  return concat(Uint8Array.of(FrameType.ACK), u64(offset));
}

export function readAck(frame: Uint8Array): number {
  return readU64(frame, 1);
}

/** `offset` is how many bytes the sender has sent in all: DONE counts only if all of them have arrived. */
export function closeFrame(code: CloseCode, offset: number): Bytes {
  return concat(Uint8Array.of(FrameType.CLOSE, code), u64(offset));
}

/** A code that does not exist reads as PROTOCOL. */
export function readClose(frame: Uint8Array): { readonly code: CloseCode; readonly offset: number } {
  const known = Object.values(CloseCode).find((code) => code === frame[1]);
  return { code: known ?? CloseCode.PROTOCOL, offset: readU64(frame, 2) };
}
