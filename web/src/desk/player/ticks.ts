/** Entries as ticks on a strip of a thousand units: as many as there is room for, however many there are. */

import type { MarkAnswer } from "../api_types";
import type { Entry } from "../lines";

export const LANES = ["command", "file", "consent", "mark", "other"] as const;
export type Lane = (typeof LANES)[number];

export interface Tick {
  readonly lane: Lane;
  readonly at: number;
}

const WIDTH = 1000;
const APART = 4;

const LANE_OF: Record<Entry["kind"], Lane> = {
  command: "command",
  file: "file",
  forward: "file",
  consent: "consent",
  mark: "mark",
  gap: "mark",
  session: "other",
  chat: "other",
  note: "other",
};

export function ticksOf(entries: readonly Entry[], marks: readonly MarkAnswer[], durationMs: number): Tick[] {
  const taken = new Map<string, Tick>();
  const add = (lane: Lane, tMs: number) => {
    const share = durationMs ? Math.min(Math.max(tMs / durationMs, 0), 1) : 0;
    const at = Math.min(Math.floor((share * WIDTH) / APART) * APART, WIDTH - APART);
    taken.set(`${lane}-${at}`, { lane, at });
  };
  for (const entry of entries) add(LANE_OF[entry.kind] ?? "other", entry.t_ms);
  for (const mark of marks) add("mark", mark.t_ms);
  return [...taken.values()];
}
