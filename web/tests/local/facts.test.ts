/** What the customer's page knows is a fold over what it was told, in whatever order that came. */

import { expect, test } from "vitest";
import type { PageEvent } from "../../src/local/connection";
import type { Present } from "../../src/local/events";
import { type Facts, fold, nothing } from "../../src/local/facts";

const WEI: Present = {
  participant: 1,
  name: "王伟",
  staff_number: "E-1",
  scopes: ["view", "shell"],
  expires_at_ms: 9000,
};
const LI: Present = { participant: 2, name: "李娜", staff_number: "E-2", scopes: ["view"], expires_at_ms: 9000 };

function after(...events: readonly object[]): Facts {
  return (events as readonly PageEvent[]).reduce(fold, nothing());
}

test("who came in at once is there, by name and newest first, and what they do bears their name when they have left", () => {
  const known = after(
    { event: "engineer-asking", participant: 1 },
    { event: "session-live", participants: [WEI, LI] },
    { event: "participant-left", participant: 1, name: WEI.name },
    { event: "command-run", participant: 1, command: "ls" },
  );
  expect([known.isLive, known.isAsking, known.people]).toEqual([true, false, [LI]]);
  expect(known.happenings.map(({ event, name, id }) => [event, name, id])).toEqual([
    ["command-run", "王伟", 4],
    ["left", "王伟", 3],
    ["joined", "李娜", 2],
    ["joined", "王伟", 1],
  ]);
});

test("a question stands once, whatever is told of it again, and is gone when it is withdrawn or all is over", () => {
  const asked = { event: "consent-question", question: 3, minutes: 30 };
  expect(after(asked, asked).questions).toEqual([asked]);
  expect(after(asked, { event: "consent-question-withdrawn", question: 3 }).questions).toEqual([]);
  expect(after(asked, { event: "session-summary" }).questions).toEqual([]);
});

test("work stands still for as long as one reason is left", () => {
  const paused = [
    { event: "paused", by: "customer" },
    { event: "paused", by: "recorder" },
    { event: "paused", by: "customer" },
  ];
  expect(after(...paused).pausedBy).toEqual(["customer", "recorder"]);
  expect(after(...paused, { event: "resumed", by: "customer" }).pausedBy).toEqual(["recorder"]);
});

test("what a later program says, and this page does not know, changes nothing", () => {
  expect(after({ event: "of-next-year" })).toEqual(nothing());
});

test("after a request that was turned away another code stands there, with why, until the next one asks", () => {
  const turnedAway = [
    { event: "engineer-asking", participant: 1 },
    { event: "failed", sentence: "without root" },
    { event: "code-shown", code: "482-9137-7551", expires_at_ms: 9000 },
  ];
  const known = after(...turnedAway);
  expect([known.isAsking, known.failure, known.code?.code]).toEqual([false, "without root", "482-9137-7551"]);
  expect(after(...turnedAway, { event: "engineer-asking", participant: 2 }).failure).toBe("");
});
