/** A list that comes in pages, the newest first. */

import { Attempt } from "./attempt.svelte";

export interface Page<Entry, Cursor> {
  readonly entries: readonly Entry[];
  /** Asks for the next page; null: there is none. */
  readonly before: Cursor | null;
}

export class Pages<Entry, Cursor = number> extends Attempt {
  entries = $state.raw<readonly Entry[]>([]);
  before = $state.raw<Cursor | null>(null);
  readonly #ask: (before: Cursor | null) => Promise<Page<Entry, Cursor>>;
  /** What was asked for last: behind which, and behind what. */
  #wanted: { readonly before: Cursor | null; readonly known: readonly Entry[] } = { before: null, known: [] };

  constructor(ask: (before: Cursor | null) => Promise<Page<Entry, Cursor>>) {
    super();
    this.#ask = ask;
  }

  /** From the beginning; what was there before stays until the answer is. */
  load(): Promise<void> {
    this.#wanted = { before: null, known: [] };
    return this.#take();
  }

  /** The next page; what failed once more, where something did. */
  more(): Promise<void> {
    if (!this.failure) this.#wanted = { before: this.before, known: this.entries };
    return this.#take();
  }

  #take(): Promise<void> {
    const wanted = this.#wanted;
    return this.run(async () => {
      const page = await this.#ask(wanted.before);
      if (wanted !== this.#wanted) return; // meanwhile something else was asked for
      this.entries = [...wanted.known, ...page.entries];
      this.before = page.before;
    });
  }
}
