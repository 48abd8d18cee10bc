/** What events are called. */

import type { DeliveryEntry } from "../../engineer/api_types";
import { say } from "../../wording/wording.svelte";

export function eventName(kind: DeliveryEntry["kind"]): string {
  return say(`administration-event-${kind.replace(".", "-")}`);
}
