/**
 * A resumable stream as a connection: write, a handler for what arrives, and legs that are dialled for as long as it lives.
 *
 * The driver around `ResumableStream`: it feeds what the current leg brings, acts on events, sends what is due and arms
 * one timer. A leg that breaks is followed by another after a random pause that grows (docs/protocol/stream.md).
 */

import { type Bytes, concat, randomBytes } from "../protocol/bytes";
import {
  CloseCode,
  ENGINEER_LEG_PATH,
  FINAL_CLOSE_CODES,
  LEG_SUBPROTOCOL,
  SEND_BATCH_BYTES,
  type StreamKind,
  TICKET_PREFIX,
} from "../protocol/generated";
import { ResumableStream, type StreamKeys } from "../protocol/stream";

const BACKOFF_FIRST_MS = 500;
const BACKOFF_LIMIT_MS = 30_000;

/** Unsent bytes in a websocket above which nothing more is handed to it: a terminal's keys must not queue for seconds. */
const SOCKET_HIGH_BYTES = 4 * SEND_BATCH_BYTES;
const SOCKET_POLL_MS = 4;
/** Frames up to here go as one message; copying more would cost more than it saves. */
const JOINED_BYTES = 16 * 1024;

export interface RelayRoute {
  readonly brokerOrigin: string;
  readonly legTicket: string;
  readonly keys: StreamKeys;
  readonly resumeWindowMs: number;
  readonly dial: Dial;
  /** Asked when no leg could be had: a browser does not tell why. True means that another try is of no use. */
  readonly isOver: () => Promise<boolean>;
}

/** Browsers' websockets; tests bring one that knows the practice broker's certificate. */
export type Dial = (url: string, subprotocols: string[]) => WebSocket;

export class StreamConnection {
  readonly streamId = randomBytes(16);
  /** Resolves with why it ended, always. */
  readonly closed: Promise<CloseCode>;
  onData: (data: Uint8Array) => void = () => undefined;
  /** Whether a leg carries it, for as long as it lives: its end is no lost connection. */
  onConnected: (connected: boolean) => void = () => undefined;
  readonly #route: RelayRoute;
  readonly #stream: ResumableStream;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #redial: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #flushIsDue = false;
  readonly #waiting: (() => void)[] = [];
  #connected = false;
  #resolveClosed: (code: CloseCode) => void = () => undefined;

  constructor(route: RelayRoute, kind: StreamKind) {
    this.#route = route;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#stream = new ResumableStream(route.keys, kind, this.streamId, now(), route.resumeWindowMs);
    this.#dialLeg();
  }

  /** Whether a leg carries it, at this moment. */
  get isConnected(): boolean {
    return this.#connected;
  }

  /** Back-pressure: resolves when more may be written, or when the stream has ended and nothing matters any more. */
  async drained(): Promise<void> {
    while (!this.#stream.canSend && this.#stream.state !== "ended")
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  write(data: Uint8Array): void {
    this.#stream.send(data);
    this.#flushSoon();
  }

  /** In order: what was written is delivered first, over later legs if need be. */
  close(): void {
    this.#stream.close();
    this.#actOnEvents();
    this.#flushSoon();
  }

  /** At once: what was written and has not left yet never will. */
  kill(code: CloseCode = CloseCode.OVER): void {
    this.#stream.close(code);
    this.#flush();
    this.#actOnEvents();
  }

  /** The network seems to be back: no more waiting for the next try. */
  retryNow(): void {
    if (this.#socket || this.#stream.state === "ended") return;
    clearTimeout(this.#redial);
    this.#dialLeg();
  }

  // ── legs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #dialLeg(): void {
    const { brokerOrigin, legTicket, dial } = this.#route;
    const url = brokerOrigin.replace(/^http/, "ws") + ENGINEER_LEG_PATH;
    const socket = dial(url, [LEG_SUBPROTOCOL, TICKET_PREFIX + legTicket]);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#stream.legOpened(now());
      this.#flush();
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (socket !== this.#socket) return;
      if (!(data instanceof ArrayBuffer)) {
        this.#dropLeg();
        return;
      }
      this.#stream.receiveData(new Uint8Array(data), now());
      this.#actOnEvents();
      this.#flushSoon();
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#legLost(code);
    };
  }

  #legLost(code: number | null): void {
    this.#socket = null;
    if (code !== null && FINAL_CLOSE_CODES.includes(code)) this.#stream.close(CloseCode.OVER);
    else this.#stream.legLost(now());
    this.#setConnected(false);
    this.#actOnEvents();
    if (this.#stream.state === "ended") return;
    const ceilingMs = Math.min(BACKOFF_LIMIT_MS, BACKOFF_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#redial = setTimeout(() => void this.#tryAgain(), Math.random() * ceilingMs);
  }

  async #tryAgain(): Promise<void> {
    if (this.#failures > 1 && (await this.#route.isOver())) this.#stream.close(CloseCode.OVER);
    this.#actOnEvents();
    if (this.#stream.state !== "ended" && !this.#socket) this.#dialLeg();
  }

  #dropLeg(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#legLost(null);
    socket.close();
  }

  // ── events, time, sending ────────────────────────────────────────────────────────────────────────────────────────

  #actOnEvents(): void {
    for (const event of this.#stream.eventsReceived()) {
      if (event.kind === "bytes") this.onData(event.data);
      else if (event.kind === "leg-accepted") this.#setConnected(true);
      else if (event.kind === "leg-failed") this.#dropLeg();
      else this.#ended(event.code);
    }
    for (const wake of this.#waiting.splice(0)) wake();
    this.#armTimer();
  }

  #ended(code: CloseCode): void {
    this.#flush();
    clearTimeout(this.#redial);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#resolveClosed(code);
  }

  #setConnected(connected: boolean): void {
    if (connected) this.#failures = 0;
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.onConnected(connected);
  }

  /** A timer that is early does no harm, and setting one for every message that comes is work. */
  #armTimer(): void {
    const deadlineMs = this.#stream.deadlineMs;
    if (deadlineMs !== null && deadlineMs >= this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = deadlineMs ?? Number.POSITIVE_INFINITY;
    if (deadlineMs === null) return;
    this.#timer = setTimeout(
      () => {
        this.#timerAtMs = Number.POSITIVE_INFINITY;
        this.#stream.handleTime(now());
        this.#actOnEvents();
        this.#flush();
      },
      Math.max(0, deadlineMs - now()) + 1,
    );
  }

  /** At the end of this turn: what else is written during it goes along, in fewer frames. */
  #flushSoon(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    queueMicrotask(() => {
      this.#flushIsDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    const socket = this.#socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    while (socket.bufferedAmount < SOCKET_HIGH_BYTES) {
      const pieces = this.#stream.dataToSend();
      if (!pieces.length) {
        this.#armTimer();
        return;
      }
      for (const message of joined(pieces)) socket.send(message);
    }
    // A websocket does not say when it has room again.
    this.#poll ??= setTimeout(() => {
      this.#poll = undefined;
      this.#flush();
    }, SOCKET_POLL_MS);
  }
}

/** An acknowledgement beside a key, as a message of its own, would cost everybody on the way as much as the key. */
function joined(pieces: readonly Uint8Array[]): readonly Bytes[] {
  const bytes = pieces.reduce((size, { length }) => size + length, 0);
  return pieces.length > 1 && bytes <= JOINED_BYTES ? [concat(...pieces)] : (pieces as readonly Bytes[]);
}

function now(): number {
  return Math.floor(performance.now());
}
