/** What somebody has typed on this page, and which is kept nowhere else: nobody loses it by signing out, or being signed out. */

interface Holder {
  readonly holds: () => boolean;
  /** Where it can be kept without asking, as a draft. */
  readonly save: () => Promise<unknown>;
}

const holders = new Set<Holder>();

/** Belongs into a component's initialisation: for as long as it is shown, it answers for what is typed there. */
export function holdsUnsaved(holds: () => boolean, save: () => Promise<unknown> = () => Promise.resolve()): void {
  $effect(() => {
    const holder = { holds, save };
    holders.add(holder);
    return () => void holders.delete(holder);
  });
}

export function isAnythingUnsaved(): boolean {
  return [...holders].some((one) => one.holds());
}

/** Keeps what can be kept; answers whether anything is left that cannot. */
export async function saveUnsaved(): Promise<boolean> {
  await Promise.allSettled([...holders].filter((one) => one.holds()).map((one) => one.save()));
  return isAnythingUnsaved();
}
