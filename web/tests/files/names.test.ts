import { expect, test } from "vitest";
import { folderOf, isBelow, isName, joined, localName, shownName } from "../../src/files/names";
import { utf8 } from "../../src/protocol/bytes";

test.each([
  ["receipts 2026.log", "receipts 2026.log"],
  ["收据.pdf", "收据.pdf"],
  ["\u001b[2J\u0007", "\\x1b[2J\\x07"],
  ["invoice\u202Efdp.exe", "invoice\\u202efdp.exe"],
  ["a\u200Bb\u2028c", "a\\u200bb\\u2028c"],
])("%j is shown as %j: nothing in it is hidden", (name, shown) => {
  expect(shownName(utf8(name))).toBe(shown);
});

test("bytes that are no text are shown byte by byte", () => {
  expect(shownName(Uint8Array.of(0x61, 0xff, 0xc3, 0x28))).toBe("a\\xff\\xc3(");
});

test.each([
  ["../../.bashrc", "_.._.bashrc"],
  ["C:\\Windows\\system.ini", "C__Windows_system.ini"],
  [".hidden", "hidden"],
  ["con.txt", "_con.txt"],
  ["LPT1", "_LPT1"],
  ["...", "file"],
  ["name. ", "name"],
  ["a\u202Eb", "a_u202eb"],
])("%j becomes the file %j on this computer", (name, local) => {
  expect(localName(utf8(name))).toBe(local);
});

test("a name that is too long for some system keeps its ending", () => {
  const local = localName(utf8(`${"x".repeat(200)}.tar.gz`));
  expect(local).toHaveLength(120);
  expect(local.endsWith("x.gz")).toBe(true);
});

test("paths are joined, left and compared by whole components", () => {
  expect(joined(utf8("/"), utf8("a"))).toEqual(utf8("/a"));
  expect(folderOf(utf8("/a/b"))).toEqual(utf8("/a"));
  expect(folderOf(utf8("/a"))).toEqual(utf8("/"));
  expect(isBelow(utf8("/home/li"), utf8("/home"))).toBe(true);
  expect(isBelow(utf8("/homeless"), utf8("/home"))).toBe(false);
  expect(isBelow(utf8("/home"), utf8("/home"))).toBe(false);
});

test("one component is a name, and nothing else", () => {
  expect(["a", "...", " "].every((name) => isName(utf8(name)))).toBe(true);
  expect(["", ".", "..", "a/b", "a\0", "x".repeat(256)].some((name) => isName(utf8(name)))).toBe(false);
});
