/** One running session as it is seen: its marks, what happened, since when it is silent, and its screen. */

import type { Mark } from "../api_types";
import type { Entry, Line, Output, Picture, Size } from "../lines";
import type { Screen } from "../player/playback";

const ENTRIES_KEPT = 500;
const KEPT_LIMIT_CHARACTERS = 1024 * 1024;

export class LiveTile {
  marks = $state.raw<readonly Mark[]>([]);
  entries = $state.raw<readonly Entry[]>([]);
  /** When this browser last heard something of it, Unix milliseconds. */
  heardAtMs = $state(0);
  hasPicture = $state(false);
  isOver = $state(false);
  #screen: Screen | null = null;
  #picture: Picture | null = null;
  #kept: (Output | Size)[] = [];
  #keptCharacters = 0;

  take(line: Line, nowMs: number): void {
    this.heardAtMs = nowMs;
    if (line.kind === "picture") this.#begin(line);
    else if (line.kind === "output" || line.kind === "size") this.#show(line);
    else if (line.kind === "mark" && line.name) this.#mark({ rule: line.name, t_ms: line.t_ms, detail: line.text });
    if ("text" in line && line.kind !== "output") this.entries = [...this.entries, line].slice(-ENTRIES_KEPT);
  }

  end(nowMs: number): void {
    this.isOver = true;
    this.heardAtMs = nowMs;
  }

  /** A screen comes later than the first picture, for its code is loaded when it is needed. */
  attach(screen: Screen): void {
    this.#screen = screen;
    if (this.#picture) screen.show(this.#picture);
    for (const line of this.#kept) screen.write(line);
    this.#kept = [];
  }

  #begin(picture: Picture): void {
    this.hasPicture = true;
    for (const mark of picture.marks) this.#mark(mark);
    this.#picture = picture;
    this.#kept = [];
    this.#keptCharacters = 0;
    this.#screen?.show(picture);
  }

  #show(line: Output | Size): void {
    if (this.#screen) {
      this.#screen.write(line);
    } else if (this.#keptCharacters < KEPT_LIMIT_CHARACTERS) {
      this.#kept.push(line);
      this.#keptCharacters += line.kind === "output" ? line.text.length : 0;
    }
  }

  /** A rule marks a session once; a new picture tells of all marks again. */
  #mark(mark: Mark): void {
    if (!this.marks.some(({ rule }) => rule === mark.rule)) this.marks = [...this.marks, mark];
  }
}
