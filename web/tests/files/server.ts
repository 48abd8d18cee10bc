/** An SFTP server as small as a test needs it, honest unless told otherwise: files in memory, answers when they are due. */

import { sha256 } from "@noble/hashes/sha2.js";
import { Packet, PacketReader, PacketSplitter, packetPieces, string } from "../../src/files/packets";
import { type ByteChannel, SftpClient } from "../../src/files/sftp";
import { concat, fromUtf8, u32, u64, utf8 } from "../../src/protocol/bytes";

const REGULAR = 0o100644;
const FOLDER = 0o040755;
const LINK = 0o120777;

export function packet(type: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return concat(...packetPieces(type, ...fields));
}

export class Server implements ByteChannel {
  onData: (data: Uint8Array) => void = () => undefined;
  readonly closed: Promise<void>;
  readonly files = new Map<string, Uint8Array>();
  readonly folders = new Set<string>(["/"]);
  /** Symbolic links, which lead wherever. */
  readonly links = new Set<string>();
  readonly #unlisted = new Set<string>();
  /** What was asked for, by type. */
  readonly asked: number[] = [];
  /** Answers in place of the honest one: null is silence. */
  lies: (type: number, id: number) => Uint8Array | null | undefined = () => undefined;
  canHash = true;
  /** How many requests wait for an answer at most; more than one is answered at once, in order. */
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #splitter = new PacketSplitter();
  #end: () => void = () => undefined;

  constructor(files: Record<string, Uint8Array> = {}) {
    for (const [path, content] of Object.entries(files)) {
      this.files.set(path, content);
      for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1))
        this.folders.add(path.slice(0, cut));
    }
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  client(): Promise<SftpClient> {
    return SftpClient.open(this);
  }

  async send(pieces: readonly Uint8Array[]): Promise<void> {
    for (const content of this.#splitter.split(concat(...pieces))) {
      this.#atOnce += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
      queueMicrotask(() => setTimeout(() => this.#reply(new PacketReader(content)), 0));
    }
  }

  say(data: Uint8Array): void {
    this.onData(data);
  }

  close(): void {
    this.#end();
  }

  #reply(request: PacketReader): void {
    this.#atOnce -= 1;
    const type = request.byte();
    if (type === Packet.INIT) {
      const extension = this.canHash ? [string(utf8("check-file")), string(utf8("sha256"))] : [];
      this.say(this.lies(type, 0) ?? packet(Packet.VERSION, u32(3), ...extension));
      return;
    }
    const id = request.u32();
    this.asked.push(type);
    const lie = this.lies(type, id);
    if (lie === null) return;
    this.say(lie ?? this.#honest(type, id, request));
  }

  #honest(type: number, id: number, request: PacketReader): Uint8Array {
    const status = (code: number) => packet(Packet.STATUS, u32(id), u32(code), string(utf8("")), string(utf8("")));
    if (type === Packet.EXTENDED) request.text();
    const path = fromUtf8(request.string(4096));
    const content = this.files.get(path);
    const attributes = (size: number) => concat(u32(0x05), u64(size), u32(REGULAR));
    if (type === Packet.OPEN) {
      const flags = request.u32();
      if (content && flags & 0x20) return status(4);
      if (!content && !(flags & 0x08)) return status(2);
      if (!content) this.files.set(path, new Uint8Array());
      return packet(Packet.HANDLE, u32(id), string(utf8(path)));
    }
    if (type === Packet.MKDIR) {
      if (this.folders.has(path) || this.files.has(path)) return status(4);
      this.folders.add(path);
      return status(0);
    }
    if (type === Packet.OPENDIR) {
      if (!this.folders.has(path)) return status(2);
      this.#unlisted.add(path);
      return packet(Packet.HANDLE, u32(id), string(utf8(path)));
    }
    if (type === Packet.READDIR) return this.#unlisted.delete(path) ? this.#names(id, path) : status(1);
    if (type === Packet.CLOSE) return status(0);
    if (type === Packet.STAT && this.folders.has(path))
      return packet(Packet.ATTRS, u32(id), concat(u32(0x04), u32(FOLDER)));
    if (!content) return status(2);
    if (type === Packet.STAT || type === Packet.FSTAT) return packet(Packet.ATTRS, u32(id), attributes(content.length));
    if (type === Packet.READ) {
      const offset = request.u64();
      const data = content.slice(offset, offset + request.u32());
      return data.length ? packet(Packet.DATA, u32(id), string(data)) : status(1);
    }
    if (type === Packet.WRITE) {
      const offset = request.u64();
      const data = request.string(1 << 20);
      const grown = new Uint8Array(Math.max(content.length, offset + data.length));
      grown.set(content);
      grown.set(data, offset);
      this.files.set(path, grown);
      return status(0);
    }
    if (type === Packet.FSETSTAT) {
      request.u32();
      this.files.set(path, content.slice(0, request.u64()));
      return status(0);
    }
    if (type === Packet.EXTENDED) {
      request.text();
      const [offset, length] = [request.u64(), request.u64()];
      const part = content.slice(offset, length ? offset + length : undefined);
      return packet(Packet.EXTENDED_REPLY, u32(id), string(utf8("sha256")), sha256(part));
    }
    return status(8);
  }

  /** As READDIR has them: links as links. */
  #names(id: number, folder: string): Uint8Array {
    const prefix = folder === "/" ? "/" : `${folder}/`;
    const below = (paths: Iterable<string>) =>
      [...paths].filter(
        (path) => path.startsWith(prefix) && path !== prefix && !path.slice(prefix.length).includes("/"),
      );
    const named = (path: string, attributes: Uint8Array) =>
      concat(string(utf8(path.slice(prefix.length))), string(utf8("")), attributes);
    const entries = [
      ...below(this.folders).map((path) => named(path, concat(u32(0x04), u32(FOLDER)))),
      ...below(this.links).map((path) => named(path, concat(u32(0x04), u32(LINK)))),
      ...below(this.files.keys()).map((path) =>
        named(path, concat(u32(0x05), u64(this.files.get(path)?.length ?? 0), u32(REGULAR))),
      ),
    ];
    if (!entries.length) return packet(Packet.STATUS, u32(id), u32(1), string(utf8("")), string(utf8("")));
    return packet(Packet.NAME, u32(id), u32(entries.length), ...entries);
  }
}
