import { expect, test } from "vitest";
import { factsText } from "../../src/screens/administration/eventWords";
import { addCatalogues } from "../../src/wording/wording.svelte";

const WORDS = `
console-yes = yes
console-fact-reason = because
console-fact-disabled = locked out
console-fact-role = role
console-fact-method = by
console-role-supervisor = Supervisor
`;
addCatalogues({ en: WORDS, "zh-CN": WORDS });

test("facts are told in words, and what another version has told is shown as it is kept", () => {
  expect(factsText({ reason: "device lost", disabled: true, role: "supervisor" })).toEqual([
    "because: device lost",
    "locked out: yes",
    "role: Supervisor",
  ]);
  expect(factsText({ colour: "red", method: "by-post" })).toEqual(["colour: red", "by: by-post"]);
});

test("nothing hidden in a fact reaches the screen", () => {
  expect(factsText({ "na\u202eme": "a\u0007b" })).toEqual(["na\\u202eme: a\\x07b"]);
});
