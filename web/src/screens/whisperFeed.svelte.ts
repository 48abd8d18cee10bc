/** What staff whisper to each other about one session, as it comes. Each question stays open until there is something. */

import type { BrokerApi } from "../engineer/api";
import type { WhisperAnswer } from "../engineer/api_types";

const WAIT_SECONDS = 15;
const PAUSE_MS = 5000;

export class WhisperFeed {
  said = $state.raw<readonly WhisperAnswer[]>([]);
  failure = $state.raw<unknown>(null);
  isOver = $state(false);
  /** Whether they are on the screen, where a person sees them. */
  isLookedAt = $state(false);
  #readTo = $state(0);
  #isClosed = false;
  #isWoken: () => void = () => undefined;
  readonly #api: BrokerApi;
  readonly #sessionId: string;

  constructor(api: BrokerApi, sessionId: string) {
    this.#api = api;
    this.#sessionId = sessionId;
    void this.#listen();
  }

  /** Those of others that nobody has looked at here. */
  get unread(): readonly WhisperAnswer[] {
    return this.said.filter((one) => !one.mine && one.number > this.#readTo);
  }

  read(): void {
    this.#readTo = this.said.at(-1)?.number ?? 0;
  }

  async say(text: string): Promise<void> {
    this.#take([await this.#api.whisper(this.#sessionId, text)]);
  }

  async askToJoin(): Promise<void> {
    this.#take([await this.#api.askToJoin(this.#sessionId)]);
  }

  close(): void {
    this.#isClosed = true;
    this.#isWoken();
  }

  async #listen(): Promise<void> {
    // The first look is answered at once, also where there is nothing.
    let wait = 0;
    while (!this.#isClosed && !this.isOver) {
      try {
        const answer = await this.#api.whispers(this.#sessionId, this.#heardTo(), wait);
        if (this.#isClosed) return;
        this.#take(answer.whispers);
        this.isOver = answer.is_over;
        this.failure = null;
        wait = WAIT_SECONDS;
      } catch (failure) {
        this.failure = failure;
        await this.#pause();
      }
    }
  }

  /** One's own come at once, and those of others that were said before may still be on their way. */
  #heardTo(): number {
    let number = 0;
    for (const one of this.said) if (one.number === number + 1) number = one.number;
    return number;
  }

  #take(more: readonly WhisperAnswer[]): void {
    if (!more.length) return;
    const known = new Map([...this.said, ...more].map((one) => [one.number, one] as const));
    this.said = [...known.values()].sort((one, other) => one.number - other.number);
    if (this.isLookedAt) this.read();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PAUSE_MS);
      this.#isWoken = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
