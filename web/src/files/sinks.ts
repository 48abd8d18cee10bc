/**
 * Where downloads go: into a folder of this computer that the user has picked, piece by piece; or, in browsers that let no
 * page do so, into memory, and from there to wherever that browser puts downloads.
 */

import type { Bytes } from "../protocol/bytes";
import { FileTooLarge } from "./errors";
import type { Sink } from "./transfer";

/** What a page that has to hold whole files takes: a browser gives a tab about 2 GiB in all. */
export const MEMORY_LIMIT_MIB = 512;

/** The File System Access API, where there is one (WICG; not in TypeScript's library). */
interface Pickers {
  showDirectoryPicker?: (options: {
    readonly mode: "read" | "readwrite";
    readonly id: string;
  }) => Promise<FileSystemDirectoryHandle>;
}

export function canPickFolder(): boolean {
  return "showDirectoryPicker" in globalThis;
}

/** Asks the user. null when they would rather not. */
export async function pickFolder(mode: "read" | "readwrite"): Promise<FileSystemDirectoryHandle | null> {
  try {
    const { showDirectoryPicker } = globalThis as Pickers;
    return (await showDirectoryPicker?.({ mode, id: mode === "read" ? "consentry-sent" : "consentry" })) ?? null;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

export class FolderSink implements Sink {
  #writable: FileSystemWritableFileStream | null = null;

  private constructor(
    readonly name: string,
    readonly file: FileSystemFileHandle,
  ) {}

  /** A new file in that folder; where the name is taken it gets a number, for nothing of the user's is ever replaced. */
  static async create(folder: FileSystemDirectoryHandle, name: string): Promise<FolderSink> {
    const free = await freeName(folder, name);
    return new FolderSink(free, await folder.getFileHandle(free, { create: true }));
  }

  async kept(): Promise<Blob | null> {
    return this.file.getFile();
  }

  async begin(offset: number): Promise<void> {
    this.#writable = await this.file.createWritable({ keepExistingData: offset > 0 });
    await this.#writable.seek(offset);
  }

  async write(data: Bytes): Promise<void> {
    await this.#writable?.write(data);
  }

  async keep(): Promise<void> {
    await this.#writable?.close();
    this.#writable = null;
  }
}

/** A new folder in that one, numbered in the same way. */
export async function newFolder(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemDirectoryHandle> {
  return folder.getDirectoryHandle(await freeName(folder, name), { create: true });
}

export class MemorySink implements Sink {
  #parts: Blob[] = [];
  #bytes = 0;

  async kept(): Promise<Blob | null> {
    return new Blob(this.#parts);
  }

  async begin(offset: number): Promise<void> {
    if (!offset) this.#parts = [];
    this.#bytes = offset;
  }

  /** Throws FileTooLarge. Browsers may move blobs out of a tab's own memory. */
  async write(data: Bytes): Promise<void> {
    this.#bytes += data.length;
    if (this.#bytes > MEMORY_LIMIT_MIB * 1024 * 1024) throw new FileTooLarge(MEMORY_LIMIT_MIB);
    this.#parts.push(new Blob([data]));
  }

  async keep(): Promise<void> {}

  blob(): Blob {
    return new Blob(this.#parts, { type: "application/octet-stream" });
  }

  clear(): void {
    this.#parts = [];
  }
}

/** Hands a whole file to the browser's own downloads. */
export function saveAs(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn; a minute is for slow ones.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function freeName(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : numbered(name, number);
    if (!(await exists(folder, tried))) return tried;
  }
}

function numbered(name: string, number: number): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? `${name.slice(0, dot)} (${number})${name.slice(dot)}` : `${name} (${number})`;
}

async function exists(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return false;
    if (error instanceof DOMException && error.name === "TypeMismatchError") return true; // a folder
    throw error;
  }
}
