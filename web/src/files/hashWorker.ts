/** The thread of `hashing.ts`. */

import { sha256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../protocol/bytes";
import type { FromHashWorker, ToHashWorker } from "./hashing";

const hashes = new Map<number, ReturnType<typeof sha256.create>>();

addEventListener("message", ({ data: { id, what } }: MessageEvent<ToHashWorker>) => {
  const answer = (heard: FromHashWorker["what"]): void => postMessage({ id, what: heard } satisfies FromHashWorker);
  const hash = hashes.get(id) ?? sha256.create();
  hashes.set(id, hash);
  if (what === "digest") answer(hash.clone().digest() as Bytes);
  else if (what === "reset" || what === "forget") hashes.delete(id);
  else {
    hash.update(what);
    answer(what.length);
  }
});
