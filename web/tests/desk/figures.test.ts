import { expect, test } from "vitest";
import type { FigureAnswer } from "../../src/desk/api_types";
import { withoutSession } from "../../src/desk/reports/figures";

const figure = (name: string, count: number, sessions: number) =>
  ({ name, count, sessions }) as unknown as FigureAnswer;

test("of requests that led to no session it is said that they count", () => {
  expect(withoutSession(figure("abandonment", 5, 2))).toBe(3);
  expect(withoutSession(figure("speed_of_answer_p90", 2, 2))).toBe(0);
});

test("a figure over reviews counts a session as often as it was reviewed, and leaves none out", () => {
  expect(withoutSession(figure("quality_random", 4, 1))).toBe(0);
});
