import { untrack } from "svelte";

interface Lines {
  isLookedAt: boolean;
  read(): void;
}

/** Tells lines while a person sees them, which has read them then: `isInView`, and the page is not behind another one.
 * Belongs into a component's initialisation. */
export function lookedAt(lines: () => Lines, isInView: () => boolean): void {
  let isAwake = $state(!document.hidden);

  $effect(() => {
    const changed = () => {
      isAwake = !document.hidden;
    };
    document.addEventListener("visibilitychange", changed);
    return () => document.removeEventListener("visibilitychange", changed);
  });

  $effect(() => {
    const seen = lines();
    seen.isLookedAt = isInView() && isAwake;
    if (seen.isLookedAt) untrack(() => seen.read());
  });
}
