/** Output of the shared terminal, from when it comes to when a terminal is there to show it. */

const KEPT_BYTES = 512 * 1024;

export interface RoomViewer {
  write(data: Uint8Array): void;
  reset(): void;
}

export class RoomFeed {
  #viewer: RoomViewer | null = null;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;

  take(data: Uint8Array): void {
    this.#kept.push(data);
    this.#keptBytes += data.length;
    while (this.#keptBytes > KEPT_BYTES && this.#kept.length > 1) this.#keptBytes -= this.#kept.shift()?.length ?? 0;
    this.#viewer?.write(data);
  }

  /** The agent tells everything from the beginning. */
  restart(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.#viewer?.reset();
  }

  attach(viewer: RoomViewer): () => void {
    this.#viewer = viewer;
    for (const piece of this.#kept) viewer.write(piece);
    return () => {
      if (this.#viewer === viewer) this.#viewer = null;
    };
  }
}
