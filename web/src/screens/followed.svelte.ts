/** What is told of a session that runs: lines of chat, which of them were read, and why work stands still. */

import { Following } from "../engineer/following";
import type { LiveSession } from "../engineer/pairedSession";
import type { PausedBy, Said } from "../protocol/generated";

/** The customer's agent remembers as many. */
const KEPT_LINES = 200;

export type ChatState = "asking" | "open" | "away" | "unknown" | "over";

export class Followed {
  lines = $state.raw<readonly Said[]>([]);
  pausedBy = $state.raw<readonly PausedBy[]>([]);
  state = $state<ChatState>("asking");
  /** Whether the lines are on the screen, where a person sees them. */
  isLookedAt = $state(false);
  #readTo = $state(0);
  readonly #following: Following;

  constructor({ route, paired }: LiveSession) {
    this.#following = Following.of(route, paired.keys.controlKey, {
      onsaid: (line) => {
        this.lines = [...this.lines, line].slice(-KEPT_LINES);
        if (this.isLookedAt) this.read();
      },
      onpaused: (by) => {
        this.pausedBy = by;
        this.state = "open";
      },
      onaway: () => {
        this.state = "away";
      },
      onover: (isKnown) => {
        this.pausedBy = [];
        this.state = isKnown ? "over" : "unknown";
      },
    });
  }

  get unread(): number {
    return this.lines.filter((line) => !line.mine && line.number > this.#readTo).length;
  }

  read(): void {
    this.#readTo = this.lines.at(-1)?.number ?? 0;
  }

  say(typed: string): Promise<void> {
    return this.#following.say(typed);
  }

  retryNow(): void {
    this.#following.retryNow();
  }

  close(): void {
    this.#following.close();
  }
}
