/** What a session was about, in one line: whose words these are is nobody's to trust. */

import { safeText } from "../wording/safeText";
import type { AboutAnswer } from "./api_types";

type Told = Pick<AboutAnswer, "team" | "tier" | "customer" | "reason" | "ticket">;

export function aboutLine({ team, tier, customer, reason, ticket }: Told): string {
  return [team, tier, customer, reason, ticket].filter(Boolean).map(safeText).join(" · ");
}
