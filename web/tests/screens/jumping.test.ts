import { expect, test } from "vitest";
import { foundIn } from "../../src/screens/jumping";

const ALL = ["API tokens", "Webhooks", "Keys", "王伟 · Keys"].map((title) => ({ title }));
const found = (...words: string[]) => foundIn(ALL, words).map(({ title }) => title);

test("a name that begins with what was typed comes before one that only has it in it", () => {
  expect(found("ke")).toEqual(["Keys", "API tokens", "王伟 · Keys"]);
  expect(found("keys", "王")).toEqual(["王伟 · Keys"]);
});

test("who has typed nothing sees all in their order", () => {
  expect(found("")).toEqual(ALL.map(({ title }) => title));
});
