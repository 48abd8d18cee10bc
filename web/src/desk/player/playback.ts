/**
 * Where a replay stands, and what its screen shows there. No clock and no network in it: `advance` says how much time
 * went by, and `Source` brings the recording in pieces, each with a picture of how things stood when it begins.
 */

import type { Output, Picture, Size } from "../lines";

/** What happened from `beginsMs` (that moment is in the picture) up to `untilMs`, both included. */
export interface Piece {
  readonly beginsMs: number;
  readonly untilMs: number;
  readonly isLast: boolean;
  readonly picture: Picture;
  readonly lines: readonly (Output | Size)[];
}

export interface Source {
  piece(tMs: number): Promise<Piece>;
}

export interface Screen {
  /** Begins anew: everything that was shown is gone. */
  show(picture: Picture): void;
  write(line: Output | Size): void;
}

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;
const IDLE_LIMIT_MS = 2000;
/** Of a silence that is skipped, so much stays: a viewer sees that there was one. */
const IDLE_KEPT_MS = 600;

/** What only moves the cursor or sets how letters look: the service draws an empty screen by these alone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are made of
const DRAWING = /\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Za-z0-9]|[\x00-\x1f]/g;

export class Playback {
  positionMs = 0;
  isPlaying = false;
  speed = 1;
  skipsIdle = true;
  isLoading = false;
  #piece: Piece | null = null;
  #next = 0;
  #asked = 0;

  constructor(
    readonly source: Source,
    readonly screen: Screen,
    readonly durationMs: number,
  ) {}

  get isAtEnd(): boolean {
    return this.positionMs >= this.durationMs;
  }

  /** When the screen that stands here first shows something, as far as the recording is loaded. */
  get shownFromMs(): number {
    const { picture, lines } = this.#piece ?? { picture: null, lines: [] };
    const isEmpty = !picture?.terminals.some(({ text }) => text.replace(DRAWING, "").trim());
    return (isEmpty && lines.find(({ kind }) => kind === "output")?.t_ms) || this.positionMs;
  }

  /** Shows the moment. A later call makes an earlier one forget what it asked for. Throws as the source does. */
  async seek(tMs: number): Promise<void> {
    const wantedMs = Math.min(Math.max(0, Math.round(tMs)), this.durationMs);
    this.positionMs = wantedMs;
    const piece = this.#piece;
    if (piece && piece.beginsMs <= wantedMs && wantedMs <= piece.untilMs) {
      this.#asked += 1;
      this.isLoading = false;
      this.#begin(piece);
    } else {
      const fetched = await this.#fetch(wantedMs);
      if (!fetched) return;
      this.#begin(fetched);
    }
    this.#writeUntil(wantedMs);
  }

  /** So much time went by. Throws as the source does; then it plays no more. */
  async advance(elapsedMs: number): Promise<void> {
    if (!this.isPlaying || this.isLoading || !this.#piece) return;
    let toMs = this.positionMs + elapsedMs * this.speed;
    const nextMs = this.#piece.lines[this.#next]?.t_ms ?? (this.#piece.isLast ? this.durationMs : this.#piece.untilMs);
    if (this.skipsIdle && nextMs - this.positionMs > IDLE_LIMIT_MS) toMs = Math.max(toMs, nextMs - IDLE_KEPT_MS);
    if (toMs < this.#piece.untilMs || this.#piece.isLast) {
      this.positionMs = Math.min(toMs, this.durationMs);
      this.#writeUntil(this.positionMs);
      if (this.isAtEnd) this.isPlaying = false;
      return;
    }
    this.#writeUntil(this.#piece.untilMs);
    this.positionMs = this.#piece.untilMs;
    try {
      const fetched = await this.#fetch(this.positionMs);
      if (fetched) this.#begin(fetched);
    } catch (error) {
      this.isPlaying = false;
      throw error;
    }
  }

  async #fetch(tMs: number): Promise<Piece | null> {
    this.#asked += 1;
    const asked = this.#asked;
    this.isLoading = true;
    try {
      const piece = await this.source.piece(tMs);
      return asked === this.#asked ? piece : null;
    } finally {
      if (asked === this.#asked) this.isLoading = false;
    }
  }

  #begin(piece: Piece): void {
    this.#piece = piece;
    this.#next = 0;
    this.screen.show(piece.picture);
  }

  #writeUntil(tMs: number): void {
    const lines = this.#piece?.lines ?? [];
    for (let line = lines[this.#next]; line && line.t_ms <= tMs; line = lines[this.#next]) {
      this.screen.write(line);
      this.#next += 1;
    }
  }
}
