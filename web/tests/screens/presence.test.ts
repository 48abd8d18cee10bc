/** A login lives on what a person does: the page says so, and nothing else keeps it alive. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ENDING_TOLD_MS, Presence, TOLD_MS } from "../../src/screens/presence.svelte";

const MINUTE_MS = 60_000;
const IDLE_MINUTES = 15;

/** The server: only `stay` counts. */
class ServerAtTest {
  usedAtMs = Date.now();
  endsAtMs = Date.now() + 12 * 60 * MINUTE_MS;
  stays = 0;

  async presence() {
    const now = Date.now();
    const left_ms = this.endsAtMs - now;
    const idle = this.usedAtMs + IDLE_MINUTES * MINUTE_MS - now;
    if (idle <= 0 || left_ms <= 0) throw new Error("not-logged-in");
    return { idle_left_ms: Math.min(idle, left_ms), left_ms, idle_minutes: IDLE_MINUTES };
  }

  async stay() {
    await this.presence();
    this.usedAtMs = Date.now();
    this.stays += 1;
    return this.presence();
  }
}

let server: ServerAtTest;
let presence: Presence;
let leave: () => void;

/** Events of a test are nobody's, and say so; a browser's are a person's. */
function person(type: string, more: object = {}): void {
  const event = Object.assign(new Event(type), more);
  Object.defineProperty(event, "isTrusted", { value: true });
  window.dispatchEvent(event);
}

const point = (x: number) => person("pointermove", { screenX: x, screenY: 0 });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
  server = new ServerAtTest();
  presence = new Presence(server);
  leave = presence.watch();
});

afterEach(() => {
  leave();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("nobody at the page: it is told two minutes before, counts down, and ends", async () => {
  await vi.advanceTimersByTimeAsync(IDLE_MINUTES * MINUTE_MS - TOLD_MS - 1000);
  expect(presence.leftMs).toBeNull();
  await vi.advanceTimersByTimeAsync(2000);
  expect(presence.leftMs).toBeLessThan(TOLD_MS);
  expect(presence.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(TOLD_MS / 2);
  expect(presence.leftMs).toBeLessThan(TOLD_MS / 2);
  await vi.advanceTimersByTimeAsync(TOLD_MS / 2);
  expect(presence.isOver).toBe(true);
  expect(server.stays).toBe(0);
});

test("a key, a click, a turn of the wheel or text that was dictated is somebody; once a minute it is said", async () => {
  for (const sign of ["keydown", "pointerdown", "wheel", "input", "touchstart"]) {
    const before = server.stays;
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    for (let one = 0; one < 20; one++) person(sign);
    await vi.advanceTimersByTimeAsync(0);
    expect(server.stays).toBe(before + 1);
  }
  expect(presence.leftMs).toBeNull();
});

test("what is done within the minute is said at its end, so that none of it is lost", async () => {
  person("keydown");
  await vi.advanceTimersByTimeAsync(50_000);
  person("keydown");
  await vi.advanceTimersByTimeAsync(9_000);
  expect(server.stays).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(server.stays).toBe(2);
});

test("a pointer that stands still is nobody, whatever moves under it; one that moves is somebody", async () => {
  for (let minute = 0; minute < 10; minute++) {
    point(7);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
  }
  expect(server.stays).toBe(0);
  point(8);
  await vi.advanceTimersByTimeAsync(0);
  expect(server.stays).toBe(1);
});

test("what a script of the page does is nobody", async () => {
  window.dispatchEvent(new Event("keydown"));
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  expect(server.stays).toBe(0);
});

test("while it is told, a key stays; reaching for the button does not take it away", async () => {
  await vi.advanceTimersByTimeAsync(IDLE_MINUTES * MINUTE_MS - TOLD_MS + 1000);
  point(1);
  point(2);
  await vi.advanceTimersByTimeAsync(0);
  expect(presence.leftMs).not.toBeNull();
  person("keydown");
  await vi.advanceTimersByTimeAsync(0);
  expect(presence.leftMs).toBeNull();
});

test("somebody who stays in another tab stays here, too", async () => {
  await vi.advanceTimersByTimeAsync(IDLE_MINUTES * MINUTE_MS - TOLD_MS + 1000);
  expect(presence.leftMs).not.toBeNull();
  server.usedAtMs = Date.now();
  await vi.advanceTimersByTimeAsync(6000);
  expect(presence.leftMs).toBeNull();
  expect(server.stays).toBe(0);
});

test("a login that ends whatever anybody does is not called unattended", async () => {
  server.endsAtMs = Date.now() + 5 * MINUTE_MS;
  leave();
  leave = presence.watch();
  await vi.advanceTimersByTimeAsync(4.9 * MINUTE_MS);
  expect(presence.leftMs).toBeNull();
  expect(presence.endingMs).toBeLessThan(MINUTE_MS);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(presence.isOver).toBe(false);
});

/** Somebody types each minute, so that a login of half an hour ends by its age. */
async function work(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    person("keydown");
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
  }
}

test("ten minutes before a login ends by its age it is told, to whoever works, and counted; keys change nothing", async () => {
  server.endsAtMs = Date.now() + 30 * MINUTE_MS;
  leave();
  leave = presence.watch();
  await work(19);
  expect(presence.endingMs).toBeNull();
  await work(2);
  expect(presence.endingMs).toBeLessThan(ENDING_TOLD_MS);
  expect(presence.overAtMs).toBe(server.endsAtMs);
  await work(5);
  expect(presence.endingMs).toBeLessThan(ENDING_TOLD_MS / 2);
  expect(presence.leftMs).toBeNull();
});

test("whoever puts it off reads it once more shortly before the end, and then may put it off for good", async () => {
  server.endsAtMs = Date.now() + 30 * MINUTE_MS;
  leave();
  leave = presence.watch();
  await work(21);
  presence.putOff();
  expect(presence.endingMs).toBeNull();
  await work(6);
  expect(presence.endingMs).toBeNull();
  await work(2);
  expect(presence.endingMs).toBeLessThan(TOLD_MS);
  presence.putOff();
  await vi.advanceTimersByTimeAsync(MINUTE_MS / 2);
  expect(presence.endingMs).toBeNull();
});

test("whoever has signed in again, here or in another tab, reads no more of it; before the next end it is told again", async () => {
  server.endsAtMs = Date.now() + 30 * MINUTE_MS;
  leave();
  leave = presence.watch();
  await work(21);
  presence.putOff();
  server.endsAtMs = Date.now() + 30 * MINUTE_MS;
  await work(9);
  expect(presence.endingMs).toBeNull();
  await work(12);
  expect(presence.endingMs).not.toBeNull();
  server.endsAtMs = Date.now() + 12 * 60 * MINUTE_MS;
  await work(1);
  expect(presence.endingMs).toBeNull();
});

test("where both are soon, it is told first that nobody is there", async () => {
  server.endsAtMs = server.usedAtMs + (IDLE_MINUTES + 5) * MINUTE_MS;
  leave();
  leave = presence.watch();
  await vi.advanceTimersByTimeAsync(IDLE_MINUTES * MINUTE_MS - TOLD_MS + 2000);
  expect(presence.leftMs).not.toBeNull();
  expect(presence.endingMs).toBeNull();
  await presence.stay();
  expect(presence.leftMs).toBeNull();
  expect(presence.endingMs).not.toBeNull();
});
