/** Days as they stand in two fields, of the browser's time zone, both included; an empty field asks for nothing. */

export interface Moments {
  readonly since_ms: number | null;
  /** The first moment after. */
  readonly until_ms: number | null;
}

export function daysBetween(first: string, last: string): Moments {
  return { since_ms: first ? midnight(first) : null, until_ms: last ? midnight(last, 1) : null };
}

/** So many days later: the day on which clocks change has 23 hours, or 25. */
function midnight(day: string, later = 0): number {
  const at = new Date(`${day}T00:00`);
  at.setDate(at.getDate() + later);
  return at.getTime();
}
