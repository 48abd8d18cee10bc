/** Lists in pages: each page comes behind the one before, and what failed is asked for once more. */

import { expect, test } from "vitest";
import { type Page, Pages } from "../../src/screens/pages.svelte";

/** Numbers from nine downwards, three a page; fails, or waits, when the test says so. */
class ServerAtTest {
  readonly asked: (number | null)[] = [];
  failure: Error | null = null;

  readonly page = async (before: number | null): Promise<Page<number, number>> => {
    this.asked.push(before);
    if (this.failure) throw this.failure;
    const first = (before ?? 10) - 1;
    return { entries: [first, first - 1, first - 2], before: first > 3 ? first - 2 : null };
  };
}

test("pages come one behind the other until there is none, and loading begins anew", async () => {
  const server = new ServerAtTest();
  const pages = new Pages(server.page);
  await pages.load();
  expect([pages.entries, pages.before]).toEqual([[9, 8, 7], 7]);
  await pages.more();
  await pages.more();
  expect([pages.entries, pages.before]).toEqual([[9, 8, 7, 6, 5, 4, 3, 2, 1], null]);
  await pages.load();
  expect(pages.entries).toEqual([9, 8, 7]);
});

test("after a failure what was there stays, and the same page is asked for once more", async () => {
  const server = new ServerAtTest();
  const pages = new Pages(server.page);
  await pages.load();
  server.failure = new Error("away");
  await pages.more();
  await pages.load();
  expect([pages.entries, String(pages.failure), pages.isBusy]).toEqual([[9, 8, 7], "Error: away", false]);
  server.failure = null;
  await pages.more();
  expect([pages.entries, pages.failure]).toEqual([[9, 8, 7], null]);
  expect(server.asked).toEqual([null, 7, null, null]);
});

test("an answer to what is not asked for any more shows nothing", async () => {
  let answer: (page: Page<string, number>) => void = () => undefined;
  const pages = new Pages<string>(() => new Promise((resolve) => (answer = resolve)));
  const first = pages.load();
  const late = answer;
  const second = pages.load();
  answer({ entries: ["new"], before: null });
  await second;
  late({ entries: ["old"], before: 1 });
  await first;
  expect([pages.entries, pages.before]).toEqual([["new"], null]);
});
