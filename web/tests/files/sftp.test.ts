import { describe, expect, test } from "vitest";
import { FileMissing, FileRefused, FilesGone } from "../../src/files/errors";
import { PACKET_LIMIT_BYTES, Packet, string } from "../../src/files/packets";
import { LISTING_LIMIT } from "../../src/files/sftp";
import { concat, u32, u64, utf8 } from "../../src/protocol/bytes";
import { PeerError } from "../../src/protocol/errors";
import { packet, Server } from "./server";

const FOLDER = concat(u32(0x04), u32(0o40755));

function names(id: number, ...listed: readonly (string | Uint8Array)[]): Uint8Array {
  const entries = listed.map((name) =>
    concat(string(typeof name === "string" ? utf8(name) : name), string(utf8("long")), FOLDER),
  );
  return packet(Packet.NAME, u32(id), u32(listed.length), ...entries);
}

const endOfFile = (id: number) => packet(Packet.STATUS, u32(id), u32(1), string(utf8("")), string(utf8("")));

/** A server that lists these, in as many answers. */
function listing(...answers: readonly (readonly (string | Uint8Array)[])[]): Server {
  const server = new Server();
  let at = 0;
  server.lies = (type, id) => {
    if (type === Packet.OPENDIR) return packet(Packet.HANDLE, u32(id), string(utf8("h")));
    if (type !== Packet.READDIR) return undefined;
    const answer = answers[at];
    at += 1;
    return answer ? names(id, ...answer) : endOfFile(id);
  };
  return server;
}

test("a list has every name of a folder but the two that are everywhere, as bytes and as harmless text", async () => {
  const sftp = await listing([".", "..", "a"], ["b\u202egpj.exe", Uint8Array.of(0xff, 0x41)]).client();
  const { entries, isCut } = await sftp.list(utf8("/home"));
  expect(isCut).toBe(false);
  expect(entries.map(({ shown }) => shown)).toEqual(["a", "b\\u202egpj.exe", "\\xffA"]);
  expect(entries[2]?.path).toEqual(concat(utf8("/home/"), Uint8Array.of(0xff, 0x41)));
  expect(entries[0]?.kind).toBe("folder");
});

test("pieces of a list are asked for together, in whatever order they and its end come, and its handle is closed at last", async () => {
  const server = new Server();
  const readings: number[] = [];
  server.lies = (type, id) => {
    if (type === Packet.OPENDIR) return packet(Packet.HANDLE, u32(id), string(utf8("h")));
    if (type !== Packet.READDIR) return undefined;
    readings.push(id);
    if (readings.length > 4) return endOfFile(id);
    if (readings.length < 4) return null;
    const [first = 0, second = 0, third = 0] = readings;
    server.say(endOfFile(third));
    server.say(names(second, "b"));
    server.say(names(first, "a"));
    return names(id, "c");
  };
  const { entries, isCut } = await (await server.client()).list(utf8("/home"));
  expect(entries.map(({ shown }) => shown).toSorted()).toEqual(["a", "b", "c"]);
  expect(isCut).toBe(false);
  expect(server.asked.slice(0, 5)).toEqual([Packet.OPENDIR, ...Array(4).fill(Packet.READDIR)]);
  expect(server.asked.at(-1)).toBe(Packet.CLOSE);
});

test("a folder with as many names as are shown is not called cut", async () => {
  const many = Array.from({ length: 1000 }, (_, index) => `name-${index}`);
  const sftp = await listing(...Array.from({ length: LISTING_LIMIT / 1000 }, () => many)).client();
  const { entries, isCut } = await sftp.list(utf8("/"));
  expect([entries.length, isCut]).toEqual([LISTING_LIMIT, false]);
});

test.each(["../../etc/passwd", "a/b", "a\0b", "", "x".repeat(256)])(
  "a name %j in a folder ends it: it would lead somewhere else",
  async (name) => {
    const sftp = await listing([name]).client();
    await expect(sftp.list(utf8("/home"))).rejects.toThrow(PeerError);
    await expect(sftp.stat(utf8("/"))).rejects.toThrow(PeerError);
  },
);

test("a folder without an end is cut off, and says so", async () => {
  const server = new Server();
  const many = Array.from({ length: 1000 }, (_, index) => `name-${index}`);
  server.lies = (type, id) => {
    if (type === Packet.OPENDIR) return packet(Packet.HANDLE, u32(id), string(utf8("h")));
    return type === Packet.READDIR ? names(id, ...many) : undefined;
  };
  const { entries, isCut } = await (await server.client()).list(utf8("/"));
  expect([entries.length, isCut]).toEqual([LISTING_LIMIT, true]);
});

describe("whatever breaks the rules ends the connection, and all who wait hear of it", () => {
  const broken: Record<string, (id: number) => Uint8Array> = {
    "a packet larger than any that was asked for": () => u32(PACKET_LIMIT_BYTES + 1),
    "a packet of nothing": () => u32(0),
    "an answer to what was not asked": (id) => packet(Packet.STATUS, u32(id + 7), u32(0)),
    "an answer of the wrong kind": (id) => packet(Packet.HANDLE, u32(id), string(utf8("h"))),
    "an OK to a question": (id) => packet(Packet.STATUS, u32(id), u32(0), string(utf8("")), string(utf8(""))),
    "an answer that is cut": (id) => packet(Packet.ATTRS, u32(id), u32(0x01), u32(1)),
    "a size that no file has": (id) =>
      packet(
        Packet.ATTRS,
        u32(id),
        u32(0x01),
        Uint8Array.from({ length: 8 }, () => 0xff),
      ),
    "attributes without an end": (id) => packet(Packet.ATTRS, u32(id), u32(0x80000000), u32(0xffffffff)),
  };
  test.each(Object.entries(broken))("%s", async (_, lie) => {
    const server = new Server();
    server.lies = (type, id) => (type === Packet.INIT ? undefined : type === Packet.STAT ? lie(id) : null);
    const sftp = await server.client();
    const other = sftp.realPath(utf8("/"));
    other.catch(() => undefined);
    await expect(sftp.stat(utf8("/x"))).rejects.toThrow(PeerError);
    await expect(other).rejects.toThrow(PeerError);
  });

  test("another version", async () => {
    const server = new Server();
    server.lies = () => packet(Packet.VERSION, u32(6));
    await expect(server.client()).rejects.toThrow(PeerError);
  });

  test("no version at all", async () => {
    const server = new Server();
    server.lies = () => packet(Packet.STATUS, u32(0), u32(0));
    await expect(server.client()).rejects.toThrow(PeerError);
  });
});

test("a piece of a file that is longer than what was asked for is never taken", async () => {
  const server = new Server({ "/f": new Uint8Array(100) });
  const sftp = await server.client();
  const handle = await sftp.openFile(utf8("/f"), 1);
  server.lies = (type, id) =>
    type === Packet.READ ? packet(Packet.DATA, u32(id), string(new Uint8Array(11))) : undefined;
  await expect(sftp.read(handle, 0, 10)).rejects.toThrow(PeerError);
});

test("a refusal comes with what the other end says, made harmless and short", async () => {
  const server = new Server();
  const said = `\u001b[2Jno\u202e${"x".repeat(1000)}`;
  server.lies = (type, id) =>
    type === Packet.STAT ? packet(Packet.STATUS, u32(id), u32(3), string(utf8(said)), string(utf8("en"))) : undefined;
  const refused = await (await server.client()).stat(utf8("/x")).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(FileRefused);
  const shown = String((refused as FileRefused).fields.said);
  expect(shown.startsWith("\\x1b[2Jno\\u202exxx")).toBe(true);
  expect(shown.length).toBeLessThan(320);
});

test("what is not there is another error than what is refused", async () => {
  await expect((await new Server().client()).stat(utf8("/x"))).rejects.toThrow(FileMissing);
});

test("a connection that ends is told to everybody who waits, and to everybody who asks afterwards", async () => {
  const server = new Server();
  server.lies = (type) => (type === Packet.INIT ? undefined : null);
  const sftp = await server.client();
  const waiting = [sftp.stat(utf8("/a")), sftp.realPath(utf8("."))];
  server.close();
  for (const one of waiting) await expect(one).rejects.toThrow(FilesGone);
  await expect(sftp.stat(utf8("/a"))).rejects.toThrow(FilesGone);
});

test("sizes beyond four gigabytes arrive as they are", async () => {
  const server = new Server();
  server.lies = (type, id) =>
    type === Packet.STAT ? packet(Packet.ATTRS, u32(id), u32(0x05), u64(2 ** 40), u32(0o100600)) : undefined;
  expect(await (await server.client()).stat(utf8("/big"))).toMatchObject({ sizeBytes: 2 ** 40, kind: "file" });
});
