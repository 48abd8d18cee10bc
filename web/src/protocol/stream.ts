/**
 * The engineer's end of a resumable stream: one ordered byte pipe in each direction, over legs that may break at any byte.
 *
 *     waiting ──legOpened──► opening ──ACCEPT──► live ──legLost / silence──► waiting
 *     any state ──CLOSE, close(), end of the resume window──► ended
 *
 * The machine of `protocol/stream.py`, without the agent's half. A driver feeds what it reads to `receiveData`, acts on
 * `eventsReceived`, writes what `dataToSend` returns, and calls `handleTime` at `deadlineMs`. Times are milliseconds on
 * any clock that does not go backwards. There is one leg at a time: bytes of an old one are never fed.
 */

import {
  ACK_DELAY_MS,
  ACK_EVERY_BYTES,
  ALIVE_EVERY_MS,
  CloseCode,
  DATA_LIMIT_BYTES,
  FrameType,
  OPEN_WINDOW_MS,
  SEND_BATCH_BYTES,
  SEND_BUFFER_BYTES,
  SILENCE_LIMIT_MS,
  type StreamKind,
} from "./generated";
import {
  ALIVE,
  ackFrame,
  CLOSED,
  closeFrame,
  dataFrame,
  FRAME_BYTES,
  openingFrame,
  readAccept,
  readAck,
  readClose,
  readDataHeader,
} from "./streamFrames";

export type StreamState = "waiting" | "opening" | "live" | "ended";

export type StreamEvent =
  /** The two ends have proved themselves to each other on this leg; the stream is live. */
  | { readonly kind: "leg-accepted" }
  /** The next bytes, in order. A view of what was fed: use it before the next `receiveData`. */
  | { readonly kind: "bytes"; readonly data: Uint8Array }
  /** This leg is of no use: drop it. The stream itself is unharmed and waits for another. */
  | { readonly kind: "leg-failed"; readonly problem: string }
  /** The last event. */
  | { readonly kind: "closed"; readonly code: CloseCode };

export interface StreamKeys {
  readonly streamKey: Uint8Array;
  readonly pairingId: Uint8Array;
}

export class ResumableStream {
  state: StreamState = "waiting";
  generation = -1;
  closeCode: CloseCode | null = null;
  /** Bytes that arrived in order, for ever: also the offset of the next one. */
  receivedBytes = 0;
  /** Bytes of ours that the other end has. */
  ackedBytes = 0;
  #opening = new Uint8Array();
  #events: StreamEvent[] = [];
  // Sending. `#unacked` keeps whole DATA frames: sending again is handing out the same object.
  #written: Uint8Array[] = [];
  #writtenBytes = 0;
  #unacked: { readonly end: number; readonly frame: Uint8Array }[] = [];
  #toResend: Uint8Array[] = [];
  #framedBytes = 0;
  #urgent: Uint8Array[] = [];
  #maySendData = false;
  #closeIsDue = false;
  // Receiving.
  #partialHeader: number[] = [];
  #payloadLeft = 0;
  #payloadToSkip = 0;
  #ackedToPeerBytes = 0;
  // Time. null means that nothing is due.
  #heardAtMs = 0;
  #aliveDueMs: number | null = null;
  #ackDueMs: number | null = null;
  #windowEndsMs: number | null;

  /** `streamId` is 16 fresh random bytes: keys inside depend on it. */
  constructor(
    readonly keys: StreamKeys,
    readonly kind: StreamKind,
    readonly streamId: Uint8Array,
    nowMs: number,
    readonly resumeWindowMs: number,
  ) {
    this.#windowEndsMs = nowMs + OPEN_WINDOW_MS;
  }

  // ── legs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A leg is connected. Queues the OPENING of the next generation. */
  legOpened(nowMs: number): void {
    if (this.state === "ended") return;
    this.generation += 1;
    this.#stopLeg("opening");
    this.#heardAtMs = nowMs;
    this.#aliveDueMs = nowMs + ALIVE_EVERY_MS;
    const { streamKey, pairingId } = this.keys;
    this.#opening = openingFrame(streamKey, this.kind, pairingId, this.streamId, this.generation, this.receivedBytes);
    this.#urgent.push(this.#opening);
    this.#maySendData = this.generation === 0;
  }

  /** The leg is gone, or the driver drops it. */
  legLost(nowMs: number): void {
    if (this.state === "waiting" || this.state === "ended") return;
    if (this.state === "live" || this.#windowEndsMs === null) this.#windowEndsMs = nowMs + this.resumeWindowMs;
    this.#stopLeg("waiting");
  }

  #stopLeg(state: StreamState): void {
    this.state = state;
    this.#urgent = [];
    this.#toResend = [];
    this.#maySendData = false;
    this.#closeIsDue = this.closeCode !== null;
    this.#partialHeader = [];
    this.#payloadLeft = 0;
    this.#payloadToSkip = 0;
    this.#aliveDueMs = null;
    this.#ackDueMs = null;
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Written by our user and not yet known to have arrived. */
  get bufferedBytes(): number {
    return this.#framedBytes + this.#writtenBytes - this.ackedBytes;
  }

  /** False is back-pressure: stop writing until it is true again. */
  get canSend(): boolean {
    return this.bufferedBytes < SEND_BUFFER_BYTES && !this.isClosing;
  }

  get isClosing(): boolean {
    return this.closeCode !== null || this.state === "ended";
  }

  /** Writes to the stream; ignored once closing. `data` is kept until it is framed: it must not change. */
  send(data: Uint8Array): void {
    if (!data.length || this.isClosing) return;
    this.#written.push(data);
    this.#writtenBytes += data.length;
  }

  /** Ends the stream. DONE delivers first what was written; any other code ends it at once and drops the rest. */
  close(code: CloseCode = CloseCode.DONE): void {
    if (this.state === "ended") return;
    if (code !== CloseCode.DONE) {
      this.#end(code);
      this.#urgent.push(closeFrame(code, this.#framedBytes));
      return;
    }
    if (this.closeCode === null) {
      this.closeCode = code;
      this.#closeIsDue = true;
    }
    if (this.generation < 0) this.#end(code); // nobody has heard of it
  }

  /** What to write to the leg now, in order. Call again until it is empty, as long as the leg takes more. */
  dataToSend(limitBytes = SEND_BATCH_BYTES): Uint8Array[] {
    const out = this.#urgent.splice(0);
    if (!this.#maySendData) return out;
    let size = 0;
    while (size < limitBytes) {
      const frame = this.#toResend.shift() ?? this.#nextFrame();
      if (!frame) break;
      out.push(frame);
      size += frame.length;
    }
    if (size && this.#ackDueMs !== null) out.push(this.#ack()); // rides along for nothing
    if (this.#closeIsDue && !this.#written.length && !this.#toResend.length) {
      this.#closeIsDue = false;
      out.push(closeFrame(CloseCode.DONE, this.#framedBytes));
    }
    return out;
  }

  /** One DATA frame out of as many written pieces as fit: the only copy that the machine makes of them. */
  #nextFrame(): Uint8Array | null {
    if (!this.#written.length || this.#framedBytes - this.ackedBytes >= SEND_BUFFER_BYTES) return null;
    const pieces: Uint8Array[] = [];
    let length = 0;
    while (length < DATA_LIMIT_BYTES) {
      const piece = this.#written.shift();
      if (!piece) break;
      const room = DATA_LIMIT_BYTES - length;
      if (piece.length > room) this.#written.unshift(piece.subarray(room));
      pieces.push(piece.subarray(0, room));
      length += Math.min(piece.length, room);
    }
    const frame = dataFrame(this.#framedBytes, pieces);
    this.#writtenBytes -= length;
    this.#framedBytes += length;
    this.#unacked.push({ end: this.#framedBytes, frame });
    return frame;
  }

  #acknowledge(offset: number): void {
    this.ackedBytes = offset;
    const kept = this.#unacked.findIndex(({ end }) => end > offset);
    this.#unacked.splice(0, kept < 0 ? this.#unacked.length : kept);
  }

  #ack(): Uint8Array {
    this.#ackDueMs = null;
    this.#ackedToPeerBytes = this.receivedBytes;
    return ackFrame(this.receivedBytes);
  }

  // ── receiving ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes bytes of the leg in use, in pieces of any size. Never throws on bad bytes: see the events. */
  receiveData(data: Uint8Array, nowMs: number): void {
    this.#heardAtMs = nowMs;
    let at = 0;
    while (at < data.length && (this.state === "opening" || this.state === "live")) {
      if (this.#payloadLeft) at += this.#takePayload(data.subarray(at, at + this.#payloadLeft), nowMs);
      else at += this.#takeHeader(data, at, nowMs);
    }
  }

  /** What happened since the last call. */
  eventsReceived(): StreamEvent[] {
    return this.#events.splice(0);
  }

  /** Consumes (part of) a frame's fixed fields and returns how many bytes. */
  #takeHeader(data: Uint8Array, at: number, nowMs: number): number {
    const type = this.#partialHeader[0] ?? data[at] ?? 0;
    const size = FRAME_BYTES[type];
    if (size === undefined) {
      this.#fail();
      return 0;
    }
    const piece = data.subarray(at, at + size - this.#partialHeader.length);
    this.#partialHeader.push(...piece);
    if (this.#partialHeader.length === size) {
      const frame = Uint8Array.from(this.#partialHeader);
      this.#partialHeader = [];
      this.#frameReceived(type, frame, nowMs);
    }
    return piece.length;
  }

  #frameReceived(type: number, frame: Uint8Array, nowMs: number): void {
    if (this.state === "opening" && type !== FrameType.CLOSE) this.#acceptReceived(frame, nowMs);
    else if (type === FrameType.DATA) this.#dataStarted(readDataHeader(frame));
    else if (type === FrameType.ACK) this.#ackReceived(readAck(frame));
    else if (type === FrameType.CLOSE) this.#closeReceived(readClose(frame));
    else if (type === FrameType.CLOSED && this.closeCode !== null && !this.#closeIsDue) this.#end(CloseCode.DONE);
    else if (type !== FrameType.ALIVE) this.#fail();
  }

  #acceptReceived(frame: Uint8Array, nowMs: number): void {
    const isAccept = frame[0] === FrameType.ACCEPT;
    const receivedBytes = isAccept ? readAccept(this.keys.streamKey, this.#opening, frame) : null;
    if (receivedBytes === null) {
      this.legLost(nowMs);
      this.#events.push({ kind: "leg-failed", problem: "the other end did not prove that it is the customer's" });
    } else if (receivedBytes < this.ackedBytes || receivedBytes > this.#framedBytes) {
      this.#fail();
    } else {
      this.#acknowledge(receivedBytes);
      if (this.generation > 0) this.#toResend = this.#unacked.map(({ frame: unacked }) => unacked);
      this.#becomeLive();
    }
  }

  #becomeLive(): void {
    this.state = "live";
    this.#windowEndsMs = null;
    this.#maySendData = true;
    this.#ackedToPeerBytes = this.receivedBytes;
    this.#events.push({ kind: "leg-accepted" });
  }

  #dataStarted({ offset, length }: { readonly offset: number; readonly length: number }): void {
    if (length < 1 || length > DATA_LIMIT_BYTES || offset > this.receivedBytes) {
      this.#fail();
      return;
    }
    this.#payloadLeft = length;
    this.#payloadToSkip = Math.min(length, this.receivedBytes - offset);
  }

  #takePayload(piece: Uint8Array, nowMs: number): number {
    this.#payloadLeft -= piece.length;
    const skipped = Math.min(piece.length, this.#payloadToSkip);
    this.#payloadToSkip -= skipped;
    if (skipped < piece.length) {
      this.receivedBytes += piece.length - skipped;
      this.#events.push({ kind: "bytes", data: piece.subarray(skipped) });
    }
    // Also for what arrived twice: its sender may not know that it has arrived.
    if (this.receivedBytes - this.#ackedToPeerBytes >= ACK_EVERY_BYTES) this.#urgent.push(this.#ack());
    else this.#ackDueMs ??= nowMs + ACK_DELAY_MS;
    return piece.length;
  }

  #ackReceived(offset: number): void {
    if (offset > this.#framedBytes) this.#fail();
    else if (offset > this.ackedBytes) this.#acknowledge(offset);
  }

  #closeReceived({ code, offset }: { readonly code: CloseCode; readonly offset: number }): void {
    if (code === CloseCode.DONE && (this.state !== "live" || offset !== this.receivedBytes)) {
      this.#fail(); // a cut tail must not look like an orderly end
    } else {
      this.#end(code);
      this.#urgent.push(CLOSED);
    }
  }

  #fail(): void {
    this.close(CloseCode.PROTOCOL);
  }

  #end(code: CloseCode): void {
    this.closeCode = code;
    this.#stopLeg("ended");
    this.#windowEndsMs = null;
    this.#closeIsDue = false;
    this.#written = [];
    this.#unacked = [];
    this.#writtenBytes = 0;
    this.ackedBytes = this.#framedBytes;
    this.#events.push({ kind: "closed", code });
  }

  // ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** When `handleTime` has something to do, or null. */
  get deadlineMs(): number | null {
    const dues = [this.#aliveDueMs, this.#ackDueMs, this.#windowEndsMs, this.#silenceEndsMs];
    const times = dues.filter((due) => due !== null);
    return times.length ? Math.min(...times) : null;
  }

  get #silenceEndsMs(): number | null {
    return this.#aliveDueMs === null ? null : this.#heardAtMs + SILENCE_LIMIT_MS;
  }

  /** Does what is due at `nowMs`. Calling it early or late is harmless. */
  handleTime(nowMs: number): void {
    if (this.#windowEndsMs !== null && nowMs >= this.#windowEndsMs) {
      const everythingArrived = this.closeCode === CloseCode.DONE && this.bufferedBytes === 0;
      this.#end(everythingArrived ? CloseCode.DONE : CloseCode.LOST);
      return;
    }
    if (this.#silenceEndsMs !== null && nowMs >= this.#silenceEndsMs) {
      this.legLost(nowMs);
      this.#events.push({ kind: "leg-failed", problem: "it was silent for 45 s" });
      return;
    }
    if (this.#aliveDueMs !== null && nowMs >= this.#aliveDueMs) {
      this.#aliveDueMs = nowMs + ALIVE_EVERY_MS;
      this.#urgent.push(ALIVE);
    }
    if (this.#ackDueMs !== null && nowMs >= this.#ackDueMs) this.#urgent.push(this.#ack());
  }
}
