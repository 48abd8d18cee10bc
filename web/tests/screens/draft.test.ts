import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BrokerRefused } from "../../src/engineer/api";
import type { NoteAnswer } from "../../src/engineer/api_types";
import { ServerUnreachable } from "../../src/http/api";
import { NoteDraft } from "../../src/screens/draft.svelte";

/** The broker's notes, as one engineer sees them: a change names the version that it is of. */
class Broker {
  readonly kept: NoteAnswer[] = [];
  calls = 0;
  failure: Error | null = null;
  /** The answer is lost, and what was asked is done all the same. */
  losesAnswers = false;
  /** Nothing is answered before. */
  ready = Promise.resolve();

  readonly notes = async () => structuredClone(this.kept);

  readonly addNote = async (_: string, text: string) => this.#answer(() => this.put(this.kept.length + 1, text));

  readonly changeNote = async (_: string, note: NoteAnswer, text: string) =>
    this.#answer(() => {
      const version = this.kept[note.note_id - 1]?.version;
      if (version !== note.version) throw new BrokerRefused("note-changed", "It was changed.", 412);
      return this.put(note.note_id, text);
    });

  put(noteId: number, text: string): NoteAnswer {
    const facts = { author: "Sam Example", staff_number: "S-17", written_at_ms: 5, changeable: true };
    const note = { ...facts, note_id: noteId, version: `of ${text}`, text };
    this.kept[noteId - 1] = note;
    return note;
  }

  async #answer(act: () => NoteAnswer): Promise<NoteAnswer> {
    this.calls += 1;
    await this.ready;
    if (this.failure) throw this.failure;
    const note = act();
    if (this.losesAnswers) throw new ServerUnreachable();
    return note;
  }

  get texts(): string[] {
    return this.kept.map(({ text }) => text);
  }
}

let broker: Broker;
let draft: NoteDraft;

beforeEach(() => {
  vi.useFakeTimers();
  broker = new Broker();
  draft = new NoteDraft(broker, "0".repeat(32));
});
afterEach(() => {
  vi.useRealTimers();
});

const pause = () => vi.advanceTimersByTimeAsync(1500);

test("what is typed is saved once, when the writer pauses, and says so", async () => {
  for (const text of ["r", "re", "rebooted"]) draft.typed(text);
  expect(draft.state).toBe("unsaved");
  expect(broker.calls).toBe(0);
  await pause();
  expect([draft.state, broker.texts, broker.calls]).toEqual(["saved", ["rebooted"], 1]);
});

test("going on writing changes the same note", async () => {
  draft.typed("rebooted");
  await pause();
  draft.typed("rebooted twice");
  await pause();
  expect(broker.texts).toEqual(["rebooted twice"]);
});

test("finishing saves at once, and the next words are another note", async () => {
  draft.typed("one");
  expect(await draft.finish()).toBe(true);
  expect([draft.text, draft.state]).toEqual(["", "empty"]);
  draft.typed("two");
  await draft.flush();
  expect(broker.texts).toEqual(["one", "two"]);
});

test("what was changed elsewhere is shown beside one's own, and neither is lost until somebody chooses", async () => {
  draft.typed("mine");
  await pause();
  broker.put(1, "theirs");
  draft.typed("mine, longer");
  await pause();
  expect([draft.state, draft.theirs?.text, draft.text]).toEqual(["conflict", "theirs", "mine, longer"]);
  draft.typed("mine, even longer");
  await pause();
  expect(broker.texts).toEqual(["theirs"]);
  expect(await draft.finish()).toBe(false);
  await draft.keepMine();
  expect([draft.state, broker.texts]).toEqual(["saved", ["mine, even longer"]]);
  broker.put(1, "theirs again");
  draft.typed("mine again");
  await pause();
  draft.takeTheirs();
  expect([draft.state, draft.text, broker.texts]).toEqual(["saved", "theirs again", ["theirs again"]]);
});

test("a change elsewhere is taken over where nothing of one's own would be lost, and only there", async () => {
  draft.typed("mine");
  await pause();
  broker.put(1, "from the other window");
  draft.listed(await broker.notes());
  expect(draft.text).toBe("from the other window");
  draft.typed("from here");
  broker.put(1, "and again");
  draft.listed(await broker.notes());
  expect(draft.text).toBe("from here");
});

test("a broker that is away is asked again, and what was written stays", async () => {
  broker.failure = new ServerUnreachable();
  draft.typed("kept");
  await pause();
  expect([draft.state, draft.text]).toEqual(["failed", "kept"]);
  broker.failure = null;
  await vi.advanceTimersByTimeAsync(5000);
  expect([draft.state, broker.texts]).toEqual(["saved", ["kept"]]);
});

test("a note whose answer was lost is not written a second time", async () => {
  broker.losesAnswers = true;
  draft.typed("once");
  await pause();
  expect(draft.state).toBe("failed");
  broker.losesAnswers = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect([draft.state, broker.texts]).toEqual(["saved", ["once"]]);
});

test("a refusal is said once, and not asked for again by itself", async () => {
  broker.failure = new BrokerRefused("note-closed", "It is too old.", 409);
  draft.typed("late");
  await pause();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([draft.state, broker.calls]).toEqual(["failed", 1]);
});

test("what was written when the sign-in had ended is saved once there is another", async () => {
  broker.failure = new BrokerRefused("not-logged-in", "You are not logged in.", 401);
  draft.typed("kept");
  await pause();
  expect(draft.state).toBe("failed");
  broker.failure = null;
  await vi.advanceTimersByTimeAsync(5000);
  expect([draft.state, broker.texts]).toEqual(["saved", ["kept"]]);
});

test("words that come while a note is being saved are saved after it", async () => {
  let answer: () => void = () => undefined;
  broker.ready = new Promise((resolve) => {
    answer = resolve;
  });
  draft.typed("first");
  const saving = draft.flush();
  await vi.advanceTimersByTimeAsync(0);
  draft.typed("first and second");
  answer();
  await saving;
  expect(draft.state).toBe("unsaved");
  await pause();
  expect(broker.texts).toEqual(["first and second"]);
});

test("a note that is cleared stays as it was, until there are words again", async () => {
  draft.typed("words");
  await pause();
  draft.typed("  ");
  await pause();
  expect([broker.texts, broker.calls]).toEqual([["words"], 1]);
});
