/**
 * The thread of `hashing.ts`. Its library is WebAssembly, for which the answer that brings this file allows it, and no page
 * does (serving/http/site.py).
 */

import { createSHA256, type IHasher } from "hash-wasm";
import type { Bytes } from "../protocol/bytes";
import type { FromHashWorker, Part, ToHashWorker } from "./hashing";

const hashes = new Map<number, IHasher>();
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
      answer(id, what instanceof Uint8Array ? new Uint8Array() : (data ?? soFar(hash)));
    } catch (problem) {
      postMessage({ id, problem } satisfies FromHashWorker);
    }
  });
});

async function contentOf(what: Bytes | Part): Promise<Bytes> {
  if (what instanceof Uint8Array) return what;
  return new Uint8Array(await what.file.slice(what.start, what.end).arrayBuffer());
}

async function hashOf(id: number): Promise<IHasher> {
  const hash = hashes.get(id) ?? (await createSHA256()).init();
  hashes.set(id, hash);
  return hash;
}

/** More may follow, which the library does not take once it was asked for a digest. */
function soFar(hash: IHasher): Bytes {
  const state = hash.save();
  const digest = hash.digest("binary") as Bytes;
  hash.load(state);
  return digest;
}

function answer(id: number, what: Bytes): void {
  postMessage({ id, what } satisfies FromHashWorker, { transfer: [what.buffer] });
}
