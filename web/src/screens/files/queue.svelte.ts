/** Transfers, one after the other: each can be stopped, goes on where it stopped, and says at the end what it moved. */

import { FileExists, FilesGone } from "../../files/errors";
import type { LocalTree } from "../../files/localTree";
import { joined, localName } from "../../files/names";
import type { Entry, SftpClient } from "../../files/sftp";
import { FolderSink, MemorySink, saveAs } from "../../files/sinks";
import { download, type Upload, upload } from "../../files/transfer";
import { type Moved, type TreeWay, treeDownload, treeUpload } from "../../files/tree";
import { utf8 } from "../../protocol/bytes";
import { safeText } from "../../wording/safeText";

/** Nobody reads figures that change more often, and each time the page is drawn anew. */
const SHOWN_EVERY_MS = 200;

export type TransferState = "waiting" | "running" | "done" | "stopped" | "exists" | "failed";

/** Goes on where it stopped when it runs again. */
type Run = (sftp: SftpClient, way: TreeWay) => Promise<readonly Moved[]>;

/** How far a folder is, file by file. */
export interface TreeState {
  readonly shown: string;
  readonly doneFiles: number;
  readonly totalFiles: number;
}

export class Transfer {
  state = $state<TransferState>("waiting");
  doneBytes = $state(0);
  totalBytes = $state(0);
  bytesPerSecond = $state(0);
  failure = $state.raw<unknown>(null);
  /** What was moved: one file, or all of a folder. */
  outcome = $state.raw<readonly Moved[] | null>(null);
  /** null for a single file. */
  tree = $state.raw<TreeState | null>(null);
  /** What becomes of a file of the customer's that has this name. */
  there: Upload["there"] = "keep";
  #stop = new AbortController();

  constructor(
    readonly direction: "up" | "down",
    readonly shown: string,
    totalBytes: number,
    readonly run: Run,
    /** Links and special files in a folder, which stay where they are. */
    readonly leftOut: () => number = () => 0,
  ) {
    this.totalBytes = totalBytes;
  }

  async go(sftp: SftpClient): Promise<void> {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    let began: { readonly atMs: number; readonly bytes: number } | null = null;
    let shownAtMs = Number.NEGATIVE_INFINITY;
    const onProgress = (doneBytes: number, totalBytes: number): void => {
      const nowMs = performance.now();
      if (nowMs - shownAtMs < SHOWN_EVERY_MS && doneBytes < totalBytes) return;
      shownAtMs = nowMs;
      began ??= { atMs: nowMs, bytes: doneBytes };
      const seconds = (nowMs - began.atMs) / 1000;
      this.doneBytes = doneBytes;
      this.totalBytes = totalBytes;
      this.bytesPerSecond = seconds > 0.2 ? (doneBytes - began.bytes) / seconds : 0;
    };
    const onFile = (shown: string, doneFiles: number, totalFiles: number): void => {
      this.tree = { shown, doneFiles, totalFiles };
    };
    this.outcome = await this.run(sftp, { signal, onProgress, onFile });
  }

  stop(): void {
    this.#stop.abort();
  }
}

export class TransferQueue {
  /** The newest first. */
  transfers = $state.raw<readonly Transfer[]>([]);
  /** Called when something at the customer's end may look different. */
  onMoved: () => void = () => undefined;
  #isRunning = false;

  constructor(
    private readonly sftp: () => Promise<SftpClient>,
    private readonly mayRead: () => boolean,
  ) {}

  /** Files of this computer, into a folder of the customer's. */
  upload(folder: Uint8Array, files: Iterable<File>): void {
    for (const file of files) {
      const path = joined(folder, utf8(file.name));
      const shown = safeText(file.name);
      const transfer: Transfer = new Transfer("up", shown, file.size, async (sftp, way) => [
        { shown, ...(await upload(sftp, { path, file, there: transfer.there, mayRead: this.mayRead() }, way)) },
      ]);
      this.#add(transfer);
    }
  }

  /** A folder of this computer with all that is in it, into a folder of the customer's. */
  uploadTree(folder: Uint8Array, tree: LocalTree): void {
    const bytes = tree.files.reduce((sum, { file }) => sum + file.size, 0);
    const there = (): Upload["there"] => transfer.there;
    const transfer: Transfer = new Transfer(
      "up",
      safeText(tree.name),
      bytes,
      treeUpload(tree, folder, there, () => this.mayRead()),
    );
    this.#add(transfer);
  }

  /** Into a folder of this computer; or, without one, into memory and the browser's downloads. */
  download(entry: Entry, folder: FileSystemDirectoryHandle | null): void {
    const run = folder ? intoFolder(entry, folder) : intoMemory(entry);
    this.#add(new Transfer("down", entry.shown, entry.sizeBytes ?? 0, run));
  }

  /** One of the customer's folders with all that is in it, into a folder of this computer. */
  downloadTree(entry: Entry, folder: FileSystemDirectoryHandle): void {
    const { run, leftOut } = treeDownload(entry, folder);
    this.#add(new Transfer("down", entry.shown, 0, run, leftOut));
  }

  stop(transfer: Transfer): void {
    if (transfer.state === "waiting") transfer.state = "stopped";
    transfer.stop();
  }

  /** Goes on where it stopped, if what is there is still the beginning of the same. */
  resume(transfer: Transfer): void {
    transfer.there = "continue";
    this.#await(transfer);
  }

  replace(transfer: Transfer): void {
    transfer.there = "replace";
    this.#await(transfer);
  }

  forget(transfer: Transfer): void {
    this.stop(transfer);
    this.transfers = this.transfers.filter((one) => one !== transfer);
  }

  stopAll(): void {
    for (const transfer of this.transfers)
      if (transfer.state === "waiting" || transfer.state === "running") this.stop(transfer);
  }

  get isBusy(): boolean {
    return this.transfers.some(({ state }) => state === "running" || state === "waiting");
  }

  #add(transfer: Transfer): void {
    this.transfers = [transfer, ...this.transfers];
    void this.#runAll();
  }

  #await(transfer: Transfer): void {
    transfer.failure = null;
    transfer.state = "waiting";
    void this.#runAll();
  }

  async #runAll(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#next(); next; next = this.#next()) await this.#run(next);
    this.#isRunning = false;
  }

  #next(): Transfer | undefined {
    return this.transfers.findLast(({ state }) => state === "waiting");
  }

  async #run(transfer: Transfer): Promise<void> {
    transfer.state = "running";
    try {
      await transfer.go(await this.sftp());
      transfer.state = "done";
    } catch (error) {
      const wasStopped = error instanceof DOMException && error.name === "AbortError";
      transfer.state = wasStopped ? "stopped" : error instanceof FileExists ? "exists" : "failed";
      transfer.failure = wasStopped ? null : error;
      if (error instanceof FilesGone) this.stopAll(); // the next would only wait for the same
    }
    if (transfer.direction === "up") this.onMoved();
  }
}

function intoFolder({ path, name, shown }: Entry, folder: FileSystemDirectoryHandle): Run {
  let sink: FolderSink | null = null;
  return async (sftp, way) => {
    sink ??= await FolderSink.create(folder, localName(name));
    return [{ shown, ...(await download(sftp, path, sink, way)) }];
  };
}

function intoMemory({ path, name, shown }: Entry): Run {
  const sink = new MemorySink();
  return async (sftp, way) => {
    const outcome = await download(sftp, path, sink, way);
    saveAs(localName(name), sink.blob());
    sink.clear();
    return [{ shown, ...outcome }];
  };
}
