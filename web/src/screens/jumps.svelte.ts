/** Where one can jump to from the palette (Ctrl-K). What is on the screen offers its own places while it is there. */

export interface Jump {
  readonly title: string;
  /** The keys that lead there without the palette. */
  readonly keys?: string;
  readonly go: () => void;
}

type Offer = () => readonly Jump[];

const offers = new Set<Offer>();
const palette = $state({ isOpen: false });

/** Belongs into a component's initialisation; what it offers is asked for each time that somebody looks. */
export function offerJumps(offer: Offer): void {
  $effect(() => {
    offers.add(offer);
    return () => offers.delete(offer);
  });
}

export function offeredJumps(): readonly Jump[] {
  return [...offers].reverse().flatMap((offer) => offer());
}

export function isPaletteOpen(): boolean {
  return palette.isOpen;
}

export function showPalette(isOpen: boolean): void {
  palette.isOpen = isOpen;
}

/**
 * Whether this key asks for the palette: Ctrl-K, ⌘K, or Alt+Shift+K. In a terminal Ctrl-K is the shell's (it kills the rest of
 * the line), and editors' there; the other two work.
 */
export function asksForPalette(event: KeyboardEvent): boolean {
  if (event.altKey && event.shiftKey && event.code === "KeyK") return true;
  if (event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return false;
  const isInTerminal = event.target instanceof Element && event.target.closest(".xterm") !== null;
  return event.metaKey || (event.ctrlKey && !isInTerminal);
}
