/** Sessions by their numbers: who came in, when and for whom, beside what has a number alone. */

import type { AuditApi } from "./api";
import type { SessionAnswer } from "./api_types";

const PAGE = 100;

/** By number; what is not known here is left out. Throws as the API does. */
export async function sessionsOf(api: AuditApi, ids: readonly string[]): Promise<Map<string, SessionAnswer>> {
  const wanted = [...new Set(ids)];
  const found = new Map<string, SessionAnswer>();
  for (let at = 0; at < wanted.length; at += PAGE) {
    const page = await api.sessions({ id: wanted.slice(at, at + PAGE) });
    for (const one of page) found.set(one.session_id, one);
  }
  return found;
}
