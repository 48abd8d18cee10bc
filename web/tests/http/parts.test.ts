/** A part of the page that the server does not give at once. */

import { expect, test } from "vitest";
import { loadPart } from "../../src/http/parts";

const missing = () => new TypeError("Failed to fetch dynamically imported module: https://broker.example/assets/a.js");

async function loadedAfter(failures: unknown[]): Promise<[string, number[]]> {
  const waitedMs: number[] = [];
  const load = async (): Promise<string> => {
    if (failures.length) throw failures.shift();
    return "the part";
  };
  const part = await loadPart(load, async (ms) => {
    waitedMs.push(ms);
  });
  return [part, waitedMs];
}

test("it is asked for again, later each time", async () => {
  expect(await loadedAfter([])).toEqual(["the part", []]);
  expect(await loadedAfter([missing(), missing(), missing()])).toEqual(["the part", [250, 1000, 3000]]);
});

test("who is told that it is missing has waited for it", async () => {
  await expect(loadedAfter([missing(), missing(), missing(), missing()])).rejects.toThrow("dynamically imported");
});

test("a mistake in the part is none of the line's, and is not tried again", async () => {
  await expect(loadedAfter([new TypeError("x is undefined")])).rejects.toThrow("x is undefined");
});
