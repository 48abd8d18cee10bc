/** Lists that show the sessions of one team or one tier. Names of both are other people's words. */

import { safeText } from "../wording/safeText";
import { say } from "../wording/wording.svelte";

/** What stands for no team, or no tier, as the servers say it. */
export const NONE = "-";

/** Empty: of all, `NONE`: of none. */
export interface Narrowing {
  readonly team: string;
  readonly tier: string;
}

export function isOf(wanted: Narrowing, session: Narrowing): boolean {
  return isNamed(wanted.team, session.team) && isNamed(wanted.tier, session.tier);
}

export function isNamed(wanted: string, name: string): boolean {
  return wanted === "" || wanted === (name || NONE);
}

/** What there is to choose from, none last; nothing where nobody is in any. What is chosen can always be seen. */
export function choices(names: Iterable<string>, chosen = ""): string[] {
  const found = new Set([...names].map((name) => name || NONE));
  if (chosen) found.add(chosen);
  const named = [...found].filter((name) => name !== NONE).sort((a, b) => a.localeCompare(b));
  return named.length || chosen ? [...named, ...(found.has(NONE) ? [NONE] : [])] : [];
}

export function nameOf(which: "team" | "tier", name: string): string {
  return name === NONE || name === "" ? say(`console-no-${which}`) : safeText(name);
}
