/** The vectors of the repository: what Python made, TypeScript has to make, too. */

import { readFileSync } from "node:fs";
import type { Bytes } from "../src/protocol/bytes";

// biome-ignore lint/suspicious/noExplicitAny: the files differ in shape, and tests name what they read.
export function vectors(name: string): any {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
}

/** Of hexadecimal digits, as the vectors have them. */
export function bytes(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
