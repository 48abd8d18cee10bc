/**
 * Whole folders, file by file: what is moved of them stays moved, also when the rest is stopped, and each file is compared by
 * hash like a single one. Links and special files are left out, and counted: a link may lead anywhere.
 */

import { utf8 } from "../protocol/bytes";
import { safeText } from "../wording/safeText";
import { FileRefused, FolderTooLarge, NotAFile } from "./errors";
import { DEPTH_LIMIT, ENTRIES_LIMIT, type LocalTree } from "./localTree";
import { joined, localName } from "./names";
import type { Entry, SftpClient } from "./sftp";
import { FolderSink, newFolder } from "./sinks";
import { download, type Transferred, type Upload, upload, type Way } from "./transfer";

export interface Moved extends Transferred {
  readonly shown: string;
}

export interface TreeWay extends Way {
  /** Which file is moved now, and how many of how many are. */
  readonly onFile: (shown: string, doneFiles: number, totalFiles: number) => void;
}

interface TreeFile {
  readonly shown: string;
  readonly sizeBytes: number;
  readonly move: (sftp: SftpClient, way: Way) => Promise<Transferred>;
}

/** One file after the other; a second `run` goes on where the first one stopped. */
class Files {
  readonly #moved: Moved[] = [];
  readonly #totalBytes: number;

  constructor(private readonly files: readonly TreeFile[]) {
    this.#totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  async run(sftp: SftpClient, { signal, onProgress, onFile }: TreeWay): Promise<readonly Moved[]> {
    let before = this.files.slice(0, this.#moved.length).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    onProgress(before, this.#totalBytes);
    for (const { shown, sizeBytes, move } of this.files.slice(this.#moved.length)) {
      signal.throwIfAborted();
      onFile(shown, this.#moved.length, this.files.length);
      const from = before;
      const onPart = (done: number): void => onProgress(from + Math.min(done, sizeBytes), this.#totalBytes);
      this.#moved.push({ shown, ...(await move(sftp, { signal, onProgress: onPart })) });
      before += sizeBytes;
    }
    onFile("", this.#moved.length, this.files.length);
    onProgress(this.#totalBytes, this.#totalBytes);
    return this.#moved;
  }
}

/** `there` is asked for each file: what becomes of one of the customer's that has its name. Folders that are there are used. */
export function treeUpload(
  tree: LocalTree,
  into: Uint8Array,
  there: () => Upload["there"],
  mayRead: () => boolean,
): (sftp: SftpClient, way: TreeWay) => Promise<readonly Moved[]> {
  const top = joined(into, utf8(tree.name));
  const pathOf = (names: readonly string[]) => names.reduce((path, name) => joined(path, utf8(name)), top);
  const files = new Files(
    tree.files.map(({ path, file }) => ({
      shown: safeText([tree.name, ...path].join("/")),
      sizeBytes: file.size,
      move: (sftp, way) => upload(sftp, { path: pathOf(path), file, there: there(), mayRead: mayRead() }, way),
    })),
  );
  let foldersMade = 0;
  return async (sftp, way) => {
    for (const names of tree.folders.slice(foldersMade)) {
      way.signal.throwIfAborted();
      await makeFolder(sftp, pathOf(names), mayRead());
      foldersMade += 1;
    }
    return files.run(sftp, way);
  };
}

async function makeFolder(sftp: SftpClient, path: Uint8Array, mayRead: boolean): Promise<void> {
  try {
    await sftp.makeFolder(path);
  } catch (error) {
    // SFTP has no word of its own for what is there already. Who may not look finds out with the first file.
    if (!(error instanceof FileRefused) || !mayRead) throw error;
    const found = await sftp.stat(path).catch(() => null);
    if (!found) throw error;
    if (found.kind !== "folder") throw new NotAFile();
  }
}

export interface TreeDownload {
  readonly run: (sftp: SftpClient, way: TreeWay) => Promise<readonly Moved[]>;
  /** Links and special files that were left where they are. */
  readonly leftOut: () => number;
}

/** Into a new folder in `into`: nothing of the user's is ever replaced. Throws FolderTooLarge besides what `download` throws. */
export function treeDownload(top: Entry, into: FileSystemDirectoryHandle): TreeDownload {
  let found: Found | null = null;
  return {
    run: async (sftp, way) => {
      found ??= await lookThrough(sftp, top, into, way.signal);
      for (const place of found.places) await place.handle(); // the empty ones, too
      return found.files.run(sftp, way);
    },
    leftOut: () => found?.leftOut ?? 0,
  };
}

interface Found {
  readonly places: readonly Place[];
  readonly files: Files;
  readonly leftOut: number;
}

async function lookThrough(
  sftp: SftpClient,
  top: Entry,
  into: FileSystemDirectoryHandle,
  signal: AbortSignal,
): Promise<Found> {
  const places: Place[] = [];
  const files: TreeFile[] = [];
  let leftOut = 0;
  const look = async (folder: Entry, shown: string, place: Place, depth: number): Promise<void> => {
    signal.throwIfAborted();
    places.push(place);
    const { entries, isCut } = await sftp.list(folder.path);
    for (const entry of entries) {
      if (isCut || depth === DEPTH_LIMIT || places.length + files.length + leftOut >= ENTRIES_LIMIT)
        throw new FolderTooLarge(ENTRIES_LIMIT, DEPTH_LIMIT);
      const inner = `${shown}/${entry.shown}`;
      if (entry.kind === "folder") await look(entry, inner, place.inner(entry), depth + 1);
      else if (entry.kind === "file") files.push(place.file(entry, inner));
      else leftOut += 1;
    }
  };
  await look(top, top.shown, new Place(top, async () => into), 0);
  return { places, files: new Files(files), leftOut };
}

/** A folder of this computer that is made when it is needed, under a name that any system allows. */
class Place {
  #handle: FileSystemDirectoryHandle | null = null;

  constructor(
    private readonly entry: Entry,
    private readonly parent: () => Promise<FileSystemDirectoryHandle>,
  ) {}

  async handle(): Promise<FileSystemDirectoryHandle> {
    this.#handle ??= await newFolder(await this.parent(), localName(this.entry.name));
    return this.#handle;
  }

  inner(entry: Entry): Place {
    return new Place(entry, () => this.handle());
  }

  file(entry: Entry, shown: string): TreeFile {
    let sink: FolderSink | null = null;
    const move = async (sftp: SftpClient, way: Way): Promise<Transferred> => {
      sink ??= await FolderSink.create(await this.handle(), localName(entry.name));
      return download(sftp, entry.path, sink, way);
    };
    return { shown, sizeBytes: entry.sizeBytes ?? 0, move };
  }
}
