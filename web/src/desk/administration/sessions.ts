/** Numbers of sessions, and how long each is kept. */

import type { ClassAnswer, SessionAnswer } from "../api_types";

export const SHORT_ID = 12;
const DAY_MS = 24 * 3_600_000;

/** The first moment at which somebody may ask for its erase; null while it goes on, or is held. */
export function erasableFrom(session: SessionAnswer, classes: readonly ClassAnswer[]): number | null {
  const floor = classes.find(({ retention }) => retention === session.retention)?.floor_days;
  if (session.ended_at_ms === null || session.held !== null || floor === undefined) return null;
  return session.ended_at_ms + floor * DAY_MS;
}

/** Whether this is a whole number of a session, as the desk shows it. */
export function isSessionId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text.trim().toLowerCase());
}
