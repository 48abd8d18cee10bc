import { expect, test } from "vitest";
import { DeskAdministration } from "../../src/desk/administration/api";
import { erasableFrom, isSessionId } from "../../src/desk/administration/sessions";
import { AuditApi } from "../../src/desk/api";
import type { ClassAnswer, MeAnswer, Permission, SessionAnswer } from "../../src/desk/api_types";
import { ADMINISTRATION, mayOpen, placeOf, retentionAddress } from "../../src/desk/places";
import { sessionsOf } from "../../src/desk/sessionsOf";

const DAY_MS = 24 * 3_600_000;
const ID = "0123456789abcdef0123456789abcdef";
const CLASSES: readonly ClassAnswer[] = [
  { retention: "standard", floor_days: 400, kept: 0, held: 0, due: 0 },
  { retention: "short", floor_days: 183, kept: 0, held: 0, due: 0 },
];
const session = (facts: Partial<SessionAnswer>) =>
  ({ retention: "standard", held: null, ended_at_ms: DAY_MS, ...facts }) as SessionAnswer;

test("a page is shown to whoever may do something there, and to nobody else", () => {
  const me = (...permissions: Permission[]) => ({ permissions }) as unknown as MeAnswer;
  expect(ADMINISTRATION.filter((page) => mayOpen(me("list", "view", "search", "review"), page))).toEqual([]);
  expect(mayOpen(me("confirm"), "retention")).toBe(true);
  expect(mayOpen(me("confirm"), "sampling")).toBe(false);
  expect(mayOpen(me("lead"), "sampling")).toBe(true);
});

test("each page, and each session's keeping, has an address of its own", () => {
  for (const page of ADMINISTRATION) expect(placeOf(`#/${page}`)).toMatchObject({ name: "administration", page });
  expect(placeOf(retentionAddress(ID))).toMatchObject({ page: "retention", sessionId: ID });
  expect(placeOf("#/retention/../x")).toEqual({ name: "sessions" });
});

test("a program's link leads to its code, and to nothing else that somebody put there", () => {
  expect(placeOf("#/link/BCDF-GHJK")).toEqual({ name: "link", userCode: "BCDF-GHJK" });
  expect(placeOf("#/link")).toEqual({ name: "link", userCode: null });
  for (const hash of ["#/link/", "#/link/1234", "#/link/a/b", "#/link/<b>"])
    expect(placeOf(hash)).toEqual({ name: "sessions" });
});

test("a recording may be erased once its class allows, and never while it goes on or is held", () => {
  expect(erasableFrom(session({}), CLASSES)).toBe(401 * DAY_MS);
  expect(erasableFrom(session({ retention: "short" }), CLASSES)).toBe(184 * DAY_MS);
  expect(erasableFrom(session({ held: "court order" }), CLASSES)).toBeNull();
  expect(erasableFrom(session({ ended_at_ms: null }), CLASSES)).toBeNull();
});

test("a session's number is taken as people paste it, and nothing else is", () => {
  expect(isSessionId(` ${ID.toUpperCase()}\n`)).toBe(true);
  for (const text of ["", ID.slice(1), `${ID}0`, "g".repeat(32)]) expect(isSessionId(text)).toBe(false);
});

test("many sessions are asked for by the hundred, each once", async () => {
  const asked: number[] = [];
  const api = new AuditApi(async (path) => {
    const ids = new URL(path, "https://desk.example").searchParams.getAll("id");
    asked.push(ids.length);
    return Response.json({ sessions: ids.map((session_id) => ({ session_id })) });
  });
  const ids = Array.from({ length: 150 }, (_, number) => number.toString(16).padStart(32, "0"));
  expect((await sessionsOf(api, [...ids, ...ids])).size).toBe(150);
  expect(asked).toEqual([100, 50]);
});

test("lifting a hold says why, and an answer to a request names it", async () => {
  const sent: [string, unknown][] = [];
  const api = new AuditApi(async (path, { method, body }) => {
    sent.push([`${method} ${path}`, JSON.parse(String(body))]);
    return Response.json({});
  });
  const administration = new DeskAdministration(api);
  await administration.setHold(ID, { reason: null, because: "the case is closed" });
  await administration.answer(7, "confirm");
  expect(sent).toEqual([
    [`POST /v1/sessions/${ID}/hold`, { reason: null, because: "the case is closed" }],
    ["POST /v1/requests/7/confirm", {}],
  ]);
});
