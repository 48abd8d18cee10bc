/** What marks are called, as the organisation's rules have it. Asked once. */

import { safeText } from "../wording/safeText";
import { wording } from "../wording/wording.svelte";
import type { AuditApi } from "./api";
import type { MarkRuleAnswer } from "./api_types";

const known = $state<{ rules: readonly MarkRuleAnswer[]; isAsked: boolean }>({ rules: [], isAsked: false });

export async function learnMarkTitles(api: AuditApi): Promise<void> {
  if (known.isAsked) return;
  known.isAsked = true;
  try {
    known.rules = await api.markRules();
  } catch {
    known.isAsked = false; // names are a comfort: without them a mark goes by its rule
  }
}

export function markTitle(rule: string): string {
  return known.rules.find(({ id }) => id === rule)?.title[wording.language] ?? safeText(rule);
}
