/** A scorecard's lines as they stand together: those without a section first, then section by section, as written. */

import type { BothLanguages, Criterion, Scorecard } from "../api_types";

export interface Section {
  readonly id: string;
  readonly title: BothLanguages | null;
  readonly criteria: readonly Criterion[];
}

export function inSections(scorecard: Scorecard): Section[] {
  const ids = [...new Set(scorecard.criteria.map(({ section }) => section ?? ""))].sort((a, b) =>
    a === "" ? -1 : b === "" ? 1 : 0,
  );
  return ids.map((id) => ({
    id,
    title: scorecard.sections[id] ?? null,
    criteria: scorecard.criteria.filter(({ section }) => (section ?? "") === id),
  }));
}
