/** Figures in words: each says how many it rests on, and how sure it is. */

import { say, wording } from "../../wording/wording.svelte";
import type { FigureAnswer } from "../api_types";

export function figureName(figure: Pick<FigureAnswer, "name">): string {
  return say(`desk-page-figure-${figure.name.replaceAll("_", "-")}`);
}

/** `86%`, `1:04`, `82.5`; a dash where there was nothing to count. */
export function shownValue(unit: FigureAnswer["unit"], value: number | null): string {
  if (value === null) return "–";
  return unit === "share" ? wording.percent(value) : unit === "ms" ? wording.duration(value) : wording.number(value, 1);
}

export function intervalOf(figure: FigureAnswer): string {
  if (figure.low === null || figure.high === null) return "";
  return `${shownValue(figure.unit, figure.low)} – ${shownValue(figure.unit, figure.high)}`;
}

/** Of a plot: shares in percent, times in minutes, points as they are. */
export function plotted(unit: FigureAnswer["unit"], value: number | null): number | null {
  if (value === null) return null;
  return unit === "share" ? 100 * value : unit === "ms" ? value / 60_000 : value;
}

/** They count requests for help, of which not every one led to a session. */
const OF_REQUESTS = ["speed_of_answer_median", "speed_of_answer_p90", "queue_service_level", "abandonment"];

/** How many of those that a figure counts led to no session, and cannot be opened. */
export function withoutSession({ name, count, sessions }: FigureAnswer): number {
  return OF_REQUESTS.includes(name) ? count - sessions : 0;
}

export const UNIT_SHOWN: Record<FigureAnswer["unit"], string> = { share: "%", ms: "min", points: "" };
