/** How things stand at the broker, asked again as soon as they are otherwise: each question stays open until there is news. */

const WAIT_SECONDS = 15;
const PAUSE_MS = 5000;

/** `change` names how things stand, for the next question. */
interface Standing {
  readonly change: string | number;
}

/** Asks for what is newer than `after`, which is null the first time, and waits so many seconds for it. */
export type AskForNews<A extends Standing> = (
  after: A["change"] | null,
  waitSeconds: number,
  signal: AbortSignal,
) => Promise<A>;

export class Feed<A extends Standing> {
  value = $state.raw<A | null>(null);
  failure = $state.raw<unknown>(null);
  readonly #ask: AskForNews<A>;
  readonly #closing = new AbortController();

  constructor(ask: AskForNews<A>) {
    this.#ask = ask;
    void this.#listen();
  }

  /** At once: for whoever has just changed something. */
  async again(): Promise<void> {
    this.value = await this.#ask(null, 0, this.#closing.signal);
  }

  /** An open question is taken back: a browser has room for six of them. */
  close(): void {
    this.#closing.abort();
  }

  async #listen(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        // After a failure at once: what was wrong is not to be read until there is news.
        const wait = this.value && !this.failure && !document.hidden ? WAIT_SECONDS : 0;
        const answer = await this.#ask(this.value?.change ?? null, wait, this.#closing.signal);
        if (this.#closing.signal.aborted) return;
        this.value = answer;
        this.failure = null;
        if (!document.hidden) continue;
      } catch (failure) {
        this.failure = failure;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
