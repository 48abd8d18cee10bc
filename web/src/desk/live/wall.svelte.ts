/**
 * Running sessions, over as few connections as may be: browsers open six to a server. Each session's look is noted once for
 * each connection that it comes over.
 */

import { ServerRefused } from "../../http/api";
import type { AuditApi } from "../api";
import { LiveTile } from "./tile.svelte";

/** Looked at together, at most: the service takes no more. */
export const TILES_LIMIT = 24;
const STREAMS_LIMIT = 3;
const AGAIN_AFTER_MS = 3000;
/** So long a session that has ended stays on the wall: nobody should wonder where it went. */
const OVER_SHOWN_MS = 5 * 60_000;

interface Stream {
  readonly ids: readonly string[];
  readonly ending: AbortController;
}

export class Wall {
  failure = $state<unknown>(null);
  tiles = $state.raw<ReadonlyMap<string, LiveTile>>(new Map());
  #streams: Stream[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(
    readonly api: Pick<AuditApi, "wall">,
    readonly purpose: string,
    readonly now: () => number = Date.now,
  ) {}

  /** Those that are to be seen. New ones come over a connection of their own, until there are too many of those. */
  show(ids: readonly string[]): void {
    this.#clearAway();
    const wanted = ids.slice(0, TILES_LIMIT);
    const fresh = wanted.filter((id) => !this.tiles.has(id));
    if (!fresh.length) return;
    this.tiles = new Map([...this.tiles, ...fresh.map((id) => [id, new LiveTile()] as const)]);
    if (this.#streams.length < STREAMS_LIMIT) this.#open(fresh);
    else this.#openAnew();
  }

  /** No more of these: they are not looked at any longer. What else runs comes over one connection from then on. */
  leave(ids: readonly string[]): void {
    const left = new Set(ids);
    const kept = [...this.tiles].filter(([id]) => !left.has(id));
    if (kept.length === this.tiles.size) return;
    this.tiles = new Map(kept);
    this.#openAnew();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { ending } of this.#streams) ending.abort();
  }

  #clearAway(): void {
    const before = this.now() - OVER_SHOWN_MS;
    const kept = [...this.tiles].filter(([, tile]) => !tile.isOver || tile.heardAtMs > before);
    if (kept.length < this.tiles.size) this.tiles = new Map(kept);
  }

  /** Everything that still runs, over one connection. */
  #openAnew(): void {
    for (const { ending } of this.#streams) ending.abort();
    this.#streams = [];
    const going = [...this.tiles].filter(([, tile]) => !tile.isOver).map(([id]) => id);
    if (going.length) this.#open(going.slice(-TILES_LIMIT));
  }

  #open(ids: readonly string[]): void {
    const stream = { ids, ending: new AbortController() };
    this.#streams = [...this.#streams, stream];
    void this.#follow(stream);
  }

  async #follow(stream: Stream): Promise<void> {
    try {
      for await (const said of this.api.wall(stream.ids, this.purpose, stream.ending.signal)) {
        this.failure = null;
        const tile = this.tiles.get(said.session_id);
        if (said.over && tile) tile.end(this.now());
        else if (said.line && tile) tile.take(said.line, this.now());
      }
      this.#leave(stream);
    } catch (error) {
      if (this.#isClosed || stream.ending.signal.aborted) return;
      this.#leave(stream);
      if (error instanceof ServerRefused && error.code === "nothing-live") this.#areOver(stream.ids);
      else this.#tryAgain(error);
    }
  }

  #leave(stream: Stream): void {
    this.#streams = this.#streams.filter((one) => one !== stream);
  }

  #areOver(ids: readonly string[]): void {
    for (const id of ids) {
      const tile = this.tiles.get(id);
      tile?.end(this.now());
    }
  }

  #tryAgain(error: unknown): void {
    this.failure = error;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#openAnew(), AGAIN_AFTER_MS);
  }
}
