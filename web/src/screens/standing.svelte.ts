/** How an engineer stands in a session: what they may do and until when, or that they are out. */

import type { LiveSession } from "../engineer/pairedSession";
import {
  type EndReason,
  type Granted,
  type GrantMoved,
  SCOPES,
  type Scope,
  type TakenOver,
} from "../protocol/generated";

/**
 * The session has ended; nothing came through for too long, and it may go on; somebody has their place; or the customer took
 * everything back, as time does.
 */
export type Out = "over" | "cut-off" | "taken-over" | "nothing-left";

export class Standing {
  /** From seeing to everything, as they are asked for. */
  scopes = $state.raw<readonly Scope[]>([]);
  expiresAtMs = $state(0);
  moved = $state<"narrowed" | "widened" | null>(null);
  ended = $state<EndReason | null>(null);
  takenOver = $state.raw<TakenOver | null>(null);
  /** The broker says that the session has ended. This end may have lost it before, without a word. */
  isOver = $state(false);

  /** `onout` hears of an end, and of a colleague who took over: nothing of theirs goes on then. */
  constructor({ conversation, granted }: Pick<LiveSession, "conversation" | "granted">, onout: () => void) {
    this.#has(granted);
    conversation.onGrantMoved = (grant) => {
      this.moved = this.scopes.some((scope) => !grant.scopes.includes(scope)) ? "narrowed" : "widened";
      this.#has(grant);
    };
    conversation.onTakenOver = (told) => {
      this.takenOver = told;
      onout();
    };
    void conversation.ended.then((reason) => {
      this.ended = reason;
      onout();
    });
  }

  /** null for whoever is in. */
  get out(): Out | null {
    if (this.ended) return this.ended === "lost" && !this.isOver ? "cut-off" : "over";
    if (this.takenOver) return "taken-over";
    return this.scopes.length ? null : "nothing-left";
  }

  /** The customer has let them in again. */
  letIn(granted: Granted): void {
    this.takenOver = null;
    this.moved = null;
    this.#has(granted);
  }

  #has({ scopes, expiresAtMs }: Pick<GrantMoved, "scopes" | "expiresAtMs">): void {
    this.scopes = SCOPES.filter((scope) => scopes.includes(scope));
    this.expiresAtMs = expiresAtMs;
  }
}
