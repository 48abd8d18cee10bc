/** Packets of SFTP version 3 (draft-ietf-secsh-filexfer-02), written, cut out of a pipe, and read with a limit on everything. */

import { concat, readU32, readU64, u32, u64 } from "../protocol/bytes";
import { PeerError } from "../protocol/errors";

export const Packet = {
  INIT: 1,
  VERSION: 2,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  FSTAT: 8,
  FSETSTAT: 10,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  RMDIR: 15,
  REALPATH: 16,
  STAT: 17,
  RENAME: 18,
  STATUS: 101,
  HANDLE: 102,
  DATA: 103,
  NAME: 104,
  ATTRS: 105,
  EXTENDED: 200,
  EXTENDED_REPLY: 201,
} as const;

/** The largest packet that is taken: a piece of a file, or 128 names of 255 bytes with their long forms, and room to spare. */
export const PACKET_LIMIT_BYTES = 320 * 1024;

const HANDLE_LIMIT_BYTES = 256;
const TEXT_LIMIT_BYTES = 32 * 1024;

const HAS_SIZE = 0x01;
const HAS_OWNER = 0x02;
const HAS_MODE = 0x04;
const HAS_TIMES = 0x08;
const HAS_EXTENDED = 0x80000000;
const EXTENDED_LIMIT = 16;

export interface Attributes {
  /** null where the other end does not say. */
  readonly sizeBytes: number | null;
  /** POSIX mode with the kind of file (stat(2)). */
  readonly mode: number | null;
  readonly modifiedAtMs: number | null;
}

export function string(data: Uint8Array): Uint8Array {
  return concat(u32(data.length), data);
}

/** As pieces, for a field may be long. */
export function packetPieces(type: number, ...fields: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = 1 + fields.reduce((size, field) => size + field.length, 0);
  return [u32(length), Uint8Array.of(type), ...fields];
}

export const NO_ATTRIBUTES = u32(0);

export function sizeAttribute(sizeBytes: number): Uint8Array {
  return concat(u32(HAS_SIZE), u64(sizeBytes));
}

/** Puts packets together out of pieces of any size. What lies in one piece is a view of it. */
export class PacketSplitter {
  #header = new Uint8Array(4);
  #headerBytes = 0;
  #content: Uint8Array | null = null;
  #contentBytes = 0;

  /** Throws PeerError for a packet that is longer than any that was asked for. */
  *split(data: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < data.length) {
      if (!this.#content) {
        const piece = data.subarray(at, at + 4 - this.#headerBytes);
        this.#header.set(piece, this.#headerBytes);
        this.#headerBytes += piece.length;
        at += piece.length;
        if (this.#headerBytes < 4) return;
        const length = readU32(this.#header, 0);
        if (length < 1 || length > PACKET_LIMIT_BYTES) throw new PeerError(`an SFTP packet of ${length} bytes`);
        if (data.length - at >= length) {
          this.#headerBytes = 0;
          at += length;
          yield data.subarray(at - length, at);
          continue;
        }
        this.#content = new Uint8Array(length);
        this.#contentBytes = 0;
      }
      const piece = data.subarray(at, at + this.#content.length - this.#contentBytes);
      this.#content.set(piece, this.#contentBytes);
      this.#contentBytes += piece.length;
      at += piece.length;
      if (this.#contentBytes < this.#content.length) return;
      const whole = this.#content;
      this.#content = null;
      this.#headerBytes = 0;
      yield whole;
    }
  }
}

/** Reads one packet from front to end. Throws PeerError for anything that is cut, too long, or left over. */
export class PacketReader {
  #at = 0;

  constructor(readonly content: Uint8Array) {}

  byte(): number {
    return this.#take(1)[0] ?? 0;
  }

  u32(): number {
    return readU32(this.#take(4), 0);
  }

  /** Sizes: beyond 2^53 there is no file. */
  u64(): number {
    const value = readU64(this.#take(8), 0);
    if (!Number.isFinite(value)) throw new PeerError("an SFTP size that no file can have");
    return value;
  }

  string(limitBytes: number): Uint8Array {
    const length = this.u32();
    if (length > limitBytes) throw new PeerError(`an SFTP string of ${length} bytes`);
    return this.#take(length);
  }

  handle(): Uint8Array {
    return this.string(HANDLE_LIMIT_BYTES).slice();
  }

  text(): string {
    return new TextDecoder().decode(this.string(TEXT_LIMIT_BYTES));
  }

  attributes(): Attributes {
    const flags = this.u32();
    const sizeBytes = flags & HAS_SIZE ? this.u64() : null;
    if (flags & HAS_OWNER) this.#take(8);
    const mode = flags & HAS_MODE ? this.u32() : null;
    let modifiedAtMs: number | null = null;
    if (flags & HAS_TIMES) {
      this.u32();
      modifiedAtMs = this.u32() * 1000;
    }
    if (flags & HAS_EXTENDED) {
      const count = this.u32();
      if (count > EXTENDED_LIMIT) throw new PeerError(`${count} extended SFTP attributes`);
      for (let index = 0; index < 2 * count; index += 1) this.string(TEXT_LIMIT_BYTES);
    }
    return { sizeBytes, mode, modifiedAtMs };
  }

  get isAtEnd(): boolean {
    return this.#at === this.content.length;
  }

  rest(): Uint8Array {
    return this.#take(this.content.length - this.#at);
  }

  end(): void {
    if (!this.isAtEnd) throw new PeerError("an SFTP packet with something left over");
  }

  #take(length: number): Uint8Array {
    const piece = this.content.subarray(this.#at, this.#at + length);
    if (piece.length < length) throw new PeerError("an SFTP packet that is cut");
    this.#at += length;
    return piece;
  }
}
