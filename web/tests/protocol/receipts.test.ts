/**
 * Receipts as docs/protocol/receipt.md describes them, read by another hand than the one that wrote them: the browser
 * has no verifier of its own, and whoever writes one elsewhere finds here that the page is enough.
 */

import { readdirSync, readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";

const folder = new URL("../../../tests/vectors/receipts/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

type Engineer = { readonly name: string; readonly staff_number: string };

type Receipt = {
  readonly [name: string]: Json;
  readonly agent_key: string;
  readonly signature: string;
  readonly take_overs: readonly { readonly by: Engineer; readonly leaver: Engineer; readonly at_ms: number }[];
};

function receipt(name: string): Receipt {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Receipt;
}

/** RFC 8785, as far as receipts go: names sorted, no blanks; numbers are whole ones. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
}

function isSigned({ signature, evidence: _evidence, rating_link: _link, ...fields }: Receipt): boolean {
  const signed = new TextEncoder().encode(`consentry/receipt/v1\0${canonical(fields)}`);
  return ed25519.verify(bytesOf(signature), signed, bytesOf(fields.agent_key), { zip215: false });
}

test.each(names)("the session's key signed the golden receipt %s", (name) => {
  expect(isSigned(receipt(name))).toBe(true);
});

test("who took over from whom is signed", () => {
  const taken = receipt("0.2.0-taken-over.json");
  expect(taken.take_overs.map(({ by, leaver }) => [leaver.name, by.name])).toEqual([
    ["Wei Example", "Ana 例"],
    ["Ana 例", "Ben"],
  ]);
  expect(isSigned({ ...taken, take_overs: [] })).toBe(false);
  const { take_overs: _none, ...without } = taken;
  expect(isSigned(without as Receipt)).toBe(false);
});
