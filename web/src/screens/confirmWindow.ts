/**
 * Showing the organisation's sign-in once more that it is you, without leaving the page on which you work.
 *
 *     page                          window of its own                         provider
 *     opens it  ───────────────►  #/confirm  ── leaves for ───────────────►  asks
 *     goes on   ◄── tells ──────  #/confirmed, or #/refused/…  ◄── back ────
 *
 * The two share an origin and nothing else: our pages keep no opener (Cross-Origin-Opener-Policy).
 */

import { ServerRefused } from "../http/api";

const CONFIRM_PLACE = "#/confirm";
export const CONFIRMED_PLACE = "#/confirmed";

export function isConfirmPlace(place: string): boolean {
  return place === CONFIRM_PLACE || place === CONFIRMED_PLACE;
}

const CHANNEL = "consentry-confirm";

/** False where the browser opens no window: then the page itself has to leave. */
export function openConfirmWindow(): boolean {
  return window.open(location.pathname + CONFIRM_PLACE, "_blank", "popup,width=520,height=720") !== null;
}

/** Says how it went: `failure` is null for whoever has signed in. */
export function tellOtherWindows(failure: unknown): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ refused: failure instanceof ServerRefused ? failure.code : failure ? "unknown" : null });
  channel.close();
}

/** Until the function that it answers is called, `heard` gets what went wrong in such a window, or null. */
export function hearOtherWindows(heard: (failure: ServerRefused | null) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<{ refused: string | null }>) => {
    heard(data.refused === null ? null : new ServerRefused(data.refused, data.refused, 403));
  };
  return () => channel.close();
}
