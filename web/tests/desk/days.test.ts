/** Days that people choose, as moments that the service is asked for. */

import { expect, test } from "vitest";
import { daysBetween } from "../../src/desk/days";
import { type Entry, recordedMs } from "../../src/desk/lines";

process.env.TZ = "Europe/Berlin";

const DAY_MS = 86_400_000;

test("both days count, and an empty field asks for nothing", () => {
  const { since_ms, until_ms } = daysBetween("2026-11-30", "2026-11-30");
  expect(since_ms).toBe(new Date(2026, 10, 30).getTime());
  expect(until_ms).toBe(new Date(2026, 11, 1).getTime());
  expect(daysBetween("", "")).toEqual({ since_ms: null, until_ms: null });
});

test("the last day ends at the next midnight, also when the clocks change in it", () => {
  for (let day = 1; day <= 31; day += 1) {
    const text = `2026-03-${String(day).padStart(2, "0")}`;
    expect(daysBetween("", text).until_ms).toBe(new Date(2026, 2, day + 1).getTime());
  }
});

test("a note of the next day makes no recording longer", () => {
  const entry = (t_ms: number, source: string): Entry => ({ kind: "note", t_ms, channel: 0, text: "", source });
  expect(recordedMs(60_000, [entry(59_000, "recorded"), entry(DAY_MS, "added")])).toBe(60_000);
  expect(recordedMs(0, [entry(59_000, "recorded"), entry(DAY_MS, "added")])).toBe(59_000);
});
