import "../../src/ssh/globals";
import { BaseStream, type SshMessage, SshSessionConfiguration } from "@microsoft/dev-tunnels-ssh";
import { Buffer } from "buffer";
import { beforeEach, expect, test } from "vitest";
import { type Bytes, concat, u32, utf8 } from "../../src/protocol/bytes";
import { GcmCipher } from "../../src/ssh/gcm";
import { type Protocol, usePackets } from "../../src/ssh/packets";

const IGNORE = 2; // SSH_MSG_IGNORE: passes at any time
const CHANNEL_DATA = 94;

class Pipe extends BaseStream {
  readonly written: Uint8Array[] = [];

  override async write(data: Buffer): Promise<void> {
    this.written.push(Uint8Array.from(data));
  }

  override async close(): Promise<void> {}

  arrives(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.onData(Buffer.from(piece.slice().buffer));
  }

  ends(): void {
    this.onEnd();
  }
}

async function cipher(key: number, use: KeyUsage): Promise<GcmCipher> {
  const secret = new Uint8Array(32).fill(key);
  const nonce = new Uint8Array(12).fill(0xff); // the counter's first step carries through all of its bytes
  return new GcmCipher(await crypto.subtle.importKey("raw", secret, "AES-GCM", false, [use]), nonce);
}

/** As the other end makes them: an IGNORE with that text. */
async function packet(sealing: GcmCipher, text: string): Promise<Bytes> {
  const payload = concat(Uint8Array.of(IGNORE), u32(text.length), utf8(text));
  const padding = 16 - ((1 + payload.length) % 16) + 16;
  const length = u32(1 + payload.length + padding);
  const sealed = await sealing.seal(concat(length, Uint8Array.of(padding), payload, new Uint8Array(padding)));
  return concat(length, new Uint8Array(sealed));
}

function message(type: number, text: string): SshMessage {
  const write = (writer: { write(data: Buffer): void }) =>
    writer.write(Buffer.from(`${String.fromCharCode(type)}${text}`));
  return { messageType: type, write } as unknown as SshMessage;
}

const shown = (got: SshMessage | null) =>
  new TextDecoder().decode((got as unknown as { rawBytes: Buffer }).rawBytes).slice(5);

let pipe: Pipe;
let protocol: Protocol & {
  algorithms: { cipher: unknown; decipher: unknown } | null;
  kexService: { exchanging: boolean };
};
let heldBack: SshMessage[];

beforeEach(async () => {
  pipe = new Pipe();
  heldBack = [];
  const inTheClear = async (): Promise<never> => {
    throw new Error("in the clear");
  };
  protocol = {
    algorithms: { cipher: await cipher(1, "encrypt"), decipher: await cipher(2, "decrypt") },
    kexService: { exchanging: false },
    stream: pipe,
    config: new SshSessionConfiguration(),
    messageContext: null,
    inboundPacketSequence: 0,
    outboundPacketSequence: 0,
    inboundFlow: 0,
    outboundFlow: 0,
    sendMessage: inTheClear,
    receiveMessage: inTheClear,
    considerReExchange: async () => undefined,
  };
  usePackets(protocol, heldBack);
});

test("packets come in their order, however the network cuts them", async () => {
  const far = await cipher(2, "encrypt");
  const whole = concat(await packet(far, "one"), await packet(far, "two"), await packet(far, "three"));
  pipe.arrives(...Array.from(whole, (byte) => Uint8Array.of(byte)));
  const got = [await protocol.receiveMessage(), await protocol.receiveMessage(), await protocol.receiveMessage()];
  expect(got.map(shown)).toEqual(["one", "two", "three"]);
  expect(protocol.inboundPacketSequence).toBe(3);
});

test("what came right behind the other end's new keys is opened with the new ones", async () => {
  const before = await cipher(2, "encrypt");
  const after = await cipher(3, "encrypt");
  pipe.arrives(concat(await packet(before, "last"), await packet(after, "first"), await packet(after, "second")));
  expect(shown(await protocol.receiveMessage())).toBe("last");
  protocol.algorithms = { cipher: null, decipher: await cipher(3, "decrypt") };
  expect(shown(await protocol.receiveMessage())).toBe("first");
  expect(shown(await protocol.receiveMessage())).toBe("second");
});

test("a packet that was changed on its way ends the connection, and none behind it is looked at", async () => {
  const far = await cipher(2, "encrypt");
  const [good, bad, behind] = [await packet(far, "good"), await packet(far, "bad"), await packet(far, "behind")];
  bad[10] = (bad[10] ?? 0) ^ 1;
  pipe.arrives(good, bad, behind);
  expect(shown(await protocol.receiveMessage())).toBe("good");
  await expect(protocol.receiveMessage()).rejects.toThrow("Invalid MAC");
});

test.each([
  ["too long", 1024 * 1024 + 16],
  ["not of whole blocks", 33],
  ["nothing", 0],
])("a length that is %s is refused before anything is waited for", async (_, length) => {
  pipe.arrives(u32(length));
  await expect(protocol.receiveMessage()).rejects.toThrow("Invalid packet length.");
});

test("the end of the stream is the end, also in the middle of a packet", async () => {
  pipe.arrives((await packet(await cipher(2, "encrypt"), "cut")).subarray(0, 20));
  pipe.ends();
  expect(await protocol.receiveMessage()).toBeNull();
});

test("packets that are sent at once leave in their order, each under a nonce of its own", async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `number ${index}`);
  await Promise.all(texts.map((text) => protocol.sendMessage(message(CHANNEL_DATA, text))));
  await protocol.sendMessage(message(IGNORE, "the last is waited for"));
  const far = await cipher(1, "decrypt");
  for (let index = 0; index < texts.length; index += 1) {
    const content = await far.open(concat(...pipe.written.slice(2 * index, 2 * index + 2)));
    const padding = content[0] ?? 0;
    expect(new TextDecoder().decode(content.subarray(2, content.length - padding))).toBe(texts[index]);
    expect(padding).toBeGreaterThanOrEqual(4);
    expect(content.length % 16).toBe(0);
  }
});

test("while keys are exchanged, data is held back, and what belongs to the exchange goes", async () => {
  protocol.kexService.exchanging = true;
  await protocol.sendMessage(message(CHANNEL_DATA, "later"));
  await protocol.sendMessage(message(IGNORE, "now"));
  expect(heldBack).toHaveLength(1);
  expect(pipe.written).toHaveLength(2);
});
