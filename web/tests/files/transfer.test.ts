import { sha256 } from "@noble/hashes/sha2.js";
import { expect, test } from "vitest";
import { FileChanged, FileExists, FileRefused, FilesGone } from "../../src/files/errors";
import { Packet, string } from "../../src/files/packets";
import { PIECE_BYTES, PIECES_AT_ONCE } from "../../src/files/sftp";
import { MemorySink } from "../../src/files/sinks";
import { download, upload } from "../../src/files/transfer";
import { type Bytes, toHex, u32, utf8 } from "../../src/protocol/bytes";
import { packet, Server } from "./server";

const PATH = utf8("/f");
const SIZE = 9 * 1024 * 1024 + 17;
const CONTENT = Uint8Array.from({ length: SIZE }, (_, index) => (index * 31 + (index >> 9)) & 0xff) as Bytes;

function way(stopAt = Number.POSITIVE_INFINITY) {
  const stop = new AbortController();
  const seen: number[] = [];
  const onProgress = (done: number): void => {
    seen.push(done);
    if (done >= stopAt) stop.abort();
  };
  return { signal: stop.signal, onProgress, seen };
}

/** By hash: comparing millions of elements one by one takes seconds. */
function same(one: Uint8Array | undefined, other: Uint8Array): void {
  expect(toHex(sha256(one ?? utf8("nothing")))).toBe(toHex(sha256(other)));
}

const sending = (file: Uint8Array, there: "keep" | "continue" | "replace" = "keep", mayRead = true) => ({
  path: PATH,
  file: new Blob([file as Bytes]),
  there,
  mayRead,
});

async function content(sink: MemorySink): Promise<Uint8Array> {
  return new Uint8Array(await sink.blob().arrayBuffer());
}

test("a download asks ahead, arrives in order, and has the hash that the other end makes", async () => {
  const server = new Server({ "/f": CONTENT });
  const sink = new MemorySink();
  const going = way();
  const outcome = await download(await server.client(), PATH, sink, going);
  expect(outcome).toEqual({ sha256: sha256(CONTENT), isCompared: true, resumedAt: 0 });
  same(await content(sink), CONTENT);
  expect(server.mostAtOnce).toBe(PIECES_AT_ONCE);
  expect(going.seen).toEqual(going.seen.toSorted((one, other) => one - other));
  expect(going.seen.at(-1)).toBe(SIZE);
  expect(server.asked.at(-1)).toBe(Packet.CLOSE);
});

test("a server that gives less than was asked for is asked for the rest", async () => {
  const server = new Server({ "/f": CONTENT.slice(0, PIECE_BYTES + 5) });
  let reads = 0;
  server.lies = (type, id) => {
    if (type !== Packet.READ || reads++) return undefined;
    return packet(Packet.DATA, u32(id), string(CONTENT.slice(0, 100)));
  };
  const sink = new MemorySink();
  await download(await server.client(), PATH, sink, way());
  same(await content(sink), CONTENT.slice(0, PIECE_BYTES + 5));
});

test("a download that was stopped goes on where it stopped", async () => {
  const server = new Server({ "/f": CONTENT });
  const sink = new MemorySink();
  const sftp = await server.client();
  await expect(download(sftp, PATH, sink, way(SIZE / 2))).rejects.toThrow(/abort/i);
  const kept = (await content(sink)).length;
  expect(kept).toBeGreaterThan(SIZE / 3);
  const outcome = await download(sftp, PATH, sink, way());
  expect(outcome).toEqual({ sha256: sha256(CONTENT), isCompared: true, resumedAt: kept });
  same(await content(sink), CONTENT);
});

test("a download begins anew where what came before is not the beginning of what is there", async () => {
  const server = new Server({ "/f": CONTENT });
  const sink = new MemorySink();
  const sftp = await server.client();
  await expect(download(sftp, PATH, sink, way(SIZE / 2))).rejects.toThrow(/abort/i);
  const other = CONTENT.map((byte) => byte ^ 1);
  server.files.set("/f", other);
  expect((await download(sftp, PATH, sink, way())).resumedAt).toBe(0);
  same(await content(sink), other);
});

test("a connection that ends in the middle leaves what came, and another one goes on", async () => {
  const server = new Server({ "/f": CONTENT });
  const sink = new MemorySink();
  const going = way();
  await expect(
    download(await server.client(), PATH, sink, {
      signal: going.signal,
      onProgress: (done) => {
        if (done > SIZE / 2) server.close();
      },
    }),
  ).rejects.toThrow(FilesGone);
  const outcome = await download(await new Server({ "/f": CONTENT }).client(), PATH, sink, way());
  expect(outcome.resumedAt).toBeGreaterThan(0);
  same(await content(sink), CONTENT);
});

test("a file that changes or shrinks while it is fetched is never called whole", async () => {
  const changing = new Server({ "/f": CONTENT });
  const changed = download(await changing.client(), PATH, new MemorySink(), {
    signal: new AbortController().signal,
    onProgress: (done) => {
      if (done === SIZE) changing.files.set("/f", CONTENT.toReversed());
    },
  });
  await expect(changed).rejects.toThrow(FileChanged);
  const shrinking = new Server({ "/f": CONTENT });
  const shrunk = download(await shrinking.client(), PATH, new MemorySink(), {
    signal: new AbortController().signal,
    onProgress: () => shrinking.files.set("/f", CONTENT.slice(0, 10)),
  });
  await expect(shrunk).rejects.toThrow(FileChanged);
});

test("an upload writes ahead, and both ends have the same at the end", async () => {
  const server = new Server();
  const outcome = await upload(await server.client(), sending(CONTENT), way());
  expect(outcome).toEqual({ sha256: sha256(CONTENT), isCompared: true, resumedAt: 0 });
  same(server.files.get("/f"), CONTENT);
  expect(server.mostAtOnce).toBe(PIECES_AT_ONCE);
});

test("an empty file arrives as one", async () => {
  const server = new Server();
  await upload(await server.client(), sending(new Uint8Array()), way());
  same(server.files.get("/f"), new Uint8Array());
  const sink = new MemorySink();
  await download(await server.client(), PATH, sink, way());
  same(await content(sink), new Uint8Array());
});

test("what the customer has is not replaced unless somebody says so, and then it is gone whole", async () => {
  const theirs = CONTENT.toReversed();
  const server = new Server({ "/f": theirs });
  const sftp = await server.client();
  const short = CONTENT.slice(0, 1000);
  await expect(upload(sftp, sending(short), way())).rejects.toThrow(FileExists);
  await expect(upload(sftp, sending(short, "continue"), way())).rejects.toThrow(FileExists);
  expect(server.files.get("/f") === theirs).toBe(true);
  await upload(sftp, sending(short, "replace"), way());
  same(server.files.get("/f"), short);
});

test("an upload that was stopped goes on behind what is there already, and writes that no second time", async () => {
  const server = new Server();
  const sftp = await server.client();
  await expect(upload(sftp, sending(CONTENT), way(SIZE / 2))).rejects.toThrow(/abort/i);
  const there = server.files.get("/f")?.length ?? 0;
  server.asked.length = 0;
  const outcome = await upload(sftp, sending(CONTENT, "continue"), way());
  expect(outcome).toEqual({ sha256: sha256(CONTENT), isCompared: true, resumedAt: there });
  expect(server.asked.filter((type) => type === Packet.WRITE)).toHaveLength(Math.ceil((SIZE - there) / PIECE_BYTES));
  same(server.files.get("/f"), CONTENT);
});

test("whoever may not read compares nothing, resumes nothing, and is told so", async () => {
  const server = new Server();
  const outcome = await upload(await server.client(), sending(CONTENT, "keep", false), way());
  expect(outcome.isCompared).toBe(false);
  expect(server.asked).not.toContain(Packet.EXTENDED);
  await expect(upload(await server.client(), sending(CONTENT, "continue", false), way())).rejects.toThrow(FileExists);
});

test("a write that is refused ends the transfer with what was said, and the file is closed", async () => {
  const server = new Server();
  let writes = 0;
  server.lies = (type, id) =>
    type === Packet.WRITE && ++writes === 3
      ? packet(Packet.STATUS, u32(id), u32(3), string(utf8("the customer took it back")), string(utf8("en")))
      : undefined;
  await expect(upload(await server.client(), sending(CONTENT), way())).rejects.toThrow(FileRefused);
  expect(server.asked.at(-1)).toBe(Packet.CLOSE);
});
