/** Parts of a page that are fetched when they are needed first. */

/** Each browser has words of its own for a part that the server did not give. */
const PART_MISSING = /dynamically imported module|importing a module script|unable to preload/i;
const AGAIN_AFTER_MS = [250, 1000, 3000];

export function isPartMissing(error: unknown): boolean {
  return error instanceof Error && PART_MISSING.test(error.message);
}

/** Asks again where a line was cut for a moment: whoever is in a session cannot load the page anew. */
export async function loadPart<T>(
  load: () => Promise<T>,
  pause: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<T> {
  for (const waitMs of AGAIN_AFTER_MS) {
    try {
      return await load();
    } catch (error) {
      if (!isPartMissing(error)) throw error;
      await pause(waitMs);
    }
  }
  return load();
}
