/** Whispers as they come: none is lost, none stands twice, and what was looked at is no news. */

import { expect, test, vi } from "vitest";
import type { BrokerApi } from "../../src/engineer/api";
import type { WhisperAnswer, WhispersAnswer } from "../../src/engineer/api_types";
import { WhisperFeed } from "../../src/screens/whisperFeed.svelte";

function said(number: number, mine = false): WhisperAnswer {
  return { number, name: "Su Example", staff_number: "S-1", said_at_ms: 0, text: `no. ${number}`, kind: "text", mine };
}

/** Answers one question after the other, when the test says so. */
class BrokerAtTest {
  readonly asked: number[] = [];
  #answer: (answer: WhispersAnswer) => void = () => undefined;

  whispers(_: string, after: number): Promise<WhispersAnswer> {
    this.asked.push(after);
    return new Promise((resolve) => (this.#answer = resolve));
  }

  whisper(): Promise<WhisperAnswer> {
    return Promise.resolve(said(3, true));
  }

  async answer(...whispers: WhisperAnswer[]): Promise<void> {
    this.#answer({ whispers, is_over: false });
    await vi.waitFor(() => this.asked.length);
  }

  async end(): Promise<void> {
    this.#answer({ whispers: [], is_over: true });
  }
}

test("one's own words do not hide what others said before them and is still on its way", async () => {
  const broker = new BrokerAtTest();
  const feed = new WhisperFeed(broker as unknown as BrokerApi, "");
  await broker.answer(said(1));
  await vi.waitFor(() => expect(broker.asked).toEqual([0, 1]));
  await feed.say("third");
  expect(feed.said.map(({ number }) => number)).toEqual([1, 3]);
  await broker.answer(said(2), said(3, true));
  await vi.waitFor(() => expect(broker.asked).toEqual([0, 1, 3]));
  expect(feed.said.map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(feed.unread.map(({ number }) => number)).toEqual([1, 2]);
  feed.read();
  expect(feed.unread).toEqual([]);
  await broker.end();
  await vi.waitFor(() => expect(feed.isOver).toBe(true));
  expect(broker.asked.length).toBe(3);
});
