/**
 * The SHA-256 of a file while it goes by, made in a thread of its own: WebCrypto hashes nothing piece by piece, and what is
 * written in JavaScript takes longer than all else that the page does for a transfer.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../protocol/bytes";

/** Below that, a file is hashed before a message has been to the thread and back. */
const THREAD_FROM_BYTES = 1024 * 1024;
/** Handed over and not hashed yet; beyond it whoever brings more waits. */
const AHEAD_BYTES = 8 * 1024 * 1024;

/** From the page to the thread: whose hash, and the next bytes or what to do. Back: how many were hashed, or the digest. */
export interface ToHashWorker {
  readonly id: number;
  readonly what: Bytes | "digest" | "reset" | "forget";
}
export interface FromHashWorker {
  readonly id: number;
  readonly what: number | Bytes;
}

export interface Hasher {
  /** Takes `data` away with the whole buffer that it is in. Resolves when there is room for more. */
  update(data: Bytes): Promise<void>;
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
    this.#worker.onmessage = ({ data: { id, what } }: MessageEvent<FromHashWorker>) =>
      this.hashers.get(id)?.heard(what);
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
    this.#worker.postMessage(message, typeof what === "string" ? [] : [what.buffer]);
  }
}

class HasherThere implements Hasher {
  readonly #thread: HashThread;
  readonly #id: number;
  #aheadBytes = 0;
  #digest: Bytes | null = null;
  #hasFailed = false;
  #stirred: () => void = () => undefined;

  constructor(given: HashThread) {
    this.#thread = given;
    this.#id = given.add(this);
  }

  async update(data: Bytes): Promise<void> {
    this.#aheadBytes += data.length;
    this.#post(data);
    await this.#until(() => this.#aheadBytes <= AHEAD_BYTES);
  }

  async digest(): Promise<Bytes> {
    this.#digest = null;
    this.#post("digest");
    await this.#until(() => this.#digest !== null);
    return this.#digest as unknown as Bytes;
  }

  reset(): void {
    this.#post("reset");
  }

  dispose(): void {
    this.#thread.hashers.delete(this.#id);
    this.#post("forget");
  }

  heard(what: number | Bytes): void {
    if (typeof what === "number") this.#aheadBytes -= what;
    else this.#digest = what;
    this.#stirred();
  }

  fail(): void {
    this.#hasFailed = true;
    this.#stirred();
  }

  #post(what: ToHashWorker["what"]): void {
    this.#thread.post({ id: this.#id, what });
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#hasFailed) throw new Error("the thread that hashes has ended");
      await new Promise<void>((resolve) => {
        this.#stirred = resolve;
      });
    }
  }
}
