/** What the console says is in both catalogues, and nothing in them is left over. */

import { readdirSync, readFileSync } from "node:fs";
import { FluentBundle, FluentResource } from "@fluent/bundle";
import { expect, test } from "vitest";
import { MESSAGE_RULES, type PausedBy, SCOPES } from "../src/protocol/generated";

const SOURCE = new URL("../src/", import.meta.url);
const PAUSES: readonly PausedBy[] = ["customer", "recorder", "question"];
const STATES = ["waiting", "paired", "live", "ended"];

function idsOf(language: string): string[] {
  const file = new URL(`../../wording/${language}/console.ftl`, import.meta.url);
  const resource = new FluentResource(readFileSync(file, "utf8"));
  const bundle = new FluentBundle(language);
  expect(bundle.addResource(resource)).toEqual([]);
  return resource.body.map((entry) => entry.id);
}

function wordsOf(type: string, field: string): string[] {
  const rule = MESSAGE_RULES[type]?.[field]?.[1];
  return rule?.kind === "word" ? rule.words.map(String) : [];
}

const source = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|svelte)$/.test(name))
  .map((name) => readFileSync(new URL(name, SOURCE), "utf8"))
  .join("\n");
const named = new Set([...source.matchAll(/"(console-[a-z-]+)"/g)].map(([, id]) => id));
const begun = [...source.matchAll(/`(console-[a-z-]+-)\$\{/g)].map(([, prefix]) => prefix ?? "");

test.each(["en", "zh-CN"])("in %s there is every sentence that the code names, and no other", (language) => {
  const ids = idsOf(language);
  expect([...named].filter((id) => !ids.includes(id ?? ""))).toEqual([]);
  expect(ids.filter((id) => !named.has(id) && !begun.some((prefix) => id.startsWith(prefix)))).toEqual([]);
});

test("every word of the protocol that a person meets has its sentence", () => {
  const ids = idsOf("en");
  const needed = [
    ...SCOPES.map((scope) => `console-scope-${scope.replace(":", "-")}`),
    ...STATES.map((state) => `console-state-${state}`),
    ...wordsOf("ended", "reason").map((reason) => `console-ended-${reason}`),
    ...wordsOf("denied", "reason").map((reason) => `console-denied-${reason}`),
    ...wordsOf("say-refused", "reason").map((reason) => `console-not-said-${reason}`),
    ...PAUSES.map((by) => `console-paused-${by}`),
    ...wordsOf("pairing-failed", "outcome")
      .filter((outcome) => outcome !== "paired")
      .map((outcome) => `console-pairing-${outcome}`),
  ];
  expect(needed.filter((id) => !ids.includes(id))).toEqual([]);
});
