/** What the local page says is in both catalogues, its own and the agent's, and nothing in its own is left over. */

import { readdirSync, readFileSync } from "node:fs";
import { FluentResource } from "@fluent/bundle";
import { expect, test } from "vitest";
import { MESSAGE_RULES } from "../../src/protocol/generated";

const LOCAL = new URL("../../src/local/", import.meta.url);

function idsOf(language: string, catalogue: "page" | "agent"): string[] {
  const file = new URL(`../../../wording/${language}/${catalogue}.ftl`, import.meta.url);
  return new FluentResource(readFileSync(file, "utf8")).body.map((entry) => entry.id);
}

const source = readdirSync(LOCAL)
  .filter((name) => name.endsWith(".svelte") || name === "scopes.ts")
  .map((name) => readFileSync(new URL(name, LOCAL), "utf8"))
  .join("\n");

test.each(["en", "zh-CN"])("in %s there is every sentence that the page names, and no other of its own", (language) => {
  const [own, agents] = [idsOf(language, "page"), idsOf(language, "agent")];
  const named = new Set([...source.matchAll(/"((?:page|agent)-[a-z0-9-]+)"/g)].map(([, id]) => id ?? ""));
  const begun = [...source.matchAll(/`((?:page|agent)-[a-z-]+-)\$\{/g)].map(([, prefix]) => prefix ?? "");
  expect([...named].filter((id) => !own.includes(id) && !agents.includes(id))).toEqual([]);
  expect(own.filter((id) => !named.has(id) && !begun.some((prefix) => id.startsWith(prefix)))).toEqual([]);
});

test("every word that the agent may say has its sentence", () => {
  const agents = idsOf("en", "agent");
  const events = readFileSync(new URL("events.ts", LOCAL), "utf8");
  const words = (pattern: RegExp) =>
    [...(pattern.exec(events)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(([, word]) => word);
  const ended = MESSAGE_RULES.ended?.reason?.[1];
  const needed = [
    ...words(/readonly action: ([^;]+);/).map((action) => `agent-file-${action}`),
    ...words(/readonly outcome: ([^;]+);/).map((outcome) => `agent-code-ended-${outcome}`),
    ...words(/interface ChatRefused \{[^}]*?reason: ([^;]+);/).map((reason) => `agent-chat-refused-${reason}`),
    ...(ended?.kind === "word" ? ended.words : []).map((reason) => `agent-end-${reason}`),
  ];
  expect(needed.length).toBeGreaterThan(25);
  expect(needed.filter((id) => !agents.includes(id))).toEqual([]);
});
