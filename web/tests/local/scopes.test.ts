/** How scopes hang together is what the terminal's form does with them (agent_client/screens/request_screen.py). */

import { expect, test } from "vitest";
import { inOrder, switched } from "../../src/local/scopes";

const OFFERED = ["view", "shell", "files:r"] as const;

test("who may not see may not type", () => {
  expect(switched(OFFERED, OFFERED, "view", false)).toEqual(["files:r"]);
});

test("who types sees what happens", () => {
  expect(switched(["files:r"], OFFERED, "shell", true)).toEqual(["view", "shell", "files:r"]);
});

test("seeing is not added where it was not asked for", () => {
  expect(switched([], ["shell"], "shell", true)).toEqual(["shell"]);
});

test("scopes stand in one order, whatever order they came in", () => {
  expect(inOrder(["files:r", "view", "shell"])).toEqual(OFFERED);
});
