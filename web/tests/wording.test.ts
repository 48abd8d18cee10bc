/** What the pages say is in both catalogues, and nothing in them is left over. */

import { readdirSync, readFileSync } from "node:fs";
import { FluentBundle, FluentResource } from "@fluent/bundle";
import { expect, test } from "vitest";
import { MESSAGE_RULES, type PausedBy, SCOPES } from "../src/protocol/generated";

const SOURCE = new URL("../src/", import.meta.url);
const PAUSES: readonly PausedBy[] = ["customer", "recorder", "question"];
const STATES = ["waiting", "paired", "live", "ended"];

const CATALOGUE_FILES = {
  console: "console.ftl",
  administration: "administration.ftl",
  "desk-page": "desk_page.ftl",
  "desk-admin": "desk_admin.ftl",
} as const;
type Catalogue = keyof typeof CATALOGUE_FILES;

function idsOf(language: string, catalogue: Catalogue = "console"): string[] {
  const file = new URL(`../../wording/${language}/${CATALOGUE_FILES[catalogue]}`, import.meta.url);
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
const CATALOGUES = ["en", "zh-CN"].flatMap((language) =>
  (Object.keys(CATALOGUE_FILES) as Catalogue[]).map((catalogue) => [language, catalogue] as const),
);

test.each(CATALOGUES)("in %s, %s has every sentence that the code names, and no other", (language, catalogue) => {
  const ids = idsOf(language, catalogue);
  const named = new Set([...source.matchAll(new RegExp(`"(${catalogue}-[a-z-]+)"`, "g"))].map(([, id]) => id));
  const begun = [...source.matchAll(new RegExp(`\`(${catalogue}-[a-z-]+-)\\$\\{`, "g"))].map(
    ([, start]) => start ?? "",
  );
  expect([...named].filter((id) => !ids.includes(id ?? ""))).toEqual([]);
  expect(ids.filter((id) => !named.has(id) && !begun.some((prefix) => id.startsWith(prefix)))).toEqual([]);
});

test("every word of the audit service that a person meets has its sentence", () => {
  const types = readFileSync(new URL("desk/api_types.ts", SOURCE), "utf8");
  /** The words of a field, as the generated types have them. */
  const words = (where: RegExp) => [...(where.exec(types)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(([, word]) => word);
  const needed = [
    ...words(/interface ReviewAnswer \{[^}]*?status: ([^;]+);/).map((word) => `desk-page-status-${word}`),
    ...words(/interface Assignment \{[^}]*?reason: ([^;]+);/).map((word) => `desk-page-reason-${word}`),
    ...words(/interface Dispute \{[^}]*?outcome: ([^;]+);/).map((word) => `desk-page-outcome-of-dispute-${word}`),
    ...words(/interface SessionAnswer \{[^}]*?state: ([^;]+);/).map((word) => `desk-page-recording-${word}`),
    ...words(/interface SessionAnswer \{[^}]*?condition: ([^;]+);/)
      .filter((word) => word !== "sound")
      .map((word) => `desk-page-recording-${word}`),
    ...words(/interface MeAnswer \{[^}]*?role: ([^;]+);/).map((word) => `desk-page-role-${word}`),
    ...words(/interface VerifyAnswer \{[^}]*?verdict: ([^;]+);/).flatMap((word) => [
      `desk-page-verdict-${word}`,
      `desk-page-verdict-explained-${word}`,
    ]),
    ...words(/type Outcome = ([^;]+);/).map((word) => `desk-page-outcome-${word}`),
    ...words(/type Kind = ([^;]+);/).map((word) => `desk-page-kind-${word}`),
  ];
  expect(needed.length).toBeGreaterThan(50);
  expect(needed.filter((id) => !idsOf("en", "desk-page").includes(id))).toEqual([]);
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
