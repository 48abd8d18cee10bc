/**
 * The SHA-256 of a file while it goes by, made in a thread of its own, which also reads what is sent: WebCrypto hashes nothing
 * piece by piece, and hashing took longer than all else that the page does for a transfer.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../protocol/bytes";

/** Below that, a file is hashed before a message has been to the thread and back. */
const THREAD_FROM_BYTES = 1024 * 1024;
/** Handed over and not hashed yet; beyond it whoever brings more waits. */
const STRIDES_AHEAD = 8;

/** A part of a file, from byte `start` to before `end`, or where the file ends. Cutting it out is for the thread, too: it waits. */
export interface Part {
  readonly file: Blob;
  readonly start: number;
  readonly end: number;
}

/** From the page to the thread: whose hash, and the next bytes, where to read them, or what to do. */
export interface ToHashWorker {
  readonly id: number;
  readonly what: Bytes | Part | "digest" | "reset" | "forget";
}
/**
 * Back, in the same order: what was read, the digest, no bytes for those that were handed over; or why not. No answer to
 * `reset` and `forget`.
 */
export type FromHashWorker =
  | { readonly id: number; readonly what: Bytes }
  | { readonly id: number; readonly problem: unknown };

export interface Hasher {
  /** Takes `data` away with the whole buffer that it is in. Resolves when there is room for more. */
  update(data: Bytes): Promise<void>;
  /** Hashes what is there behind all that came before, and brings it. Rejects with DOMException what cannot be read. */
  read(part: Part): Promise<Bytes>;
  /** Of all so far; more may follow. */
  digest(): Promise<Bytes>;
  /** As if nothing had come. */
  reset(): void;
  /** Nothing will be asked any more. */
  dispose(): void;
}

/** For a file of about that size. Tests in Node have no threads of a browser's. */
export function newHasher(sizeBytes: number): Hasher {
  if (sizeBytes < THREAD_FROM_BYTES || typeof Worker === "undefined") return new HasherHere();
  thread ??= new HashThread();
  return new HasherThere(thread);
}

class HasherHere implements Hasher {
  #hash = sha256.create();

  async update(data: Bytes): Promise<void> {
    this.#hash.update(data);
  }

  async read({ file, start, end }: Part): Promise<Bytes> {
    const data = new Uint8Array(await file.slice(start, end).arrayBuffer());
    this.#hash.update(data);
    return data;
  }

  async digest(): Promise<Bytes> {
    return this.#hash.clone().digest() as Bytes;
  }

  reset(): void {
    this.#hash = sha256.create();
  }

  dispose(): void {}
}

/** One for the page: a new thread begins slowly, with nothing compiled. */
let thread: HashThread | null = null;

class HashThread {
  readonly hashers = new Map<number, HasherThere>();
  readonly #worker = new Worker(new URL("./hashWorker.ts", import.meta.url), { type: "module" });
  #nextId = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<FromHashWorker>) => this.hashers.get(data.id)?.heard(data);
    this.#worker.onerror = () => {
      thread = null;
      for (const hasher of this.hashers.values()) hasher.fail();
    };
  }

  add(hasher: HasherThere): number {
    this.#nextId += 1;
    this.hashers.set(this.#nextId, hasher);
    return this.#nextId;
  }

  post(message: ToHashWorker): void {
    const { what } = message;
    this.#worker.postMessage(message, what instanceof Uint8Array ? [what.buffer] : []);
  }
}

interface Asked {
  readonly resolve: (what: Bytes) => void;
  readonly reject: (problem: unknown) => void;
}

class HasherThere implements Hasher {
  readonly #thread: HashThread;
  readonly #id: number;
  readonly #asked: Asked[] = [];
  readonly #ahead: Promise<Bytes>[] = [];
  #hasFailed = false;

  constructor(given: HashThread) {
    this.#thread = given;
    this.#id = given.add(this);
  }

  async update(data: Bytes): Promise<void> {
    this.#ahead.push(this.#ask(data));
    if (this.#ahead.length > STRIDES_AHEAD) await this.#ahead.shift();
  }

  read(part: Part): Promise<Bytes> {
    return this.#ask(part);
  }

  async digest(): Promise<Bytes> {
    await Promise.all(this.#ahead.splice(0));
    return this.#ask("digest");
  }

  reset(): void {
    this.#tell("reset");
  }

  dispose(): void {
    this.#thread.hashers.delete(this.#id);
    this.#tell("forget");
  }

  heard(answer: FromHashWorker): void {
    const asked = this.#asked.shift();
    if ("problem" in answer) asked?.reject(answer.problem);
    else asked?.resolve(answer.what);
  }

  fail(): void {
    this.#hasFailed = true;
    for (const { reject } of this.#asked.splice(0)) reject(threadEnded());
  }

  #ask(what: Bytes | Part | "digest"): Promise<Bytes> {
    if (this.#hasFailed) return Promise.reject(threadEnded());
    const answered = new Promise<Bytes>((resolve, reject) => this.#asked.push({ resolve, reject }));
    answered.catch(() => undefined); // whoever asked hears of it when they wait for it
    this.#tell(what);
    return answered;
  }

  #tell(what: ToHashWorker["what"]): void {
    this.#thread.post({ id: this.#id, what });
  }
}

function threadEnded(): Error {
  return new Error("the thread that hashes has ended");
}
