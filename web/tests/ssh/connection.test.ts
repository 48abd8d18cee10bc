import "../../src/ssh/globals";
import { Buffer } from "node:buffer"; // the library's, here
import { BaseStream, SshServerSession } from "@microsoft/dev-tunnels-ssh";
import { afterEach, expect, test, vi } from "vitest";
import { answeredInTime, connectSsh, SshFailed, SshSilent } from "../../src/ssh/connection";
import { newSshIdentity } from "../../src/ssh/identity";
import { sshConfiguration, useOwnPackets } from "../../src/ssh/library";

Object.assign(globalThis, { Buffer });
afterEach(() => vi.useRealTimers());

/** One end of a pipe between two SSH sessions. */
class End extends BaseStream {
  other: End | null = null;

  constructor(private readonly carry: (data: Buffer, end: End) => void) {
    super();
  }

  override async write(data: Buffer): Promise<void> {
    this.carry(Buffer.from(Uint8Array.from(data)), this);
  }

  override async close(): Promise<void> {
    this.ends();
    this.other?.ends();
  }

  arrives(data: Buffer): void {
    this.onData(data);
  }

  ends(): void {
    this.onEnd();
    this.fireOnClose();
  }
}

/** What became of a connection whose line is cut behind so many pieces, both ways together; and how many there were. */
async function cutBehind(pieces: number): Promise<{ outcome: unknown; carried: number }> {
  let carried = 0;
  const carry = (data: Buffer, end: End): void => {
    if (carried === pieces) {
      mine.ends();
      theirs.ends();
    } else {
      carried += 1;
      end.other?.arrives(data);
    }
  };
  const mine = new End(carry);
  const theirs = new End(carry);
  Object.assign(mine, { other: theirs });
  Object.assign(theirs, { other: mine });
  const host = await newSshIdentity();
  const server = new SshServerSession(sshConfiguration());
  server.credentials.publicKeys = [host.keyPair];
  server.connect(theirs).catch(() => undefined);
  useOwnPackets(server);
  const outcome = await connectSsh(mine, host.publicBlob, await newSshIdentity()).then(
    () => null,
    (error: unknown) => error,
  );
  return { outcome, carried };
}

// Versions, key exchange and new keys are 8 pieces; extensions, a service and a question whether the key is good come behind.
test("a connection that ends in the middle of its beginning has failed, wherever that is", async () => {
  for (let pieces = 0; pieces < 16; pieces += 1) {
    const { outcome, carried } = await cutBehind(pieces);
    expect(outcome, `cut behind ${pieces}`).toBeInstanceOf(SshFailed);
    expect(carried).toBe(pieces);
  }
});

test("a connection of which nothing is heard is given up after a minute in which the line was there", async () => {
  vi.useFakeTimers();
  const stream = { isConnected: true };
  const given = answeredInTime(stream, new Promise(() => undefined)).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(50_000);
  stream.isConnected = false;
  await vi.advanceTimersByTimeAsync(300_000);
  expect(await Promise.race([given, "waits"])).toBe("waits");
  stream.isConnected = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await given).toBeInstanceOf(SshSilent);
  expect(vi.getTimerCount()).toBe(0);
});

test("one that opens is given as it is, and nobody looks at it any more", async () => {
  vi.useFakeTimers();
  expect(await answeredInTime({ isConnected: true }, Promise.resolve(7))).toBe(7);
  expect(vi.getTimerCount()).toBe(0);
});
