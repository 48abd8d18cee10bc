import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { accessRequestBytes, attestationBytes } from "../../src/protocol/accessRequest";
import { concat, toHex, utf8 } from "../../src/protocol/bytes";
import { checkOwnCertificate } from "../../src/protocol/certificates";
import { ControlChannel, ControlChannelForged, ControlMessageTooLong } from "../../src/protocol/controlChannel";
import { CLOCK_ALLOWANCE_MS } from "../../src/protocol/generated";
import { controlStreamKeys } from "../../src/protocol/keySchedule";
import { encodeMessage } from "../../src/protocol/messages";
import { certificateHash } from "../../src/protocol/pairing";
import { openProfile } from "../../src/protocol/profile";
import { bytes, vectors } from "../vectors";

const control = vectors("control_channel");
const certificates = vectors("certificates");
const profile = vectors("profile");
const formerCas = vectors("former_cas");

const newChannel = () => new ControlChannel(bytes(control.control_key), bytes(control.stream_id));

test("control frames are Python's to the byte, in both directions", async () => {
  const keys = controlStreamKeys(bytes(control.control_key), bytes(control.stream_id));
  expect(toHex(keys.engineerToAgent)).toBe(control.engineer_to_agent_key);
  expect(toHex(keys.agentToEngineer)).toBe(control.agent_to_engineer_key);
  const channel = newChannel();
  const reason = "to mend the file / 修复文件";
  const more = channel.seal({ type: "request-more", scopes: ["files:w"], minutes: 15, reason });
  const end = channel.seal({ type: "end-session" });
  const sealed = control.engineer_to_agent.map((one: { frame: string }) => one.frame);
  expect([toHex(await more), toHex(await end)]).toEqual(sealed);
  const frames = control.agent_to_engineer.map((one: { frame: string }) => bytes(one.frame));
  expect(await channel.receiveData(concat(...frames))).toEqual([
    { type: "denied", reason: "customer" },
    { type: "denied", reason: "timeout" },
  ]);
});

test("frames may arrive in any pieces", async () => {
  const channel = newChannel();
  const received = [];
  for (const byte of bytes(control.agent_to_engineer[0].frame))
    received.push(...(await channel.receiveData(Uint8Array.of(byte))));
  expect(received).toEqual([{ type: "denied", reason: "customer" }]);
});

test.each([
  ["changed", [control.agent_to_engineer[0].frame.replace(/.$/, (c: string) => (c === "0" ? "1" : "0"))]],
  ["dropped", [control.agent_to_engineer[1].frame]],
  ["repeated", [control.agent_to_engineer[0].frame, control.agent_to_engineer[0].frame]],
  ["sent back to us", [control.engineer_to_agent[0].frame]],
])("a frame that was %s shuts the channel for good", async (_, frames) => {
  const channel = newChannel();
  await expect(channel.receiveData(concat(...frames.map(bytes)))).rejects.toThrow(ControlChannelForged);
  await expect(channel.receiveData(bytes(control.agent_to_engineer[0].frame))).rejects.toThrow(ControlChannelForged);
});

test("a frame that says it is too long is not waited for", async () => {
  await expect(newChannel().receiveData(bytes("7fffffff"))).rejects.toThrow("console-error-peer");
});

test("a message of ours that is too long is not sent, and the channel goes on", async () => {
  const channel = newChannel();
  const tooLong = { type: "request-more", scopes: [], minutes: 0, reason: "x".repeat(20_000) } as const;
  await expect(channel.seal(tooLong)).rejects.toThrow(ControlMessageTooLong);
  const reason = "to mend the file / 修复文件";
  const more = await channel.seal({ type: "request-more", scopes: ["files:w"], minutes: 15, reason });
  expect(toHex(more)).toBe(control.engineer_to_agent[0].frame);
});

test("signatures cover what Python's verifier covers", () => {
  const certificate = bytes(certificates.certificate);
  expect(toHex(certificateHash(certificate))).toBe(certificates.certificate_hash);
  const request = {
    certificate,
    reason: "The printer is silent",
    ticket: "T-1",
    scopes: ["shell", "files:r"],
    minutes: 30,
    sshUserKey: bytes(vectors("pairing").ssh_host_keys[0]),
    client: "ssh",
  } as const;
  const transcriptHash = bytes(certificates.transcript_hash);
  const seed = bytes(certificates.engineer_seed);
  const signed = accessRequestBytes(transcriptHash, { type: "request-access", ...request });
  expect(toHex(ed25519.sign(signed, seed))).toBe(certificates.access_request.signature);
  const place = { type: "request-place", ...request, takesOver: "E-18" } as const;
  const signature = ed25519.sign(accessRequestBytes(transcriptHash, place), seed);
  expect(toHex(signature)).toBe(certificates.request_place.signature);
  expect(toHex(encodeMessage({ ...place, signature }))).toBe(certificates.request_place.message);
  const [sessionId, streamId] = [bytes(vectors("pairing").context.session_id), bytes(control.stream_id)];
  const attested = attestationBytes(sessionId, streamId, 12345, new Uint8Array(32).fill(0x99));
  expect(toHex(attested)).toBe(certificates.attestation.signed);
});

test("a certificate is taken only if it is of this organisation and for our key", () => {
  const der = bytes(certificates.certificate);
  const [ca, key] = [bytes(certificates.ca_key), bytes(certificates.fields.public_key)];
  const { not_before_ms, not_after_ms } = certificates.fields;
  expect(checkOwnCertificate(der, ca, key)).toEqual({
    madeAtMs: not_before_ms + CLOCK_ALLOWANCE_MS,
    notBeforeMs: not_before_ms,
    notAfterMs: not_after_ms,
  });
  expect(() => checkOwnCertificate(der, key, key)).toThrow("did not sign");
  expect(() => checkOwnCertificate(der, ca, ca)).toThrow("another key");
  expect(() => checkOwnCertificate(concat(der, bytes("00")), ca, key)).toThrow("did not sign");
  for (let length = 0; length < der.length; length += 7)
    expect(() => checkOwnCertificate(der.slice(0, length), ca, key)).toThrow("console-error-peer");
});

test("a profile is taken only as its root signed it", () => {
  const note = utf8(profile.note);
  const { fields } = profile;
  expect(openProfile(note, bytes(profile.root_key))).toEqual({
    version: fields.version,
    organisation: fields.organisation,
    brokerOrigin: fields.broker_origin,
    engineerCaKey: bytes(fields.engineer_ca_key),
    formerEngineerCas: [],
    maxMinutes: fields.max_minutes,
    resumeWindowSeconds: fields.resume_window_seconds,
    browserAllowed: fields.browser_allowed,
  });
  expect(() => openProfile(note, bytes(fields.engineer_ca_key))).toThrow("console-error-profile");
  const changed = utf8(profile.note.replace('"version": 3', '"version": 4'));
  expect(() => openProfile(changed, bytes(profile.root_key))).toThrow("console-error-profile");
  for (const nonsense of ["", "\n\n", "{}\n\n— x y\n", profile.note.replace("\n\n", "\n")])
    expect(() => openProfile(utf8(nonsense), bytes(profile.root_key))).toThrow("console-error-profile");
});

test("former engineer CAs are read and refused as Python does", () => {
  const root = bytes(formerCas.root_key);
  for (const { about, note, former } of formerCas.accepted) {
    const expected = former.map((one: { public_key: string; until_ms: number }) => ({
      publicKey: bytes(one.public_key),
      untilMs: one.until_ms,
    }));
    expect(openProfile(utf8(note), root).formerEngineerCas, about).toEqual(expected);
  }
  expect(formerCas.refused.length).toBeGreaterThan(0);
  for (const { about, note } of formerCas.refused)
    expect(() => openProfile(utf8(note), root), about).toThrow("console-error-profile");
});
