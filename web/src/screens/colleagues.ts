/** Whose place could be had: the broker's word, which the customer's machine does not go by. */

import type { SessionAnswer } from "../engineer/api_types";

/** Those who are in; `session` is null while nothing is known of it. */
export function colleaguesIn(session: SessionAnswer | null, ownStaffNumber: string): SessionAnswer["participants"] {
  const participants = session?.participants ?? [];
  return participants.filter(({ scopes, staff_number }) => scopes.length && staff_number !== ownStaffNumber);
}
