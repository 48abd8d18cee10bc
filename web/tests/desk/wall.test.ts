/** A wall of running sessions, whose answers a test writes line by line. */

import { expect, test, vi } from "vitest";
import type { Line, WallLine } from "../../src/desk/lines";
import { LiveTile } from "../../src/desk/live/tile.svelte";
import { Wall } from "../../src/desk/live/wall.svelte";
import { ServerRefused } from "../../src/http/api";

const picture = (marks: readonly string[] = []): Line => ({
  kind: "picture",
  t_ms: 0,
  terminals: [],
  people: [],
  marks: marks.map((rule) => ({ rule, t_ms: 1, detail: "" })),
});
const output = (text: string): Line => ({ kind: "output", t_ms: 1, channel: 0, text });

/** The service: each connection says what the test gives it, until it is ended. */
class Service {
  connections: {
    ids: readonly string[];
    say: (said: WallLine) => void;
    end: (error?: unknown) => void;
    signal: AbortSignal;
  }[] = [];

  async *wall(ids: readonly string[], _purpose: string, signal: AbortSignal): AsyncGenerator<WallLine> {
    const waiting: (WallLine | { error: unknown } | null)[] = [];
    let wake = () => undefined as undefined;
    const put = (one: (typeof waiting)[number]) => {
      waiting.push(one);
      wake();
    };
    this.connections.push({ ids, say: put, end: (error) => put(error ? { error } : null), signal });
    for (;;) {
      while (!waiting.length) await new Promise<void>((resolve) => (wake = () => void resolve() as undefined));
      const one = waiting.shift();
      if (!one) return;
      if ("error" in one) throw one.error;
      yield one;
    }
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("a session that begins comes over a connection of its own, and too many become one", async () => {
  const service = new Service();
  const wall = new Wall(service, "shift", () => 7);
  for (const ids of [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]]) wall.show(ids);
  expect(service.connections.map(({ ids }) => ids)).toEqual([["a"], ["b"], ["c"]]);
  wall.show(["a", "b", "c", "d"]);
  expect(service.connections.slice(0, 3).every(({ signal }) => signal.aborted)).toBe(true);
  expect(service.connections.at(-1)?.ids).toEqual(["a", "b", "c", "d"]);
  service.connections.at(-1)?.say({ session_id: "b", line: picture(["root-scope"]) });
  service.connections.at(-1)?.say({ session_id: "a", over: true });
  await settled();
  expect(wall.tiles.get("b")?.marks.map(({ rule }) => rule)).toEqual(["root-scope"]);
  expect([wall.tiles.get("b")?.heardAtMs, wall.tiles.get("a")?.isOver, wall.tiles.get("b")?.isOver]).toEqual([
    7,
    true,
    false,
  ]);
  wall.close();
});

test("what is left out is looked at no longer, and what has ended stays", async () => {
  const service = new Service();
  const wall = new Wall(service, "shift", () => 7);
  wall.show(["a", "b", "c"]);
  service.connections[0]?.say({ session_id: "c", over: true });
  await settled();
  wall.leave([]);
  expect(service.connections.length).toBe(1);
  wall.leave(["a", "d"]);
  expect(service.connections[0]?.signal.aborted).toBe(true);
  expect(service.connections.at(-1)?.ids).toEqual(["b"]);
  expect([...wall.tiles.keys()]).toEqual(["b", "c"]);
  wall.close();
});

test("a connection that is lost is dialled again for what still runs", async () => {
  vi.useFakeTimers();
  try {
    const service = new Service();
    const wall = new Wall(service, "shift");
    wall.show(["a", "b"]);
    service.connections[0]?.say({ session_id: "a", over: true });
    service.connections[0]?.end(new Error("cut"));
    await vi.advanceTimersByTimeAsync(10);
    expect(wall.failure).not.toBeNull();
    await vi.advanceTimersByTimeAsync(3000);
    expect(service.connections.at(-1)?.ids).toEqual(["b"]);
    service.connections.at(-1)?.say({ session_id: "b", line: picture() });
    await vi.advanceTimersByTimeAsync(10);
    expect(wall.failure).toBeNull();
    wall.close();
  } finally {
    vi.useRealTimers();
  }
});

test("where nothing runs any more, nothing is dialled again", async () => {
  const service = new Service();
  const wall = new Wall(service, "shift");
  wall.show(["a"]);
  service.connections[0]?.end(new ServerRefused("nothing-live", "over", 409));
  await settled();
  expect([wall.tiles.get("a")?.isOver, wall.failure]).toEqual([true, null]);
});

test("a session that has ended stays for a while, and then makes room", async () => {
  const service = new Service();
  let nowMs = 0;
  const wall = new Wall(service, "shift", () => nowMs);
  wall.show(["a", "b"]);
  service.connections[0]?.say({ session_id: "a", over: true });
  await settled();
  nowMs = 60_000;
  wall.show(["b"]);
  expect([...wall.tiles.keys()]).toEqual(["a", "b"]);
  nowMs = 301_000;
  wall.show(["b"]);
  expect([...wall.tiles.keys()]).toEqual(["b"]);
  wall.close();
});

test("a screen that comes late shows what came before it; a mark is told once", () => {
  const tile = new LiveTile();
  const seen: string[] = [];
  tile.take(picture(["bulk-out"]), 1);
  tile.take(output("one"), 2);
  tile.take({ kind: "mark", t_ms: 5, channel: 0, text: "exec", name: "root-scope" }, 3);
  tile.attach({
    show: () => seen.push("picture"),
    write: (line) => seen.push(line.kind === "output" ? line.text : "size"),
  });
  tile.take(output("two"), 4);
  tile.take(picture(["bulk-out", "root-scope"]), 5);
  expect(seen).toEqual(["picture", "one", "two", "picture"]);
  expect(tile.marks.map(({ rule }) => rule)).toEqual(["bulk-out", "root-scope"]);
  expect(tile.entries.map(({ kind }) => kind)).toEqual(["mark"]);
});
