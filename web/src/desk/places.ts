/** Where one is, as it stands behind the # of the address. Words that are searched for never stand there. */

import { linkOf } from "../screens/linkPlace";
import type { MeAnswer, Permission } from "./api_types";

export const ADMINISTRATION = [
  "retention",
  "sampling",
  "scorecards",
  "marks",
  "people",
  "journal",
  "monitors",
  "state",
] as const;
export type AdministrationPage = (typeof ADMINISTRATION)[number];

/** For each page the permissions of which one is enough. */
export const NEEDED: Record<AdministrationPage, readonly Permission[]> = {
  retention: ["request", "confirm", "retain"],
  sampling: ["lead"],
  scorecards: ["lead", "scorecards"],
  marks: ["lead"],
  people: ["people"],
  journal: ["who-saw"],
  monitors: ["who-saw"],
  state: ["lead"],
};

export type Place =
  | { readonly name: "administration"; readonly page: AdministrationPage; readonly sessionId: string | null }
  | { readonly name: "sessions" | (typeof NAMED)[number] }
  | { readonly name: "link"; readonly userCode: string | null }
  | { readonly name: "session"; readonly sessionId: string; readonly tMs: number | null }
  | { readonly name: "running"; readonly sessionId: string };

const NAMED = ["search", "live", "reports", "views", "account"] as const;

export function placeOf(hash: string): Place {
  const session = /^#\/sessions\/([0-9a-f]{32})(?:\/([0-9]{1,12}))?$/.exec(hash);
  if (session?.[1]) return { name: "session", sessionId: session[1], tMs: session[2] ? Number(session[2]) : null };
  const running = /^#\/live\/([0-9a-f]{32})$/.exec(hash);
  if (running?.[1]) return { name: "running", sessionId: running[1] };
  const retention = /^#\/retention\/([0-9a-f]{32})$/.exec(hash);
  if (retention?.[1]) return { name: "administration", page: "retention", sessionId: retention[1] };
  const link = linkOf(hash);
  if (link) return { name: "link", userCode: link.userCode };
  const page = ADMINISTRATION.find((one) => hash === `#/${one}`);
  if (page) return { name: "administration", page, sessionId: null };
  const name = NAMED.find((one) => hash === `#/${one}`);
  return { name: name ?? "sessions" };
}

export function sessionAddress(sessionId: string, tMs?: number): string {
  return tMs === undefined ? `#/sessions/${sessionId}` : `#/sessions/${sessionId}/${Math.max(0, Math.round(tMs))}`;
}

export function retentionAddress(sessionId: string): string {
  return `#/retention/${sessionId}`;
}

export function mayOpen(me: MeAnswer, page: AdministrationPage): boolean {
  return NEEDED[page].some((permission) => may(me, permission));
}

export function may(me: MeAnswer, permission: Permission): boolean {
  return me.permissions.includes(permission);
}
