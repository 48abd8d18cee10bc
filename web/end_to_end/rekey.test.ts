import { connect } from "node:net";
import { NodeStream, SshClientSession } from "@microsoft/dev-tunnels-ssh";
import { sha256 } from "@noble/hashes/sha2.js";
import { expect, test, vi } from "vitest";
import { SftpClient } from "../src/files/sftp";
import { MemorySink } from "../src/files/sinks";
import { download, upload } from "../src/files/transfer";
import { type Bytes, fromBase64, toHex, utf8 } from "../src/protocol/bytes";
import { newSshIdentity } from "../src/ssh/identity";
import { SftpChannel } from "../src/ssh/sftpChannel";
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

const KEY_BYTES = 256 * 1024;
const MIB = 1024 * 1024;
const MIB_OF_FILE = Number(given("CONSENTRY_FILE_MIB"));
const PATIENCE_MS = 300_000 + 2000 * MIB_OF_FILE; // what all here have, and more for a larger file

test.each([
  { who: "the server", port: "CONSENTRY_SSH_PORT", bytesPerKey: undefined },
  { who: "this end", port: "CONSENTRY_QUIET_SSH_PORT", bytesPerKey: KEY_BYTES },
  { who: "both, at their own times", port: "CONSENTRY_SSH_PORT", bytesPerKey: KEY_BYTES },
])(
  "keys that $who renews in the middle of a file lose no byte, either way",
  async ({ port, bytesPerKey }) => {
    const renewed = vi.spyOn(
      SshClientSession.prototype as unknown as { handleNewKeysMessage(): void },
      "handleNewKeysMessage",
    );
    const socket = connect(Number(given(port)), "127.0.0.1");
    const hostKey = fromBase64(given("CONSENTRY_HOST_KEY"));
    const channel = await SftpChannel.open(new NodeStream(socket), hostKey, await newSshIdentity(), bytesPerKey);
    const sftp = await SftpClient.open(channel);
    const content = new Uint8Array(MIB_OF_FILE * MIB).map((_, index) => (index * 31 + (index >>> 11)) & 0xff) as Bytes;
    const way = { signal: new AbortController().signal, onProgress: () => undefined };
    const sent = { path: utf8("/file"), file: new Blob([content]), there: "replace", mayRead: true } as const;
    const { sha256: sentHash } = await upload(sftp, sent, way);
    const sink = new MemorySink();
    const { sha256: fetchedHash } = await download(sftp, utf8("/file"), sink, way);
    sftp.close();
    expect(sink.blob().size).toBe(content.length);
    expect(toHex(sentHash)).toBe(toHex(sha256(content)));
    expect(toHex(fetchedHash)).toBe(toHex(sentHash));
    // The first keys are nobody's renewal; and while one exchange is on its way, megabytes go by.
    expect(renewed.mock.calls.length).toBeGreaterThan(1 + MIB_OF_FILE / 2);
    renewed.mockRestore();
  },
  PATIENCE_MS,
);
