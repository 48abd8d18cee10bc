/** How things stand: asked once at once, then with what is known, and each question stays open until there is news. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Feed } from "../../src/screens/feed.svelte";

interface Standing {
  readonly change: string;
}

/** Answers one question after the other, when the test says so. */
class BrokerAtTest {
  readonly asked: [string | null, number][] = [];
  signal = new AbortController().signal;
  answer: (standing: Standing) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  readonly ask = (after: string | null, waitSeconds: number, signal: AbortSignal): Promise<Standing> => {
    this.asked.push([after, waitSeconds]);
    this.signal = signal;
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
    });
  };
}

beforeEach(() => vi.stubGlobal("document", { hidden: false }));
afterEach(() => vi.unstubAllGlobals());

test("the first question is answered at once, and each one after it when there is news", async () => {
  const broker = new BrokerAtTest();
  const feed = new Feed(broker.ask);
  broker.answer({ change: "a" });
  await vi.waitFor(() => expect(broker.asked).toHaveLength(2));
  expect(feed.value).toEqual({ change: "a" });
  broker.answer({ change: "b" });
  await vi.waitFor(() => expect(broker.asked).toHaveLength(3));
  expect(broker.asked).toEqual([
    [null, 0],
    ["a", 15],
    ["b", 15],
  ]);
  feed.close();
});

test("a question that is open is taken back when nobody looks any more, and its answer shows nothing", async () => {
  const broker = new BrokerAtTest();
  const feed = new Feed(broker.ask);
  broker.answer({ change: "a" });
  await vi.waitFor(() => expect(broker.asked).toHaveLength(2));
  feed.close();
  expect(broker.signal.aborted).toBe(true);
  broker.answer({ change: "b" });
  await Promise.resolve();
  expect(feed.value).toEqual({ change: "a" });
  expect(broker.asked).toHaveLength(2);
});

test("what was shown stays while the broker is away, with why; it is asked again after a pause", async () => {
  vi.useFakeTimers();
  const broker = new BrokerAtTest();
  const feed = new Feed(broker.ask);
  broker.answer({ change: "a" });
  await vi.waitFor(() => expect(broker.asked).toHaveLength(2));
  broker.fail(new Error("away"));
  await vi.advanceTimersByTimeAsync(4000);
  expect([feed.value, String(feed.failure), broker.asked.length]).toEqual([{ change: "a" }, "Error: away", 2]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(broker.asked.at(-1)).toEqual(["a", 0]); // not held open: the reason for the failure may be gone
  broker.answer({ change: "b" });
  await vi.waitFor(() => expect(feed.failure).toBeNull());
  feed.close();
  vi.useRealTimers();
});
