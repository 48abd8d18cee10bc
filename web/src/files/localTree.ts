/** A folder of this computer, looked through before anything of it is sent: dropped, picked, or chosen by an input. */

import { FolderTooLarge } from "./errors";

/** Folders in folders, and things in all of them, beyond which nobody meant this folder. */
export const DEPTH_LIMIT = 32;
export const ENTRIES_LIMIT = 10_000;

export interface LocalTree {
  readonly name: string;
  /** Each with its parents before it, as names from the top; the top itself is the empty list. */
  readonly folders: readonly (readonly string[])[];
  readonly files: readonly { readonly path: readonly string[]; readonly file: File }[];
}

class Gathering {
  readonly folders: (readonly string[])[] = [];
  readonly files: { readonly path: readonly string[]; readonly file: File }[] = [];

  /** Throws FolderTooLarge. */
  folder(path: readonly string[]): void {
    this.#count(path);
    this.folders.push(path);
  }

  file(path: readonly string[], file: File): void {
    this.#count(path);
    this.files.push({ path, file });
  }

  #count({ length }: readonly string[]): void {
    if (length > DEPTH_LIMIT || this.folders.length + this.files.length >= ENTRIES_LIMIT)
      throw new FolderTooLarge(ENTRIES_LIMIT, DEPTH_LIMIT);
  }
}

/** One that was dropped (File and Directory Entries API). Throws FolderTooLarge, and DOMException for what cannot be read. */
export async function droppedTree(top: FileSystemDirectoryEntry): Promise<LocalTree> {
  const found = new Gathering();
  const look = async (folder: FileSystemDirectoryEntry, path: readonly string[]): Promise<void> => {
    found.folder(path);
    const reader = folder.createReader();
    for (;;) {
      // A browser gives a hundred at a time, and at the end none.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const entry of some) {
        const inner = [...path, entry.name];
        if (entry.isDirectory) await look(entry as FileSystemDirectoryEntry, inner);
        else
          found.file(
            inner,
            await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
          );
      }
    }
  };
  await look(top, []);
  return { name: top.name, folders: found.folders, files: found.files };
}

/** One that was picked (File System Access API). Throws what `droppedTree` throws. */
export async function pickedTree(top: FileSystemDirectoryHandle): Promise<LocalTree> {
  const found = new Gathering();
  const look = async (folder: FileSystemDirectoryHandle, path: readonly string[]): Promise<void> => {
    found.folder(path);
    for await (const [name, handle] of folder.entries()) {
      const inner = [...path, name];
      if (handle.kind === "directory") await look(handle as FileSystemDirectoryHandle, inner);
      else found.file(inner, await (handle as FileSystemFileHandle).getFile());
    }
  };
  await look(top, []);
  return { name: top.name, folders: found.folders, files: found.files };
}

/** One that an input brought, in browsers without a picker: its files alone, for such an input knows no empty folders. */
export function chosenTree(files: Iterable<File>): LocalTree | null {
  const found = new Gathering();
  const known = new Set<string>();
  let name = "";
  for (const file of files) {
    const [top = "", ...path] = file.webkitRelativePath.split("/");
    name = top;
    for (let depth = 0; depth < path.length; depth += 1) {
      const folder = path.slice(0, depth);
      if (known.has(folder.join("/"))) continue;
      known.add(folder.join("/"));
      found.folder(folder);
    }
    found.file(path, file);
  }
  return name ? { name, folders: found.folders, files: found.files } : null;
}
