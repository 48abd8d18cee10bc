/** The scorecards that a new review can go by: the newest version of each that is not retired. */

import type { Scorecard, ScorecardsAnswer } from "../api_types";

export function offered({ scorecards, retired }: ScorecardsAnswer): readonly Scorecard[] {
  const newest = new Map(scorecards.map((one) => [one.id, one]));
  return [...newest.values()].filter(({ id }) => retired[id] === undefined);
}
