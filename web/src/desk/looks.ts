/** Who saw what, as people read it: looks of one person for one purpose, one after the other, are one line. */

import type { ViewAnswer } from "./api_types";

export const ACTIONS = ["view", "search", "download", "export", "hold", "lift-hold", "retention", "erase"] as const;

/** What is left out is not asked for; `until_ms` is the first moment after. */
export interface LooksChoice {
  readonly user_name?: string;
  readonly action?: readonly string[];
  readonly since_ms?: number | null;
  readonly until_ms?: number | null;
}

export interface Look {
  readonly key: number;
  readonly userName: string;
  readonly sessionId: string;
  readonly action: string;
  readonly purpose: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly count: number;
}

const TOGETHER_MS = 30 * 60 * 1000;

/** `views` are the newest first, as the service gives them; so are the looks. */
export function looksOf(views: readonly ViewAnswer[]): Look[] {
  const looks: Look[] = [];
  for (const view of views) {
    const last = looks.at(-1);
    const isSame =
      last &&
      last.userName === view.user_name &&
      last.sessionId === view.session_id &&
      last.action === view.action &&
      last.purpose === view.purpose &&
      last.fromMs - view.seen_at_ms <= TOGETHER_MS;
    if (isSame) looks[looks.length - 1] = { ...last, fromMs: view.seen_at_ms, count: last.count + 1 };
    else
      looks.push({
        key: view.view_id,
        userName: view.user_name,
        sessionId: view.session_id,
        action: view.action,
        purpose: view.purpose,
        fromMs: view.seen_at_ms,
        untilMs: view.seen_at_ms,
        count: 1,
      });
  }
  return looks;
}
