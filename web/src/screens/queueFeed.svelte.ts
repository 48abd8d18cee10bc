/** The queue as it is at the broker; asked again as soon as it is another one. */

import type { BrokerApi } from "../engineer/api";
import type { QueueAnswer } from "../engineer/api_types";

const WAIT_SECONDS = 15;
const PAUSE_MS = 5000;

export class QueueFeed {
  value = $state.raw<QueueAnswer | null>(null);
  failure = $state.raw<unknown>(null);
  /** What the broker's clock is ahead of this one's. */
  aheadMs = $state(0);
  #isClosed = false;
  readonly #api: BrokerApi;

  constructor(api: BrokerApi) {
    this.#api = api;
    void this.#listen();
  }

  async again(): Promise<void> {
    this.#take(await this.#api.queue(0, 0));
  }

  close(): void {
    this.#isClosed = true;
  }

  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const wait = this.value && !document.hidden ? WAIT_SECONDS : 0;
        const answer = await this.#api.queue(this.value?.change ?? 0, wait);
        if (this.#isClosed) return;
        this.#take(answer);
        this.failure = null;
        if (!document.hidden) continue;
      } catch (failure) {
        this.failure = failure;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #take(answer: QueueAnswer): void {
    this.value = answer;
    this.aheadMs = answer.now_ms - Date.now();
  }
}
