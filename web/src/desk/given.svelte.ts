/** What somebody has said while this page is open, and is not asked for twice. It is kept nowhere else. */

/** What a session is looked at for. Others can read it: see Views.svelte. */
class Purposes {
  last = $state("");
  readonly #bySession = new Map<string, string>();

  of(sessionId: string): string {
    return this.#bySession.get(sessionId) ?? "";
  }

  give(sessionId: string, purpose: string): void {
    this.last = purpose;
    this.#bySession.set(sessionId, purpose);
  }
}

export const purposes = new Purposes();

/** What the wall is looked at for: kept while one goes to a session and comes back. */
export const wallPurpose = $state({ words: "" });

/** What was searched for, to be pointed at where it was found. */
export const searched = $state({ words: "" });
