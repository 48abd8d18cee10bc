/** What the desk makes of the audit service's answers. */

import { expect, test } from "vitest";
import type { AuditApi } from "../../src/desk/api";
import type { ReviewAnswer, SessionAnswer, ViewAnswer } from "../../src/desk/api_types";
import { type Line, LinesBroken, readLines } from "../../src/desk/lines";
import { looksOf } from "../../src/desk/looks";
import { placeOf, sessionAddress } from "../../src/desk/places";
import { MomentSource } from "../../src/desk/player/source";
import { ticksOf } from "../../src/desk/player/ticks";
import { EVERYTHING, isWanted } from "../../src/desk/sessionFilter";
import { safeText } from "../../src/wording/safeText";

async function all<T>(lines: AsyncGenerator<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

function inPieces(...pieces: string[]): Response {
  const encoder = new TextEncoder();
  return new Response(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(encoder.encode(piece));
        controller.close();
      },
    }),
  );
}

test("lines are read however the network cuts them; empty ones say that the other end is there", async () => {
  expect(await all(readLines(inPieces('{"a":', "1}\n\n\n", '{"a":2}\n')))).toEqual([{ a: 1 }, { a: 2 }]);
});

test("an answer that ends within a line is no answer", async () => {
  await expect(all(readLines(inPieces('{"a":1}\n{"a"')))).rejects.toThrow(LinesBroken);
});

test("a flood becomes several pieces, and no moment is cut in two", async () => {
  const flood = Array.from({ length: 12 }, (_, index): Line => {
    return { kind: "output", t_ms: Math.floor(index / 2), channel: 0, text: "x".repeat(1024 * 1024) };
  });
  const asked: number[] = [];
  const api: Pick<AuditApi, "moment"> = {
    async *moment(_, { t_ms }) {
      asked.push(t_ms);
      yield { kind: "picture", t_ms, terminals: [], people: [], marks: [] };
      yield* flood.filter((line) => line.t_ms > t_ms);
      yield { kind: "end", t_ms: 60_000 };
    },
  };
  const source = new MomentSource(api, "session", "look", 0);
  let piece = await source.piece(-1);
  let seen = piece.lines.length;
  while (!piece.isLast) {
    piece = await source.piece(piece.untilMs);
    seen += piece.lines.length;
  }
  expect(seen).toBe(flood.length);
  expect(asked.length).toBeGreaterThan(1);
});

test("text of somebody else's shows what it hides", () => {
  expect(safeText("pay\u202efdp.exe\u0007")).toBe("pay\\u202efdp.exe\\x07");
  expect(safeText("路由器 – router\u{e0041}")).toBe("路由器 – router\\U000e0041");
});

test("an address leads to a session and its millisecond, and to nothing else", () => {
  const id = "0123456789abcdef".repeat(2);
  expect(placeOf(sessionAddress(id, 5000.4))).toEqual({ name: "session", sessionId: id, tMs: 5000 });
  expect(placeOf(sessionAddress(id))).toEqual({ name: "session", sessionId: id, tMs: null });
  for (const hash of ["", "#/", `#/sessions/${id}/-1`, "#/sessions/../x", "#//evil.example"])
    expect(placeOf(hash).name).toBe("sessions");
});

test("looks of one person for one purpose are one line, and nobody's look hides in another's", () => {
  const view = (view_id: number, user_name: string, purpose: string, minutes: number): ViewAnswer => ({
    view_id,
    user_name,
    purpose,
    session_id: "s",
    action: "view",
    seen_at_ms: minutes * 60_000,
    commitment: "",
    salt: "",
  });
  const looks = looksOf([
    view(5, "mei", "b", 92),
    view(4, "mei", "a", 91),
    view(3, "mei", "a", 90),
    view(2, "wei", "a", 89),
    view(1, "mei", "a", 1),
  ]);
  expect(looks.map(({ userName, purpose, count }) => [userName, purpose, count])).toEqual([
    ["mei", "b", 1],
    ["mei", "a", 2],
    ["wei", "a", 1],
    ["mei", "a", 1],
  ]);
});

test("however much happened, the time line has room for it", () => {
  const entries = Array.from({ length: 50_000 }, (_, index) => ({
    kind: "command" as const,
    t_ms: index,
    channel: 0,
    text: "",
  }));
  const ticks = ticksOf(entries, [{ rule: "root-scope", t_ms: 10 ** 12, detail: "" }], 50_000);
  expect(ticks.length).toBeLessThanOrEqual(251);
  expect(ticks.every(({ at }) => at >= 0 && at < 1000)).toBe(true);
});

test("sessions are narrowed by what is known of them", () => {
  const session = {
    session_id: "s1",
    state: "partial",
    condition: "sound",
    about: {
      engineer: "Mei",
      staff_number: "E-17",
      customer: "shop@till-3",
      reason: "",
      ticket: "T-1",
      stars: 2,
      marks: [{ rule: "root-scope", t_ms: 1, detail: "" }],
    },
  } as unknown as SessionAnswer;
  const draft = [{ status: "draft" } as ReviewAnswer];
  const fits = (change: Partial<typeof EVERYTHING>, reviews: readonly ReviewAnswer[] = []) =>
    isWanted(session, reviews, { ...EVERYTHING, ...change });
  expect(
    fits({ text: " mei " }) && fits({ text: "till-3" }) && fits({ recording: "not-whole" }) && fits({ rating: "low" }),
  ).toBe(true);
  expect(fits({ mark: "root-scope" }) && fits({ review: "none" }) && fits({ review: "open" }, draft)).toBe(true);
  expect(
    fits({ text: "wei" }) || fits({ recording: "whole" }) || fits({ rating: "none" }) || fits({ mark: "other" }),
  ).toBe(false);
  expect(fits({ review: "done" }, draft) || fits({ review: "none" }, draft) || fits({ review: "done" })).toBe(false);
});
