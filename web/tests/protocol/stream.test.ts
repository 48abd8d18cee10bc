import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { expect, test } from "vitest";
import { concat, fromUtf8, toHex, u32, u64, utf8 } from "../../src/protocol/bytes";
import { CloseCode, StreamKind } from "../../src/protocol/generated";
import { ResumableStream } from "../../src/protocol/stream";
import * as frames from "../../src/protocol/streamFrames";
import { bytes, vectors } from "../vectors";

const given = vectors("stream");
const KEYS = { streamKey: bytes(given.stream_key), pairingId: bytes(given.pairing_id) };
const STREAM_ID = bytes(given.stream_id);
const WINDOW_MS = 600_000;

/** The agent's answer to an opening of ours. */
function acceptOf(opening: Uint8Array, receivedBytes: number): Uint8Array {
  const fields = concat(Uint8Array.of(1), opening.slice(37, 41), u64(receivedBytes));
  const signed = concat(utf8("consentry/stream/accept/v1\0"), opening.slice(0, 49), fields);
  return concat(fields, hmac(sha256, KEYS.streamKey, signed));
}

function newStream(): ResumableStream {
  return new ResumableStream(KEYS, StreamKind.SSH, STREAM_ID, 0, WINDOW_MS);
}

function liveStream(): ResumableStream {
  const stream = newStream();
  stream.legOpened(0);
  const [opening] = stream.dataToSend();
  if (!opening) throw new Error("no opening");
  stream.receiveData(acceptOf(opening, 0), 0);
  expect(stream.eventsReceived()).toEqual([{ kind: "leg-accepted" }]);
  return stream;
}

/** Another leg after a break; the agent says how far it has received. */
function resume(stream: ResumableStream, receivedBytes: number, nowMs: number): void {
  stream.legLost(nowMs);
  stream.legOpened(nowMs);
  const [opening] = stream.dataToSend();
  if (!opening) throw new Error("no opening");
  stream.receiveData(acceptOf(opening, receivedBytes), nowMs);
}

const data = (offset: number, text: string) => frames.dataFrame(offset, [utf8(text)]);
const texts = (stream: ResumableStream) =>
  stream.eventsReceived().map((event) => (event.kind === "bytes" ? fromUtf8(event.data) : event.kind));

test("frames are Python's to the byte", () => {
  const { streamKey, pairingId } = KEYS;
  const opening = frames.openingFrame(streamKey, given.kind, pairingId, STREAM_ID, given.generation, given.received);
  expect(toHex(opening)).toBe(given.opening);
  expect(frames.readAccept(streamKey, opening, bytes(given.accept.frame))).toBe(given.accept.received);
  expect(frames.readAccept(streamKey, bytes(given.opening).fill(0), bytes(given.accept.frame))).toBeNull();
  expect(toHex(frames.ackFrame(given.ack.offset))).toBe(given.ack.frame);
  expect(frames.readAck(bytes(given.ack.frame))).toBe(given.ack.offset);
  expect(toHex(frames.closeFrame(given.close.code, given.close.offset))).toBe(given.close.frame);
});

test("a new stream says its first data right behind the opening; a resumed one waits for the answer", () => {
  const stream = newStream();
  stream.send(utf8("hello"));
  stream.legOpened(0);
  expect(stream.dataToSend().map((frame) => frame.length)).toEqual([81, 18]);
  stream.legLost(1);
  stream.legOpened(1);
  const [opening, ...more] = stream.dataToSend();
  expect(more).toEqual([]);
  if (!opening) throw new Error("no opening");
  stream.receiveData(acceptOf(opening, 2), 1);
  expect(stream.dataToSend()).toEqual([data(0, "hello")]);
});

test("bytes arrive once and in order, in whatever pieces, and twice is as good as once", () => {
  const stream = liveStream();
  for (const byte of data(0, "abc")) stream.receiveData(Uint8Array.of(byte), 0);
  expect(texts(stream).join("")).toBe("abc");
  resume(stream, 0, 1);
  stream.receiveData(concat(data(1, "bcd"), data(4, "e")), 1);
  expect(texts(stream)).toEqual(["leg-accepted", "d", "e"]);
  expect(stream.receivedBytes).toBe(5);
});

test("what the agent has not got is sent again, and what it has got is not", () => {
  const stream = liveStream();
  stream.send(utf8("one"));
  expect(stream.dataToSend()).toEqual([data(0, "one")]);
  stream.send(utf8("two"));
  expect(stream.dataToSend()).toEqual([data(3, "two")]);
  resume(stream, 3, 1);
  expect(stream.dataToSend()).toEqual([data(3, "two")]);
  expect(stream.bufferedBytes).toBe(3);
});

test("a stranger on a leg loses the leg, not the stream", () => {
  const stream = newStream();
  stream.legOpened(0);
  const [opening] = stream.dataToSend();
  if (!opening) throw new Error("no opening");
  const forged = acceptOf(opening, 0).fill(0, 13);
  stream.receiveData(forged, 0);
  expect(stream.eventsReceived()).toMatchObject([{ kind: "leg-failed" }]);
  expect(stream.state).toBe("waiting");
});

test.each<[string, Uint8Array]>([
  ["a gap", data(1, "x")],
  ["an acknowledgement of what was never sent", frames.ackFrame(1)],
  ["an unknown frame", Uint8Array.of(99)],
  ["an orderly end with its tail cut off", frames.closeFrame(CloseCode.DONE, 5)],
  ["a data frame of nothing", concat(Uint8Array.of(2), u64(0), u32(0))],
  ["a data frame of 4 GiB", concat(Uint8Array.of(2), u64(0), u32(0xffffffff))],
  ["a second ACCEPT", new Uint8Array(45).fill(1)],
])("%s ends the stream as a breach of the rules", (_, frame) => {
  const stream = liveStream();
  stream.receiveData(frame, 0);
  expect(stream.eventsReceived()).toEqual([{ kind: "closed", code: CloseCode.PROTOCOL }]);
  expect(stream.dataToSend().at(-1)?.slice(0, 2)).toEqual(Uint8Array.of(5, CloseCode.PROTOCOL));
});

test("an orderly end delivers everything first, over another leg if need be", () => {
  const stream = liveStream();
  stream.send(utf8("last"));
  stream.close();
  stream.send(utf8("too late"));
  expect(stream.dataToSend()).toEqual([data(0, "last"), frames.closeFrame(CloseCode.DONE, 4)]);
  resume(stream, 0, 1);
  expect(stream.dataToSend()).toEqual([data(0, "last"), frames.closeFrame(CloseCode.DONE, 4)]);
  stream.receiveData(frames.CLOSED, 1);
  expect(stream.eventsReceived().at(-1)).toEqual({ kind: "closed", code: CloseCode.DONE });
});

test("acknowledgements come after 256 KiB or a quarter of a second, and say ALIVE keeps a quiet leg", () => {
  const stream = liveStream();
  stream.receiveData(data(0, "x"), 100);
  expect(stream.dataToSend()).toEqual([]);
  expect(stream.deadlineMs).toBe(350);
  stream.handleTime(350);
  expect(stream.dataToSend()).toEqual([frames.ackFrame(1)]);
  stream.handleTime(15_000);
  expect(stream.dataToSend()).toEqual([frames.ALIVE]);
  stream.handleTime(45_100);
  expect(stream.eventsReceived().at(-1)).toMatchObject({ kind: "leg-failed" });
  expect(stream.state).toBe("waiting");
});

test("without another leg it is lost when the resume window ends, and not before", () => {
  const stream = liveStream();
  stream.legLost(1000);
  expect(stream.deadlineMs).toBe(1000 + WINDOW_MS);
  stream.handleTime(999 + WINDOW_MS);
  expect(stream.state).toBe("waiting");
  stream.handleTime(1000 + WINDOW_MS);
  expect(stream.eventsReceived().at(-1)).toEqual({ kind: "closed", code: CloseCode.LOST });
});

test("no more than eight MiB wait unacknowledged on the wire", () => {
  const stream = liveStream();
  for (let piece = 0; piece < 12; piece += 1) stream.send(new Uint8Array(1024 * 1024));
  expect(stream.canSend).toBe(false);
  let sentBytes = 0;
  for (let out = stream.dataToSend(); out.length; out = stream.dataToSend())
    sentBytes += out.reduce((size, frame) => size + frame.length - frames.DATA_HEADER_BYTES, 0);
  expect(sentBytes).toBe(8 * 1024 * 1024);
});
