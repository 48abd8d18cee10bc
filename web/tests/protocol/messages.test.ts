import { encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import { decodeFromAgent, decodeFromBroker } from "../../src/protocol/messages";

const ENDED = { type: "ended", reason: "customer-ended" };
const REFUSED = { type: "refused", code: "too-busy", sentence: "Later." };

test("a message of the conversation is read", () => {
  expect(decodeFromAgent(encode(ENDED))).toEqual(ENDED);
  expect(decodeFromBroker(encode(REFUSED))).toEqual(REFUSED);
});

test.each<[string, unknown]>([
  ["another conversation's", REFUSED],
  ["our own direction's", { type: "end-session" }],
  ["an unknown type", { type: "constructor" }],
  ["a word that is not listed", { ...ENDED, reason: "bored" }],
  ["a field too many", { ...ENDED, more: 1 }],
  ["a field too few", { type: "ended" }],
  ["a field of another type", { type: "attested", matches: 1 }],
  ["no map", [1, 2]],
  ["nothing", null],
  ["a number out of range", { type: "grant-moved", scopes: [], "expires-at-ms": -1 }],
  ["a scope that does not exist", { type: "grant-moved", scopes: ["everything"], "expires-at-ms": 1 }],
])("%s is refused", (_, message) => {
  expect(() => decodeFromAgent(encode(message))).toThrow("console-error-peer");
});

test("bytes behind a message, cut messages and long ones are refused", () => {
  const good = encode(ENDED);
  expect(() => decodeFromAgent(Uint8Array.of(...good, 0xc0))).toThrow("console-error-peer");
  expect(() => decodeFromAgent(good.slice(0, -1))).toThrow("console-error-peer");
  expect(() => decodeFromBroker(encode({ ...REFUSED, sentence: "x".repeat(5000) }))).toThrow("console-error-peer");
});
