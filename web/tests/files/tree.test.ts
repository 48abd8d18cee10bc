import { expect, test } from "vitest";
import { FileExists, FolderTooLarge, NotAFile } from "../../src/files/errors";
import { chosenTree, DEPTH_LIMIT, type LocalTree, pickedTree } from "../../src/files/localTree";
import type { Entry, SftpClient } from "../../src/files/sftp";
import type { Upload } from "../../src/files/transfer";
import { type TreeWay, treeDownload, treeUpload } from "../../src/files/tree";
import { fromUtf8, utf8 } from "../../src/protocol/bytes";
import { DiskFile, DiskFolder } from "./disk";
import { Server } from "./server";

const HOME = utf8("/home");

function way(stopAtFile = Number.POSITIVE_INFINITY): TreeWay & { readonly seen: string[]; readonly bytes: number[] } {
  const stop = new AbortController();
  const seen: string[] = [];
  const bytes: number[] = [];
  const onFile = (shown: string, done: number, total: number): void => {
    seen.push(`${done}/${total} ${shown}`.trim());
    if (done >= stopAtFile) stop.abort();
  };
  return { signal: stop.signal, onProgress: (done, total) => bytes.push(done, total), onFile, seen, bytes };
}

function disk(files: Record<string, string>, ...empty: readonly string[]): DiskFolder {
  const top = new DiskFolder("project");
  const folderAt = (names: readonly string[]) =>
    names.reduce((folder, name) => {
      if (!folder.inside.has(name)) folder.inside.set(name, new DiskFolder(name));
      return folder.inside.get(name) as DiskFolder;
    }, top);
  for (const [path, text] of Object.entries(files)) {
    const names = path.split("/");
    const file = new DiskFile(names.at(-1) ?? "");
    file.content = utf8(text);
    folderAt(names.slice(0, -1)).inside.set(file.name, file);
  }
  for (const path of empty) folderAt(path.split("/"));
  return top;
}

async function entryOf(sftp: SftpClient, name: string): Promise<Entry> {
  const entry = (await sftp.list(utf8("/"))).entries.find(({ shown }) => shown === name);
  if (!entry) throw new Error("no such entry");
  return entry;
}

const up = (tree: LocalTree, there: Upload["there"] = "keep") =>
  treeUpload(
    tree,
    HOME,
    () => there,
    () => true,
  );
const textOf = (server: Server, path: string) => fromUtf8(server.files.get(path) ?? utf8("nothing"));

test("a folder is sent with all that is in it, empty folders too, and every file is compared", async () => {
  const server = new Server({ "/home/other": utf8("") });
  const going = way();
  const tree = await pickedTree(disk({ "a.txt": "one", "src/b.txt": "two!" }, "src/empty", "logs").handle);
  const moved = await up(tree)(await server.client(), going);
  expect(moved.map(({ shown, isCompared }) => [shown, isCompared]).toSorted()).toEqual([
    ["project/a.txt", true],
    ["project/src/b.txt", true],
  ]);
  expect([textOf(server, "/home/project/a.txt"), textOf(server, "/home/project/src/b.txt")]).toEqual(["one", "two!"]);
  expect([...server.folders].filter((path) => path.startsWith("/home/project"))).toEqual([
    "/home/project",
    "/home/project/src",
    "/home/project/src/empty",
    "/home/project/logs",
  ]);
  expect(going.seen.at(-1)).toBe("2/2");
  expect(going.bytes.slice(-2)).toEqual([7, 7]);
});

test("a folder that was stopped goes on with the file where it stopped, and sends nothing twice", async () => {
  const server = new Server({ "/home/other": utf8("") });
  const sftp = await server.client();
  const run = up(await pickedTree(disk({ a: "one", b: "two", c: "three" }).handle), "continue");
  await expect(run(sftp, way(1))).rejects.toThrow("abort");
  server.files.set("/home/project/a", utf8("changed since")); // nobody looks at it again
  const going = way();
  expect(await run(sftp, going)).toHaveLength(3);
  expect(going.seen).toEqual(["1/3 project/b", "2/3 project/c", "3/3"]);
  expect([textOf(server, "/home/project/a"), textOf(server, "/home/project/c")]).toEqual(["changed since", "three"]);
});

test("a folder that is there is filled, and a file in it of the same name asks first", async () => {
  const server = new Server({ "/home/project/a": utf8("theirs") });
  const sftp = await server.client();
  let there: Upload["there"] = "keep";
  const tree = await pickedTree(disk({ a: "ours", b: "new" }).handle);
  const run = treeUpload(
    tree,
    HOME,
    () => there,
    () => true,
  );
  await expect(run(sftp, way())).rejects.toThrow(FileExists);
  expect(textOf(server, "/home/project/a")).toBe("theirs");
  there = "replace";
  await run(sftp, way());
  expect([textOf(server, "/home/project/a"), textOf(server, "/home/project/b")]).toEqual(["ours", "new"]);
});

test("a file with the folder's name is never replaced by it", async () => {
  const server = new Server({ "/home/project": utf8("theirs") });
  const tree = await pickedTree(disk({ a: "ours" }).handle);
  await expect(up(tree, "replace")(await server.client(), way())).rejects.toThrow(NotAFile);
  expect(textOf(server, "/home/project")).toBe("theirs");
});

test("a folder is fetched with all that is in it; links are left out, and counted", async () => {
  const server = new Server({ "/logs/today/1": utf8("one"), "/logs/2": utf8("second") });
  server.folders.add("/logs/empty");
  server.links.add("/logs/out");
  const sftp = await server.client();
  const into = new DiskFolder("downloads");
  const { run, leftOut } = treeDownload(await entryOf(sftp, "logs"), into.handle);
  const moved = await run(sftp, way());
  expect(moved.every(({ isCompared }) => isCompared)).toBe(true);
  expect(into.paths.toSorted()).toEqual(["logs/", "logs/2", "logs/empty/", "logs/today/", "logs/today/1"]);
  expect(leftOut()).toBe(1);
});

test("nothing on this computer is replaced or hidden, whatever the other end calls its files", async () => {
  const server = new Server({
    "/logs/a:b": utf8("1"),
    "/logs/a?b": utf8("2"),
    "/logs/...": utf8("3"),
    "/logs/\u001b[31mred": utf8("4"),
    "/logs/con/x": utf8("5"),
  });
  const sftp = await server.client();
  const into = new DiskFolder("downloads");
  into.inside.set("logs", new DiskFile("logs"));
  await treeDownload(await entryOf(sftp, "logs"), into.handle).run(sftp, way());
  expect(into.paths.toSorted()).toEqual([
    "logs",
    "logs (2)/",
    "logs (2)/_con/",
    "logs (2)/_con/x",
    "logs (2)/_x1b[31mred",
    "logs (2)/a_b",
    "logs (2)/a_b (2)",
    "logs (2)/file",
  ]);
});

test("a fetched folder that was stopped goes on in the same new folder", async () => {
  const server = new Server({ "/logs/1": utf8("one"), "/logs/2": utf8("two") });
  const sftp = await server.client();
  const into = new DiskFolder("downloads");
  const { run } = treeDownload(await entryOf(sftp, "logs"), into.handle);
  await expect(run(sftp, way(1))).rejects.toThrow("abort");
  await run(sftp, way());
  expect(into.paths).toEqual(["logs/", "logs/1", "logs/2"]);
});

test("a folder without an end is given up, from either side, before anything of it is moved", async () => {
  const deep = `/deep${"/x".repeat(DEPTH_LIMIT + 2)}/file`;
  const sftp = await new Server({ [deep]: utf8("far down") }).client();
  const into = new DiskFolder("downloads");
  await expect(treeDownload(await entryOf(sftp, "deep"), into.handle).run(sftp, way())).rejects.toThrow(FolderTooLarge);
  expect(into.paths).toEqual([]);
  await expect(pickedTree(disk({ [`${"x/".repeat(DEPTH_LIMIT + 1)}file`]: "far down" }).handle)).rejects.toThrow(
    FolderTooLarge,
  );
});

test("an input brings a folder as files with paths; their folders are made once each", () => {
  const file = (path: string) =>
    Object.defineProperty(new File(["x"], path.split("/").at(-1) ?? ""), "webkitRelativePath", { value: path });
  const tree = chosenTree([file("project/a"), file("project/src/b"), file("project/src/c")]);
  expect(tree?.name).toBe("project");
  expect(tree?.folders).toEqual([[], ["src"]]);
  expect(tree?.files.map(({ path }) => path.join("/"))).toEqual(["a", "src/b", "src/c"]);
  expect(chosenTree([])).toBeNull();
});
