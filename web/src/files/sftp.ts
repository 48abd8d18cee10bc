/**
 * An SFTP client, version 3 (draft-ietf-secsh-filexfer-02): as much of it as two panes of files need.
 *
 * Requests go out without waiting for each other; answers are told apart by their number. Whatever the other end says that
 * was not asked for, or has another shape, ends the connection: it is the customer's agent, or somebody who is not.
 */

import { concat, u32, u64, utf8 } from "../protocol/bytes";
import { ConsentryError, PeerError } from "../protocol/errors";
import { FileMissing, FileRefused, FilesGone } from "./errors";
import { isDots, isName, joined, shownName } from "./names";
import {
  type Attributes,
  NO_ATTRIBUTES,
  PACKET_LIMIT_BYTES,
  Packet,
  PacketReader,
  PacketSplitter,
  packetPieces,
  sizeAttribute,
  string,
} from "./packets";

const VERSION = 3;
const OK = 0;
const END_OF_FILE = 1;
const NO_SUCH_FILE = 2;

/** What one READ or WRITE moves, and how many of them are on their way at once: measured, docs/performance.md. */
export const PIECE_BYTES = 256 * 1024;
export const PIECES_AT_ONCE = 16;

/** Names of one folder beyond which a list is of no use to anybody, and of harm to a browser. */
export const LISTING_LIMIT = 10_000;
/** How many pieces of a list are asked for at once: our agent gives 128 names in each, and a network has a way to go for each. */
const LISTS_AT_ONCE = 4;
const NAMES_LIMIT = 1024;
const NAME_LIMIT_BYTES = 4096;
const EXTENSIONS_LIMIT = 64;

export const OpenFlag = { READ: 0x01, WRITE: 0x02, CREATE: 0x08, TRUNCATE: 0x10, EXCLUSIVE: 0x20 } as const;

/** A pipe to an SFTP server. */
export interface ByteChannel {
  onData: (data: Uint8Array) => void;
  /** Resolves when nothing will come any more. */
  readonly closed: Promise<void>;
  /** In order, as one. Resolves when there is room for more; until then no piece may change. */
  send(pieces: readonly Uint8Array[]): Promise<void>;
  close(): void;
}

export type Kind = "folder" | "file" | "link" | "other";

export interface Entry {
  readonly name: Uint8Array;
  readonly path: Uint8Array;
  /** The name for a person: nothing in it is hidden. */
  readonly shown: string;
  readonly kind: Kind;
  readonly sizeBytes: number | null;
  readonly modifiedAtMs: number | null;
}

export interface Listing {
  readonly entries: readonly Entry[];
  /** There are more than are in the list. */
  readonly isCut: boolean;
}

export type Handle = Uint8Array & { readonly brand?: "handle" };

interface Waiting {
  readonly expected: number;
  /** Reads the answer and hands it on. Throws PeerError. */
  readonly take: (answer: PacketReader) => void;
  readonly reject: (error: Error) => void;
}

export class SftpClient {
  readonly closed: Promise<void>;
  readonly #channel: ByteChannel;
  readonly #splitter = new PacketSplitter();
  readonly #waiting = new Map<number, Waiting>();
  readonly #extensions = new Set<string>();
  #versionIsDue: ((reader: PacketReader | null) => void) | null = null;
  #nextId = 0;
  #failure: ConsentryError | null = null;

  private constructor(channel: ByteChannel) {
    this.#channel = channel;
    this.closed = channel.closed;
    channel.onData = (data) => this.#receive(data);
    void channel.closed.then(() => this.#fail(new FilesGone()));
  }

  /** Agrees on version 3. Throws PeerError and FilesGone; the channel is closed then. */
  static async open(channel: ByteChannel): Promise<SftpClient> {
    const client = new SftpClient(channel);
    const version = new Promise<PacketReader | null>((resolve) => {
      client.#versionIsDue = resolve;
    });
    channel.send(packetPieces(Packet.INIT, u32(VERSION))).catch(() => client.#fail(new FilesGone()));
    const answer = await version;
    if (!answer) throw client.#failure ?? new FilesGone();
    try {
      client.#agree(answer);
    } catch (error) {
      client.#fail(error instanceof ConsentryError ? error : new FilesGone());
      throw error;
    }
    return client;
  }

  #agree(answer: PacketReader): void {
    const version = answer.u32();
    if (version !== VERSION) throw new PeerError(`SFTP version ${version}`);
    for (let count = 0; !answer.isAtEnd; count += 1) {
      if (count === EXTENSIONS_LIMIT) throw new PeerError("no end of SFTP extensions");
      this.#extensions.add(answer.text());
      answer.string(NAME_LIMIT_BYTES);
    }
  }

  /** Whether the other end makes hashes where the files lie; without it nothing is compared, and nothing resumed. */
  get canHash(): boolean {
    return this.#extensions.has("check-file");
  }

  close(): void {
    this.#channel.close();
  }

  // ── folders ──────────────────────────────────────────────────────────────────────────────────────────────────────

  realPath(path: Uint8Array): Promise<Uint8Array> {
    return this.#ask(Packet.NAME, readRealPath, Packet.REALPATH, string(path));
  }

  async list(folder: Uint8Array): Promise<Listing> {
    const handle = await this.#ask(Packet.HANDLE, readHandle, Packet.OPENDIR, string(folder));
    const read = (answer: PacketReader) => readEntries(folder, answer);
    const entries: Entry[] = [];
    let isWhole = false;
    const readOn = async () => {
      while (!isWhole && entries.length < LISTING_LIMIT) {
        const some = await this.#untilEnd(this.#ask(Packet.NAME, read, Packet.READDIR, string(handle)));
        if (some) entries.push(...some);
        else isWhole = true;
      }
    };
    try {
      // All of them, before the handle is closed: one that fails leaves others on their way.
      const ways = await Promise.allSettled(Array.from({ length: LISTS_AT_ONCE }, readOn));
      for (const way of ways) if (way.status === "rejected") throw way.reason;
      return { entries: entries.slice(0, LISTING_LIMIT), isCut: !isWhole || entries.length > LISTING_LIMIT };
    } finally {
      await this.closeHandle(handle).catch(() => undefined);
    }
  }

  /** Follows links. Throws FileMissing. */
  async stat(path: Uint8Array): Promise<Attributes & { readonly kind: Kind }> {
    const attributes = await this.#ask(Packet.ATTRS, readAttributes, Packet.STAT, string(path));
    return { ...attributes, kind: kindOf(attributes.mode) };
  }

  makeFolder(path: Uint8Array): Promise<void> {
    return this.#do(Packet.MKDIR, string(path), NO_ATTRIBUTES);
  }

  removeFolder(path: Uint8Array): Promise<void> {
    return this.#do(Packet.RMDIR, string(path));
  }

  removeFile(path: Uint8Array): Promise<void> {
    return this.#do(Packet.REMOVE, string(path));
  }

  /** Never replaces what has the new name already. */
  rename(from: Uint8Array, to: Uint8Array): Promise<void> {
    return this.#do(Packet.RENAME, string(from), string(to));
  }

  // ── open files ───────────────────────────────────────────────────────────────────────────────────────────────────

  openFile(path: Uint8Array, flags: number): Promise<Handle> {
    return this.#ask(Packet.HANDLE, readHandle, Packet.OPEN, string(path), u32(flags), NO_ATTRIBUTES);
  }

  async size(handle: Handle): Promise<number> {
    const { sizeBytes, mode } = await this.#ask(Packet.ATTRS, readAttributes, Packet.FSTAT, string(handle));
    if (sizeBytes === null || (mode !== null && kindOf(mode) !== "file")) throw new FileRefused("no regular file");
    return sizeBytes;
  }

  truncate(handle: Handle, sizeBytes: number): Promise<void> {
    return this.#do(Packet.FSETSTAT, string(handle), sizeAttribute(sizeBytes));
  }

  /** At most `lengthBytes`, at least one; null at the end of the file. */
  read(handle: Handle, offset: number, lengthBytes: number): Promise<Uint8Array | null> {
    const read = (answer: PacketReader) => readData(answer, lengthBytes);
    const fields = [string(handle), u64(offset), u32(lengthBytes)];
    return this.#untilEnd(this.#ask(Packet.DATA, read, Packet.READ, ...fields));
  }

  write(handle: Handle, offset: number, data: Uint8Array): Promise<void> {
    return this.#do(Packet.WRITE, string(handle), u64(offset), u32(data.length), data);
  }

  /** SHA-256 of that part of the file, made where it lies (`check-file-handle`); to its end where no length is given. */
  sha256(handle: Handle, offset = 0, lengthBytes = 0): Promise<Uint8Array> {
    const range = concat(u64(offset), u64(lengthBytes), u32(0));
    const name = string(utf8("check-file-handle"));
    const fields = [name, string(handle), string(utf8("sha256")), range];
    return this.#ask(Packet.EXTENDED_REPLY, readHash, Packet.EXTENDED, ...fields);
  }

  closeHandle(handle: Handle): Promise<void> {
    return this.#do(Packet.CLOSE, string(handle));
  }

  // ── questions and answers ────────────────────────────────────────────────────────────────────────────────────────

  #do(type: number, ...fields: readonly Uint8Array[]): Promise<void> {
    return this.#ask(Packet.STATUS, () => undefined, type, ...fields);
  }

  #ask<T>(
    expected: number,
    read: (answer: PacketReader) => T,
    type: number,
    ...fields: readonly Uint8Array[]
  ): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextId;
    this.#nextId = (id + 1) >>> 0;
    const answered = new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { expected, take: (answer) => resolve(read(answer)), reject });
    });
    this.#channel.send(packetPieces(type, u32(id), ...fields)).catch(() => this.#fail(new FilesGone()));
    return answered;
  }

  async #untilEnd<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof EndOfFile) return null;
      throw error;
    }
  }

  #receive(data: Uint8Array): void {
    if (this.#failure) return;
    try {
      for (const content of this.#splitter.split(data)) this.#take(new PacketReader(content));
    } catch (error) {
      this.#fail(error instanceof ConsentryError ? error : new FilesGone());
    }
  }

  #take(answer: PacketReader): void {
    const type = answer.byte();
    if (this.#versionIsDue) {
      if (type !== Packet.VERSION) throw new PeerError("SFTP that does not begin with its version");
      this.#versionIsDue(answer);
      this.#versionIsDue = null;
      return;
    }
    const id = answer.u32();
    const waiting = this.#waiting.get(id);
    if (!waiting) throw new PeerError("an answer in SFTP to what was not asked");
    // Whoever waits is let go of when the answer was read: until then a mistake in it is theirs to hear of, too.
    if (type === Packet.STATUS) this.#takeStatus(answer, waiting);
    else if (type === waiting.expected) waiting.take(answer);
    else throw new PeerError("an answer in SFTP of the wrong kind");
    this.#waiting.delete(id);
  }

  #takeStatus(answer: PacketReader, { expected, take, reject }: Waiting): void {
    const code = answer.u32();
    const said = answer.isAtEnd ? "" : answer.text();
    if (code !== OK) reject(errorOf(code, said));
    else if (expected === Packet.STATUS) take(answer);
    else throw new PeerError("an OK in SFTP to a question");
  }

  #fail(error: ConsentryError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#versionIsDue?.(null);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#channel.close();
  }
}

/** Not an error of anybody's: how lists and files end. */
class EndOfFile extends ConsentryError {
  constructor() {
    super("console-files-error-changed");
  }
}

function readHandle(answer: PacketReader): Handle {
  return answer.handle();
}

function readAttributes(answer: PacketReader): Attributes {
  return answer.attributes();
}

function readRealPath(answer: PacketReader): Uint8Array {
  if (answer.u32() !== 1) throw new PeerError("more than one real path");
  const real = answer.string(NAME_LIMIT_BYTES).slice();
  if (real[0] !== 0x2f) throw new PeerError("a real path that is none");
  return real;
}

function readEntries(folder: Uint8Array, answer: PacketReader): Entry[] {
  const count = answer.u32();
  if (count < 1 || count > NAMES_LIMIT) throw new PeerError(`${count} names at once`);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = answer.string(NAME_LIMIT_BYTES).slice();
    answer.string(PACKET_LIMIT_BYTES); // the long form is for terminals
    const { sizeBytes, mode, modifiedAtMs } = answer.attributes();
    if (isDots(name)) continue;
    // A name with a slash in it would lead somewhere else than the folder that a person looks at.
    if (!isName(name)) throw new PeerError("a name in a folder that is no name");
    const path = joined(folder, name);
    entries.push({ name, path, shown: shownName(name), kind: kindOf(mode), sizeBytes, modifiedAtMs });
  }
  answer.end();
  return entries;
}

function readData(answer: PacketReader, limitBytes: number): Uint8Array {
  const data = answer.string(limitBytes);
  answer.end();
  if (!data.length) throw new PeerError("a piece of a file without a byte");
  return data;
}

function readHash(answer: PacketReader): Uint8Array {
  const algorithm = answer.text();
  const hash = answer.rest();
  if (algorithm !== "sha256" || hash.length !== 32) throw new PeerError("a hash that is none");
  return hash.slice();
}

function errorOf(code: number, said: string): ConsentryError {
  if (code === END_OF_FILE) return new EndOfFile();
  return code === NO_SUCH_FILE ? new FileMissing() : new FileRefused(said);
}

/** By the mode's kind bits (stat(2)). */
function kindOf(mode: number | null): Kind {
  const kinds: Record<number, Kind> = { 16384: "folder", 32768: "file", 40960: "link" };
  return kinds[(mode ?? 0) & 0xf000] ?? "other";
}
