/**
 * Whether somebody is at this page. A login lives on what a person does, at whichever server: pages say so, and say to the
 * person when it is about to end. How long is left, the server alone knows: another tab may have somebody at it.
 */

import type { PresenceAnswer } from "../engineer/api_types";

/** From here on it is told how long is left. */
export const TOLD_MS = 120_000;
/** From here on it is told that the login ends whatever anybody does: time enough to finish a sentence, and sign in again. */
export const ENDING_TOLD_MS = 10 * 60_000;
/** The server is told of a person no more often. */
const SAID_EVERY_MS = 60_000;
/** While it is told: in another tab they may have stayed. */
const LOOK_AGAIN_MS = 5_000;
/** While it is told that it ends in any case: in another tab they may have signed in again. */
const LOOK_FOR_NEXT_MS = 30_000;
const TICK_MS = 1_000;

const SIGNS = ["keydown", "input", "pointerdown", "pointermove", "wheel", "touchstart"] as const;

interface Doors {
  presence(): Promise<PresenceAnswer>;
  stay(): Promise<PresenceAnswer>;
}

export class Presence {
  /** Until the login ends, where that is soon and for want of anybody. */
  leftMs = $state<number | null>(null);
  idleMinutes = $state(0);
  /** Until the login ends whatever anybody does, where that is soon and they have not put it off. */
  endingMs = $state<number | null>(null);
  /** When that is. */
  overAtMs = $state(Number.POSITIVE_INFINITY);
  readonly #api: Doors;
  readonly #now: () => number;
  /** When the login ends for want of anybody; not before it ends in any case. */
  #endsAtMs = Number.POSITIVE_INFINITY;
  #toldFromMs = ENDING_TOLD_MS;
  #saidAtMs = 0;
  #lookedAtMs = 0;
  #asked: Promise<void> = Promise.resolve();
  #isWatching = false;
  #pointer = "";
  #look: ReturnType<typeof setTimeout> | undefined;
  #say: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Doors, now: () => number = Date.now) {
    this.#api = api;
    this.#now = now;
  }

  /** Nobody has done anything for too long, as far as this page knows: that is why the login has ended. */
  get isOver(): boolean {
    return this.#now() + LOOK_AGAIN_MS >= this.#endsAtMs;
  }

  /** Until the function that it answers is called. */
  watch(): () => void {
    this.#isWatching = true;
    this.#endsAtMs = Number.POSITIVE_INFINITY;
    this.#saidAtMs = 0;
    const sign = (event: Event) => this.#sign(event);
    const seen = () => {
      if (!document.hidden) void this.#ask("presence");
    };
    // Before whatever the page does with them: a terminal keeps its keys to itself.
    for (const kind of SIGNS) window.addEventListener(kind, sign, { capture: true, passive: true });
    document.addEventListener("visibilitychange", seen);
    void this.#ask("presence");
    return () => {
      for (const kind of SIGNS) window.removeEventListener(kind, sign, { capture: true });
      document.removeEventListener("visibilitychange", seen);
      this.#isWatching = false;
      clearTimeout(this.#look);
      clearTimeout(this.#say);
      this.#say = undefined;
      this.leftMs = null;
      this.endingMs = null;
      this.overAtMs = Number.POSITIVE_INFINITY;
    };
  }

  stay(): Promise<void> {
    clearTimeout(this.#say);
    this.#say = undefined;
    return this.#ask("stay");
  }

  /** "Not now": it is told once more, shortly before the login ends. */
  putOff(): void {
    this.#toldFromMs = (this.endingMs ?? 0) > TOLD_MS ? TOLD_MS : 0;
    this.#count();
    this.#tickAfter(this.#quietMs());
  }

  #sign(event: Event): void {
    if (!event.isTrusted || !this.#isMeant(event) || this.#say !== undefined) return;
    const wait = this.leftMs === null ? Math.max(this.#saidAtMs + SAID_EVERY_MS - this.#now(), 0) : 0;
    // At the end of a minute what was done in it is said: so the server never knows less than a minute of it.
    this.#say = setTimeout(() => void this.stay(), wait);
  }

  /** Browsers report a pointer that stands still, too, when something moves under it. */
  #isMeant(event: Event): boolean {
    if (event.type !== "pointermove") return !(event.target as Element | null)?.closest?.("[data-presence]");
    const { screenX, screenY } = event as PointerEvent;
    const before = this.#pointer;
    this.#pointer = `${screenX} ${screenY}`;
    // Whoever reaches for the button that stays is not to find it gone on the way there.
    return before !== "" && before !== this.#pointer && this.leftMs === null;
  }

  #ask(what: keyof Doors): Promise<void> {
    this.#asked = this.#asked.then(() => this.#askNow(what));
    return this.#asked;
  }

  async #askNow(what: keyof Doors): Promise<void> {
    try {
      this.#take(await this.#api[what]());
      if (what === "stay") this.#saidAtMs = this.#now();
    } catch {
      // Whoever is signed out is told by whatever asks; where there is no way through, it is tried again.
      this.#tickAfter(LOOK_AGAIN_MS);
    }
  }

  #take({ idle_left_ms, left_ms, idle_minutes }: PresenceAnswer): void {
    if (!this.#isWatching) return;
    const endsAnyhow = left_ms <= idle_left_ms;
    this.#lookedAtMs = this.#now();
    this.#endsAtMs = endsAnyhow ? Number.POSITIVE_INFINITY : this.#lookedAtMs + idle_left_ms;
    this.overAtMs = this.#lookedAtMs + left_ms;
    this.idleMinutes = idle_minutes;
    if (left_ms > ENDING_TOLD_MS) this.#toldFromMs = ENDING_TOLD_MS;
    this.#count();
    this.#tickAfter(this.#quietMs());
  }

  /** How long there is nothing to be told or to count. */
  #quietMs(): number {
    if (this.leftMs !== null || this.endingMs !== null) return TICK_MS;
    const now = this.#now();
    const over = this.overAtMs - now;
    const told = Math.min(this.#endsAtMs - now - TOLD_MS, over > this.#toldFromMs ? over - this.#toldFromMs : over);
    return Math.max(told, TICK_MS);
  }

  #count(): void {
    const now = this.#now();
    const idle = this.#endsAtMs - now;
    const over = this.overAtMs - now;
    this.leftMs = idle > TOLD_MS ? null : Math.max(idle, 0);
    // One thing at a time: whoever stays reads then that it ends all the same.
    this.endingMs = this.leftMs !== null || over > this.#toldFromMs ? null : Math.max(over, 0);
  }

  #tickAfter(ms: number): void {
    clearTimeout(this.#look);
    if (this.#isWatching) this.#look = setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    const now = this.#now();
    const every = this.leftMs === null ? LOOK_FOR_NEXT_MS : LOOK_AGAIN_MS;
    const isNews = this.leftMs === null && (this.endingMs === null || this.#endsAtMs - now <= TOLD_MS);
    // Nothing begins to be told, or to be over, before it was asked: in another tab they may have stayed, or signed in.
    if (isNews || Math.min(this.#endsAtMs, this.overAtMs) <= now || now - this.#lookedAtMs >= every) {
      void this.#ask("presence");
      return;
    }
    this.#count();
    this.#tickAfter(this.#quietMs());
  }
}
