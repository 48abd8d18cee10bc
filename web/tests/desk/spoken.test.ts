import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { spoken } from "../../src/desk/spoken";
import { addCatalogues, wording } from "../../src/wording/wording.svelte";

for (const file of ["console.ftl", "desk_page.ftl"]) {
  const text = (language: string) =>
    readFileSync(new URL(`../../../wording/${language}/${file}`, import.meta.url), "utf8");
  addCatalogues({ en: text("en"), "zh-CN": text("zh-CN") });
}
const said = (kind: string, text: string) => spoken({ kind, text });

afterEach(() => {
  wording.language = "en";
});

test.each([
  [
    "consent",
    "asked: view, files:r (30 min): receipts: (1) never",
    "请求 30 分钟：查看终端; 读取文件。理由：receipts: (1) never",
  ],
  ["consent", "denied: view", "客户拒绝"],
  ["consent", "changed by time: ", "由时限更改：–"],
  ["session", "joined: Mei Example E-17", "Mei Example E-17 加入"],
  ["session", "closing: customer-ended", "客户结束了会话。"],
  ["gap", "paused by recorder", "由录制程序暂停"],
  ["file", "read /tmp/a (ok) (refused)", "读取 /tmp/a (ok) (被拒绝)"],
  ["chat", "engineer 2: customer: no", "工程师 2：customer: no"],
] as const)("a Chinese reader is told of %s %s in Chinese", (kind, text, expected) => {
  wording.language = "zh-CN";
  expect(said(kind, text)).toBe(expected);
});

test("English says it in words, too", () => {
  expect(said("consent", "allowed: view, root")).toBe(
    "the customer allowed: see the terminal; all of this as the system's administrator",
  );
  expect(said("file", "make-folder /srv/x (ok)")).toBe("made the folder /srv/x");
});

test("what has no form that is known is shown as it is, harmless", () => {
  expect(said("note", "asked: view (3 min): x")).toBe("asked: view (3 min): x");
  expect(said("consent", "something else")).toBe("something else");
  expect(said("session", "closing: eaten")).toBe("eaten");
  expect(said("file", "devoured /x (ok)")).toBe("devoured /x");
  expect(said("chat", "customer: \u202egpj")).toBe("the customer: \\u202egpj");
});
