/** Which of the loaded sessions are shown. The service cannot narrow them: what it keeps of each is under its own key. */

import { isOf, type Narrowing } from "../screens/narrowing";
import type { ReviewAnswer, SessionAnswer } from "./api_types";

export interface SessionFilter {
  readonly text: string;
  readonly recording: "" | "whole" | "not-whole";
  readonly rating: "" | "low" | "none";
  readonly mark: string;
  readonly review: "" | "none" | "open" | "done";
  readonly of: Narrowing;
}

export const EVERYTHING: SessionFilter = {
  text: "",
  recording: "",
  rating: "",
  mark: "",
  review: "",
  of: { team: "", tier: "" },
};

export function isWanted(session: SessionAnswer, reviews: readonly ReviewAnswer[], filter: SessionFilter): boolean {
  const { about } = session;
  const words = [about.engineer, about.staff_number, about.customer, about.reason, about.ticket, session.session_id];
  const isWhole = session.state === "complete" && session.condition === "sound";
  const isDone = reviews.some(({ status }) => status !== "assigned" && status !== "draft");
  return (
    words.join("\n").toLowerCase().includes(filter.text.trim().toLowerCase()) &&
    (!filter.recording || isWhole === (filter.recording === "whole")) &&
    (!filter.rating || (filter.rating === "none" ? about.stars === null : (about.stars ?? 5) <= 2)) &&
    isOf(filter.of, about) &&
    (!filter.mark || about.marks.some(({ rule }) => rule === filter.mark)) &&
    (!filter.review ||
      (filter.review === "none" ? !reviews.length : reviews.length > 0 && isDone === (filter.review === "done")))
  );
}

export function bySession(reviews: readonly ReviewAnswer[]): ReadonlyMap<string, readonly ReviewAnswer[]> {
  const found = new Map<string, ReviewAnswer[]>();
  for (const review of reviews) {
    const known = found.get(review.assignment.session_id);
    if (known) known.push(review);
    else found.set(review.assignment.session_id, [review]);
  }
  return found;
}
