import "../../src/ssh/globals";
import { SshDataWriter, type SshMessage } from "@microsoft/dev-tunnels-ssh";
import { Buffer } from "buffer";
import { beforeEach, expect, test } from "vitest";
import { concat, u32, utf8 } from "../../src/protocol/bytes";
import { ChannelSender, type Sendable } from "../../src/ssh/channelData";

const CHANNEL_DATA = 94;
const CHANNEL = 7;

let sent: Uint8Array[];
let channel: Sendable;
let sender: ChannelSender;

function open(windowBytes: number, packetBytes: number): void {
  channel = {
    remoteChannelId: CHANNEL,
    remoteWindowSize: windowBytes,
    openConfirmationMessage: { maxPacketSize: packetBytes },
    adjustRemoteWindow: (bytes) => {
      channel.remoteWindowSize += bytes;
    },
  };
  sender = new ChannelSender({ sendMessage }, channel);
}

async function sendMessage(message: SshMessage): Promise<void> {
  const writer = new SshDataWriter(Buffer.alloc(1024));
  message.write(writer);
  sent.push(Uint8Array.from(writer.toBuffer()));
}

/** RFC 4254, section 5.2. */
const data = (text: string) => concat(Uint8Array.of(CHANNEL_DATA), u32(CHANNEL), u32(text.length), utf8(text));

beforeEach(() => {
  sent = [];
});

test("pieces become packets as large as the other end takes, wherever they are cut", async () => {
  open(1000, 5);
  await sender.send([utf8("ab"), utf8("cdefgh"), utf8(""), utf8("ijk")]);
  expect(sent).toEqual([data("abcde"), data("fghij"), data("k")]);
});

test("what is sent at once goes in its order, and each as one", async () => {
  open(1000, 3);
  await Promise.all([sender.send([utf8("abcd")]), sender.send([utf8("ef")])]);
  expect(sent).toEqual([data("abc"), data("d"), data("ef")]);
});

test("no byte goes beyond the other end's window, and all go on when it opens", async () => {
  open(4, 100);
  const all = sender.send([utf8("abcdef")]);
  await expect.poll(() => sent).toEqual([data("abcd")]);
  channel.adjustRemoteWindow(1);
  await expect.poll(() => sent).toEqual([data("abcd"), data("e")]);
  channel.adjustRemoteWindow(100);
  await all;
  expect(sent.at(-1)).toEqual(data("f"));
});

test("a failure is heard by whoever sent, and the next may try", async () => {
  open(100, 100);
  sender = new ChannelSender({ sendMessage: () => Promise.reject(new Error("gone")) }, channel);
  await expect(sender.send([utf8("a")])).rejects.toThrow("gone");
  await expect(sender.send([utf8("b")])).rejects.toThrow("gone");
});

test("a channel that takes no packets at all is refused before anything is sent", () => {
  expect(() => open(100, 0)).toThrow("takes no data");
});
