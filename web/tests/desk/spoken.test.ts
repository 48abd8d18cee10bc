import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { spoken } from "../../src/desk/spoken";
import { addCatalogues, wording } from "../../src/wording/wording.svelte";
import { vectors } from "../vectors";

for (const file of ["console.ftl", "desk_page.ftl"]) {
  const text = (language: string) =>
    readFileSync(new URL(`../../../wording/${language}/${file}`, import.meta.url), "utf8");
  addCatalogues({ en: text("en"), "zh-CN": text("zh-CN") });
}
const said = (kind: string, text: string) => spoken({ kind, text });

afterEach(() => {
  wording.language = "en";
});

const happenings: { kind: string; text: string; "zh-CN": string }[] = vectors("happenings");

test.each(happenings)("a Chinese reader is told of $kind $text in Chinese", ({ kind, text, "zh-CN": expected }) => {
  wording.language = "zh-CN";
  expect(said(kind, text)).toBe(expected);
});

test("English says it in words, too", () => {
  expect(said("consent", "allowed: view, root")).toBe(
    "the customer allowed: see the terminal; all of this as the system's administrator",
  );
  expect(said("file", "make-folder /srv/x (ok)")).toBe("made the folder /srv/x");
});

const mei = { participant: 1, name: "Mei Example" };
const jon = { participant: 2, name: "Jon \u202eExample" };

test("people are called by their names where these are known, hidden characters shown", () => {
  const all = (kind: string, text: string) => spoken({ kind, text, people: [mei, jon] });
  expect(all("chat", "engineer 1: try now")).toBe("Mei Example: try now");
  expect(all("session", "left: 2")).toBe("Jon \\u202eExample left");
  expect(all("session", "taken over: 2 from 1")).toBe("Jon \\u202eExample took over from Mei Example");
  expect(all("session", "may come in with an SSH program: 1")).toBe("Mei Example may come in with an SSH program");
  expect(all("consent", "asked: view (the place of 1): shift ends")).toContain("take over from Mei Example");
});

test("of a hit, whoever came in alone is meant by every number; of several, nobody can tell", () => {
  const hit = { kind: "chat", text: "engineer 2: back again" };
  expect(spoken({ ...hit, engineers: ["Mei Example"] })).toBe("Mei Example: back again");
  expect(spoken({ ...hit, engineers: ["Mei Example", "Jon Example"] })).toBe("engineer 2: back again");
  expect(spoken({ ...hit, people: [mei] })).toBe("engineer 2: back again");
});

test("a mark says what it is called, and the fact where that is words", () => {
  const mark = (text: string) => spoken({ kind: "mark", name: "recorder-held-up", text });
  expect(mark("recorder-held-up 120000")).toBe("recorder-held-up");
  expect(mark("recorder-held-up")).toBe("recorder-held-up");
  expect(mark("scam\u202e")).toBe("recorder-held-up: scam\\u202e");
});

test("what has no form that is known is shown as it is, harmless", () => {
  expect(said("note", "asked: view (3 min): x")).toBe("asked: view (3 min): x");
  expect(said("consent", "something else")).toBe("something else");
  expect(said("session", "closing: eaten")).toBe("eaten");
  expect(said("file", "devoured /x (ok)")).toBe("devoured /x");
  expect(said("chat", "customer: \u202egpj")).toBe("the customer: \\u202egpj");
});
