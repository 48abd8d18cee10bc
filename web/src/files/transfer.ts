/**
 * One file, one way: pieces in flight, hashed as they pass, compared at the end with the hash that the other end makes.
 *
 * Resuming goes by comparison, not by trust: what is there already counts only if it hashes the same on both sides.
 */

import { areEqual, type Bytes, concat } from "../protocol/bytes";
import { FileChanged, FileExists, FileMissing, NotAFile } from "./errors";
import { type Hasher, newHasher } from "./hashing";
import { type Handle, OpenFlag, PIECE_BYTES, PIECES_AT_ONCE, type SftpClient } from "./sftp";

/** Local files are read and written in strides: a browser hands each to another process, and takes a millisecond. */
const STRIDE_BYTES = 8 * PIECE_BYTES;

/** Where a download goes. */
export interface Sink {
  /** What is there from a try before, to be compared; null where there is nothing. */
  kept(): Promise<Blob | null>;
  /** Begins writing at `offset`, which is 0 or the size of what is kept. */
  begin(offset: number): Promise<void>;
  /** Resolves when `data` is not needed any more. */
  write(data: Bytes): Promise<void>;
  /** The file as it is now stays, whole or not. */
  keep(): Promise<void>;
}

export interface Transferred {
  readonly sha256: Uint8Array;
  /** Whether the other end has made the same hash of its copy; false where it may not or cannot. */
  readonly isCompared: boolean;
  /** How much of it was there before. */
  readonly resumedAt: number;
}

export interface Way {
  readonly signal: AbortSignal;
  /** Bytes that are there, and how many there will be. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** Throws FileMissing, FileRefused, FileChanged, FilesGone; AbortError when `signal` says so. What came is kept. */
export async function download(sftp: SftpClient, path: Uint8Array, sink: Sink, way: Way): Promise<Transferred> {
  return withFile(sftp, path, OpenFlag.READ, async (handle) => {
    const totalBytes = await sftp.size(handle);
    return withHasher(totalBytes, async (hash) => {
      const offset = await common(sftp, handle, await sink.kept(), totalBytes, hash, way.signal);
      await sink.begin(offset);
      try {
        await receive(sftp, handle, offset, totalBytes, way, async (stride) => {
          await sink.write(stride);
          await hash.update(stride);
        });
      } finally {
        await sink.keep();
      }
      return { ...(await compared(sftp, handle, await hash.digest(), sftp.canHash)), resumedAt: offset };
    });
  });
}

export interface Upload {
  readonly path: Uint8Array;
  readonly file: Blob;
  /** Of a file that has the name already: `keep` it, `continue` it if it is the beginning of ours, or `replace` it. */
  readonly there: "keep" | "continue" | "replace";
  /** Whether what is there may be read, to be compared. */
  readonly mayRead: boolean;
}

/** Throws FileExists, and what `download` throws. What was sent stays. */
export async function upload(sftp: SftpClient, { path, file, there: then, mayRead }: Upload, way: Way) {
  const there = await sftp.stat(path).catch((error: unknown) => {
    if (error instanceof FileMissing) return null;
    throw error;
  });
  if (there && there.kind !== "file") throw new NotAFile();
  if (there && then === "keep") throw new FileExists();
  const access = OpenFlag.WRITE | (mayRead ? OpenFlag.READ : 0);
  const flags = access | (there ? 0 : OpenFlag.CREATE | OpenFlag.EXCLUSIVE);
  return withFile(sftp, path, flags, async (handle): Promise<Transferred> => {
    const canCompare = mayRead && sftp.canHash;
    const before = there ? await sftp.size(handle) : 0;
    const begun = canCompare && before > 0 && before <= file.size ? file.slice(0, before) : null;
    return withHasher(file.size, async (hash) => {
      const offset = await common(sftp, handle, begun, before, hash, way.signal);
      if (before > offset && then === "continue") throw new FileExists();
      if (before > offset) await sftp.truncate(handle, offset);
      await send(sftp, handle, file, offset, way, hash);
      if ((await sftp.size(handle)) !== file.size) throw new FileChanged();
      return { ...(await compared(sftp, handle, await hash.digest(), canCompare)), resumedAt: offset };
    });
  });
}

/** How much of `begun` is the beginning of what the other end has: all of it, or nothing. So much is in `hash` then. */
async function common(
  sftp: SftpClient,
  handle: Handle,
  begun: Blob | null,
  theirBytes: number,
  hash: Hasher,
  signal: AbortSignal,
): Promise<number> {
  if (!begun?.size || begun.size > theirBytes || !sftp.canHash) return 0;
  for (let at = 0; at < begun.size; at += STRIDE_BYTES) {
    signal.throwIfAborted();
    await hash.read({ file: begun, start: at, end: at + STRIDE_BYTES });
  }
  const theirs = await sftp.sha256(handle, 0, begun.size);
  if (areEqual(theirs, await hash.digest())) return begun.size;
  hash.reset();
  return 0;
}

async function compared(sftp: SftpClient, handle: Handle, sha256: Uint8Array, canCompare: boolean) {
  if (canCompare && !areEqual(await sftp.sha256(handle), sha256)) throw new FileChanged();
  return { sha256, isCompared: canCompare };
}

async function receive(
  sftp: SftpClient,
  handle: Handle,
  offset: number,
  totalBytes: number,
  { signal, onProgress }: Way,
  take: (stride: Bytes) => Promise<void>,
): Promise<void> {
  const strides = new Strides(take);
  const pending: { readonly length: number; readonly data: Promise<Uint8Array | null> }[] = [];
  let askedAt = offset;
  let at = offset;
  onProgress(at, totalBytes);
  try {
    while (at < totalBytes) {
      signal.throwIfAborted();
      while (askedAt < totalBytes && pending.length < PIECES_AT_ONCE) {
        const length = Math.min(PIECE_BYTES, totalBytes - askedAt);
        pending.push({ length, data: sftp.read(handle, askedAt, length) });
        askedAt += length;
      }
      const next = pending.shift();
      if (!next) break;
      for (let left = next.length, data = await next.data; ; data = await sftp.read(handle, at, left)) {
        if (!data) throw new FileChanged(); // shorter than it was
        await strides.add(data);
        at += data.length;
        left -= data.length;
        if (!left) break;
      }
      onProgress(at, totalBytes);
    }
  } finally {
    await Promise.allSettled(pending.map(({ data }) => data));
    await strides.end();
  }
}

/** Pieces gathered to strides; one is taken while the next is gathered. */
class Strides {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #taking: Promise<void> = Promise.resolve();

  constructor(private readonly take: (stride: Bytes) => Promise<void>) {}

  /** Rejects for what went wrong with the stride before. */
  async add(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes >= STRIDE_BYTES) await this.#handOver();
  }

  async end(): Promise<void> {
    await this.#handOver();
    await this.#taking;
  }

  async #handOver(): Promise<void> {
    const stride = concat(...this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    await this.#taking;
    if (!stride.length) return;
    this.#taking = this.take(stride);
    this.#taking.catch(() => undefined); // it is heard with the next, or at the end
  }
}

async function send(
  sftp: SftpClient,
  handle: Handle,
  file: Blob,
  offset: number,
  { signal, onProgress }: Way,
  hash: Hasher,
): Promise<void> {
  const pending: Promise<void>[] = [];
  let written = offset;
  const oneWritten = async () => {
    await pending.shift();
    written = Math.min(written + PIECE_BYTES, file.size);
    onProgress(written, file.size);
  };
  onProgress(offset, file.size);
  const strideAt = (start: number) => hash.read({ file, start, end: start + STRIDE_BYTES });
  let ahead = strideAt(offset);
  try {
    for (let at = offset; at < file.size; at += STRIDE_BYTES) {
      const stride = await ahead;
      ahead = strideAt(at + STRIDE_BYTES);
      for (let start = 0; start < stride.length; start += PIECE_BYTES) {
        signal.throwIfAborted();
        if (pending.length === PIECES_AT_ONCE) await oneWritten();
        const writing = sftp.write(handle, at + start, stride.subarray(start, start + PIECE_BYTES));
        writing.catch(() => undefined); // it is heard of when its turn comes
        pending.push(writing);
      }
    }
    while (pending.length) await oneWritten();
  } finally {
    ahead.catch(() => undefined);
    await Promise.allSettled(pending);
  }
}

async function withHasher<T>(sizeBytes: number, use: (hash: Hasher) => Promise<T>): Promise<T> {
  const hash = newHasher(sizeBytes);
  try {
    return await use(hash);
  } finally {
    hash.dispose();
  }
}

/** Closing confirms what was written, so it is waited for; but an error before goes before its own. */
async function withFile<T>(
  sftp: SftpClient,
  path: Uint8Array,
  flags: number,
  use: (handle: Handle) => Promise<T>,
): Promise<T> {
  const handle = await sftp.openFile(path, flags);
  let result: T;
  try {
    result = await use(handle);
  } catch (error) {
    await sftp.closeHandle(handle).catch(() => undefined);
    throw error;
  }
  await sftp.closeHandle(handle);
  return result;
}
