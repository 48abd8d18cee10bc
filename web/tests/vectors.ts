/** The vectors of the repository: what Python made, TypeScript has to make, too. */

import { readFileSync } from "node:fs";
import { fromHex } from "../src/protocol/bytes";

// biome-ignore lint/suspicious/noExplicitAny: the files differ in shape, and tests name what they read.
export function vectors(name: string): any {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
}

export const bytes = fromHex;
