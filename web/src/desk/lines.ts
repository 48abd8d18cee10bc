/**
 * JSON Lines of the audit service: a session from its index (audit/replay_index/viewing.py explains each line).
 *
 * Every text for a terminal went through the service's filter (audit/vault/escapes.py): it draws, and does nothing else.
 */

import { ConsentryError } from "../protocol/errors";
import type { Mark } from "./api_types";

export interface TerminalPicture {
  readonly channel: number;
  readonly columns: number;
  readonly rows: number;
  readonly text: string;
}

export interface Picture {
  readonly kind: "picture";
  readonly t_ms: number;
  readonly terminals: readonly TerminalPicture[];
  readonly people: readonly { readonly participant: number; readonly name: string; readonly staff_number: string }[];
  /** Of a running session: what rules have noticed so far. */
  readonly marks: readonly Mark[];
}

export interface Output {
  readonly kind: "output";
  readonly t_ms: number;
  readonly channel: number;
  readonly text: string;
}

export interface Size {
  readonly kind: "size";
  readonly t_ms: number;
  readonly channel: number;
  readonly columns: number;
  readonly rows: number;
}

export interface Stop {
  readonly kind: "more" | "end";
  readonly t_ms: number;
}

export const ENTRY_KINDS = ["command", "file", "consent", "session", "forward", "gap", "chat", "note", "mark"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** What is on the time line. `source` and `name` come with /timeline alone. */
export interface Entry {
  readonly kind: EntryKind;
  readonly t_ms: number;
  readonly channel: number;
  readonly text: string;
  readonly source?: string;
  readonly name?: string;
  /** Those whom `text` has by their numbers. */
  readonly people?: readonly { readonly participant: number; readonly name: string }[];
}

/** `input` is on no screen of ours: what was typed shows by its echo, and what does not echo is not for eyes. */
export interface Input {
  readonly kind: "input";
  readonly t_ms: number;
}

export type Line = Picture | Output | Size | Stop | Entry | Input;

/** Of several running sessions together (audit/service/http_api/wall.py). */
export interface WallLine {
  readonly session_id: string;
  readonly line?: Line;
  readonly over?: true;
}

/** What was done to a file, as the recording has it. */
export interface FileOperation {
  readonly t_ms: number;
  readonly action: string;
  readonly path: string;
  readonly target: string;
  readonly outcome: "ok" | "refused" | "failed";
  readonly byte_count: number;
  readonly sha256: string;
}

/**
 * How long there is something to be replayed. What people added does not count: an engineer's notes may be of the next
 * day, and a recording of minutes would end with a day of nothing.
 */
export function recordedMs(durationMs: number, entries: readonly Entry[]): number {
  return Math.max(durationMs, entries.findLast(({ source }) => source !== "added")?.t_ms ?? 0);
}

const LINE_LIMIT_CHARACTERS = 16 * 1024 * 1024;

/** The answer ended within a line, or one was longer than any that the service writes. */
export class LinesBroken extends ConsentryError {
  constructor() {
    super("desk-page-error-lines");
    this.name = "LinesBroken";
  }
}

/** One value for each line, as they come. Leaving the loop ends the request. Throws LinesBroken. */
export async function* readLines<T>(answer: Response): AsyncGenerator<T> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read().catch(() => {
        throw new LinesBroken();
      });
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LINE_LIMIT_CHARACTERS) throw new LinesBroken();
      for (const line of lines) if (line) yield JSON.parse(line) as T;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (rest) throw new LinesBroken();
}
