/** The pages of those who supervise or administer, as far as somebody may see them. */

import type { MeAnswer } from "../engineer/api_types";

const PLACES = [
  ["all-sessions", "#/live", "console-running"],
  ["people", "#/people", "console-people"],
  ["people", "#/tokens", "console-tokens"],
  ["webhooks", "#/webhooks", "console-webhooks"],
  ["events", "#/events", "console-events"],
  ["health", "#/organisation", "console-organisation"],
  ["health", "#/keys", "console-keys"],
  ["health", "#/health", "console-health"],
] as const;

export function placesOf({ permissions }: MeAnswer): readonly { readonly href: string; readonly name: string }[] {
  return PLACES.filter(([permission]) => permissions.includes(permission)).map(([, href, name]) => ({ href, name }));
}
