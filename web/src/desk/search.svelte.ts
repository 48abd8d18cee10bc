/** One search, page after page. */

import type { AuditApi } from "./api";
import type { FoundHit, SearchBody } from "./api_types";

export class Search {
  hits = $state.raw<readonly FoundHit[]>([]);
  /** Sessions in which more stands than is shown. */
  moreIn = $state.raw<ReadonlySet<string>>(new Set());
  isBusy = $state(false);
  failure = $state<unknown>(null);
  next = $state("");
  isDone = $state(false);
  #body: SearchBody | null = null;
  #asked = 0;

  constructor(readonly api: Pick<AuditApi, "search">) {}

  async begin(body: SearchBody): Promise<void> {
    this.#body = body;
    this.hits = [];
    this.moreIn = new Set();
    this.next = "";
    this.isDone = false;
    await this.more();
  }

  /** A page may come back empty and know where to go on: what was looked through so far held nothing. */
  async more(): Promise<void> {
    if (!this.#body) return;
    this.#asked += 1;
    const asked = this.#asked;
    this.isBusy = true;
    this.failure = null;
    try {
      const page = await this.api.search({ ...this.#body, after: this.next });
      if (asked !== this.#asked) return;
      this.hits = [...this.hits, ...page.hits];
      this.moreIn = new Set([...this.moreIn, ...page.more_in]);
      this.next = page.next;
      this.isDone = !page.next;
    } catch (error) {
      if (asked === this.#asked) this.failure = error;
    }
    if (asked === this.#asked) this.isBusy = false;
  }
}
