import { expect, test } from "vitest";
import { toHex } from "../../src/protocol/bytes";
import { parseCode } from "../../src/protocol/codes";
import type { PairingMail } from "../../src/protocol/generated";
import { decodeFromBroker, encodeMessage } from "../../src/protocol/messages";
import { EngineerPairing } from "../../src/protocol/pairing";
import { bytes, vectors } from "../vectors";

const given = vectors("pairing");
const context = {
  brokerOrigin: given.context.broker_origin,
  rootKey: bytes(given.context.root_key),
  sessionId: bytes(given.context.session_id),
  nameplate: given.context.nameplate,
  engineerNonce: bytes(given.context.engineer_nonce),
  agentNonce: bytes(given.context.agent_nonce),
};
const mail: PairingMail[] = given.mail.map((one: { message: string }) => decodeFromBroker(bytes(one.message)));

function mailOf(phase: PairingMail["phase"]): PairingMail {
  const found = mail.find((one) => one.phase === phase);
  if (!found) throw new Error(`no ${phase}`);
  return found;
}

function newEngineer(changes: Partial<typeof context> = {}): EngineerPairing {
  const scalar = () => bytes(given.engineer_scalar);
  return new EngineerPairing(
    parseCode(given.code),
    { ...context, ...changes },
    bytes(given.certificate_hash),
    0,
    scalar,
  );
}

test("a whole pairing with Python's agent: the same mail, the same keys, its host keys", () => {
  const engineer = newEngineer();
  expect(engineer.mailToSend().map((one) => toHex(encodeMessage(one)))).toEqual([given.mail[0].message]);
  engineer.receiveMail(mailOf("yb"), 1);
  expect(engineer.mailToSend().map((one) => toHex(encodeMessage(one)))).toEqual([given.mail[2].message]);
  expect(engineer.keys).toBeNull();
  engineer.receiveMail(mailOf("tb"), 2);
  expect(engineer.outcome).toBe("paired");
  expect(engineer.keys && Object.values(engineer.keys).map(toHex)).toEqual([
    given.keys.pairing_id,
    given.keys.stream_key,
    given.keys.control_key,
    given.keys.transcript_hash,
  ]);
  expect(engineer.agent && toHex(engineer.agent.ecdsaHostKey)).toBe(given.ssh_host_keys[1]);
});

test.each([
  ["the origin", { brokerOrigin: "https://evil.example.org" }],
  ["the root key", { rootKey: new Uint8Array(32) }],
  ["the session", { sessionId: new Uint8Array(16) }],
  ["a nonce", { agentNonce: new Uint8Array(16) }],
])("with another %s the two ends do not agree", (_, changes) => {
  const engineer = newEngineer(changes);
  engineer.receiveMail(mailOf("yb"), 1);
  engineer.receiveMail(mailOf("tb"), 1);
  expect([engineer.outcome, engineer.keys, engineer.agent]).toEqual(["wrong-code", null, null]);
});

test("a host key that was exchanged on the way is not pinned", () => {
  const engineer = newEngineer();
  const body = mailOf("yb").body.slice();
  body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
  engineer.receiveMail({ ...mailOf("yb"), body }, 1);
  engineer.receiveMail(mailOf("tb"), 1);
  expect([engineer.outcome, engineer.agent]).toEqual(["wrong-code", null]);
});

test.each<[string, PairingMail[]]>([
  ["mail out of turn", [mailOf("tb")]],
  ["our own mail", [mailOf("ya")]],
  ["mail of another code", [{ ...mailOf("yb"), nameplate: "483" }]],
  ["a share of nothing", [{ ...mailOf("yb"), body: new Uint8Array(200) }]],
  ["an empty body", [{ ...mailOf("yb"), body: new Uint8Array() }]],
  ["yb twice", [mailOf("yb"), mailOf("yb")]],
])("%s breaks it, and nothing more is sent", (_, messages) => {
  const engineer = newEngineer();
  for (const message of messages) engineer.receiveMail(message, 1);
  expect([engineer.outcome, engineer.mailToSend()]).toEqual(["broken", []]);
});

test("after thirty seconds it has expired, and the right answer comes too late", () => {
  const engineer = newEngineer();
  engineer.receiveMail(mailOf("yb"), 29_999);
  engineer.receiveMail(mailOf("tb"), 30_000);
  expect([engineer.outcome, engineer.keys]).toEqual(["expired", null]);
});

test("the broker's word that it is paired counts for nothing", () => {
  const engineer = newEngineer();
  engineer.close("paired");
  expect([engineer.outcome, engineer.keys]).toEqual(["broken", null]);
});
