/**
 * The thread of `hashing.ts`. Its library is WebAssembly, for which the answer that brings this file allows it, and no page
 * does (serving/http/site.py). Browsers that do not know the word for that compile nothing here: they hash in JavaScript,
 * several times slower, and move files all the same.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { createSHA256 } from "hash-wasm";
import type { Bytes } from "../protocol/bytes";
import type { FromHashWorker, Part, ToHashWorker } from "./hashing";

interface Hash {
  update(data: Bytes): void;
  /** Of all so far; more may follow. */
  soFar(): Bytes;
}

const hashes = new Map<number, Hash>();
/** One after the other, as they were asked for. */
let turn: Promise<void> = Promise.resolve();

addEventListener("message", ({ data: { id, what } }: MessageEvent<ToHashWorker>) => {
  if (what === "reset" || what === "forget") {
    turn = turn.then(() => void hashes.delete(id));
    return;
  }
  // What is to be read is read while those before it are hashed.
  const content = what === "digest" ? null : contentOf(what);
  content?.catch(() => undefined); // heard of when its turn comes
  turn = turn.then(async () => {
    try {
      const hash = await hashOf(id);
      const data = await content;
      if (data) hash.update(data);
      answer(id, what instanceof Uint8Array ? new Uint8Array() : (data ?? hash.soFar()));
    } catch (problem) {
      postMessage({ id, problem } satisfies FromHashWorker);
    }
  });
});

async function contentOf(what: Bytes | Part): Promise<Bytes> {
  if (what instanceof Uint8Array) return what;
  return new Uint8Array(await what.file.slice(what.start, what.end).arrayBuffer());
}

async function hashOf(id: number): Promise<Hash> {
  const hash = hashes.get(id) ?? (await newCompiled().catch(newInterpreted));
  hashes.set(id, hash);
  return hash;
}

/** Rejects where this browser lets nothing be compiled here. */
async function newCompiled(): Promise<Hash> {
  const hash = (await createSHA256()).init();
  return {
    update: (data) => void hash.update(data),
    soFar: () => {
      // The library takes nothing more once it was asked for a digest.
      const state = hash.save();
      const digest = hash.digest("binary") as Bytes;
      hash.load(state);
      return digest;
    },
  };
}

function newInterpreted(): Hash {
  const hash = sha256.create();
  return { update: (data) => void hash.update(data), soFar: () => hash.clone().digest() as Bytes };
}

function answer(id: number, what: Bytes): void {
  postMessage({ id, what } satisfies FromHashWorker, { transfer: [what.buffer] });
}
