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
  // Read while those before it are hashed.
  const content = typeof what === "object" && "file" in what ? read(what) : null;
  content?.catch(() => undefined); // heard of when its turn comes
  turn = turn.then(async () => {
    if (what === "reset" || what === "forget") {
      hashes.delete(id);
      return;
    }
    try {
      const hash = hashes.get(id) ?? (await createSHA256()).init();
      hashes.set(id, hash);
      if (what === "digest") answer({ id, what: soFar(hash) });
      else {
        const data = what instanceof Uint8Array ? what : new Uint8Array((await content) ?? []);
        hash.update(data);
        answer({ id, what: data });
      }
    } catch (error) {
      postMessage({ id, problem: error } satisfies FromHashWorker);
    }
  });
});

function read({ file, start, end }: Part): Promise<ArrayBuffer> {
  return file.slice(start, end).arrayBuffer();
}

function answer(what: FromHashWorker & { readonly what: Bytes }): void {
  postMessage(what, { transfer: [what.what.buffer] });
}

/** More may follow, which the library does not take once it was asked for a digest. */
function soFar(hash: IHasher): Bytes {
  const state = hash.save();
  const digest = hash.digest("binary") as Bytes;
  hash.load(state);
  return digest;
}
