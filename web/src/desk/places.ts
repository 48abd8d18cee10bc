/** Where one is, as it stands behind the # of the address. Words that are searched for never stand there. */

import type { MeAnswer, Permission } from "./api_types";

export type Place =
  | { readonly name: "sessions" | "search" | "live" | "reports" | "views" }
  | { readonly name: "session"; readonly sessionId: string; readonly tMs: number | null }
  | { readonly name: "running"; readonly sessionId: string };

export function placeOf(hash: string): Place {
  const session = /^#\/sessions\/([0-9a-f]{32})(?:\/([0-9]{1,12}))?$/.exec(hash);
  if (session?.[1]) return { name: "session", sessionId: session[1], tMs: session[2] ? Number(session[2]) : null };
  const running = /^#\/live\/([0-9a-f]{32})$/.exec(hash);
  if (running?.[1]) return { name: "running", sessionId: running[1] };
  const name = (["search", "live", "reports", "views"] as const).find((one) => hash === `#/${one}`);
  return { name: name ?? "sessions" };
}

export function sessionAddress(sessionId: string, tMs?: number): string {
  return tMs === undefined ? `#/sessions/${sessionId}` : `#/sessions/${sessionId}/${Math.max(0, Math.round(tMs))}`;
}

export function may(me: MeAnswer, permission: Permission): boolean {
  return me.permissions.includes(permission);
}
