import { connect } from "node:net";
import { NodeStream } from "@microsoft/dev-tunnels-ssh";
import { sha256 } from "@noble/hashes/sha2.js";
import { expect, test } from "vitest";
import { fromBase64, toHex } from "../src/protocol/bytes";
import { newSshIdentity } from "../src/ssh/identity";
import { Shell } from "../src/ssh/shell";
import { given } from "./node";

/** The server renews its keys at every 256 KiB, and pours out 8 MiB whose hash it says at the end. */
test("keys that the server renews in the middle of a flood lose no byte, and what was kept stays as it was", async () => {
  const socket = connect(Number(given("CONSENTRY_SSH_PORT")), "127.0.0.1");
  const kept: Uint8Array[] = [];
  const show = (data: Uint8Array, done: () => void): void => {
    kept.push(data);
    setTimeout(done, 0); // later, as a terminal does: a view of a reused buffer would have changed by then
  };
  const hostKey = fromBase64(given("CONSENTRY_HOST_KEY"));
  const size = { columns: 80, rows: 24 };
  const shell = await Shell.open(new NodeStream(socket), hostKey, await newSshIdentity(), size, show);
  const { exitStatus, output } = await shell.ended;
  const hash = sha256.create();
  for (const data of kept) hash.update(data);
  expect(exitStatus).toBe(0);
  expect(output.outputBytes).toBe(Number(given("CONSENTRY_BYTES")));
  expect(toHex(output.outputSha256)).toBe(given("CONSENTRY_SHA256"));
  expect(toHex(hash.digest())).toBe(given("CONSENTRY_SHA256"));
});
