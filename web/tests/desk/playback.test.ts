/** A replay in the hand of a test: time goes by when it says so, and the recording comes piece by piece. */

import { beforeEach, expect, test } from "vitest";
import type { Output, Picture, Size } from "../../src/desk/lines";
import { type Piece, Playback, type Screen, type Source } from "../../src/desk/player/playback";

const DURATION_MS = 30_000;

const output = (t_ms: number): Output => ({ kind: "output", t_ms, channel: 0, text: `${t_ms}` });
const picture = (t_ms: number): Picture => ({ kind: "picture", t_ms, terminals: [], people: [], marks: [] });

/** Says something each second, in pieces of ten. */
class Recording implements Source {
  asked: number[] = [];
  held: (() => void)[] | null = null;

  async piece(tMs: number): Promise<Piece> {
    this.asked.push(tMs);
    if (this.held) await new Promise<void>((resolve) => this.held?.push(resolve));
    const untilMs = Math.min(tMs + 10_000, DURATION_MS);
    const lines = Array.from({ length: 30 }, (_, index) => output((index + 1) * 1000));
    return {
      beginsMs: tMs,
      untilMs,
      isLast: untilMs === DURATION_MS,
      picture: picture(tMs),
      lines: lines.filter(({ t_ms }) => t_ms > tMs && t_ms <= untilMs),
    };
  }
}

class Paper implements Screen {
  seen: string[] = [];
  show({ t_ms }: Picture): void {
    this.seen = [`picture ${t_ms}`];
  }
  write(line: Output | Size): void {
    this.seen.push(`${line.t_ms}`);
  }
}

let recording: Recording;
let paper: Paper;
let playback: Playback;

beforeEach(() => {
  recording = new Recording();
  paper = new Paper();
  playback = new Playback(recording, paper, DURATION_MS);
});

test("seeking asks for the moment once, and moves within what is there without asking", async () => {
  await playback.seek(5000);
  expect(paper.seen).toEqual(["picture 5000"]);
  await playback.seek(7500);
  expect(paper.seen).toEqual(["picture 5000", "6000", "7000"]);
  await playback.seek(6000);
  expect(paper.seen).toEqual(["picture 5000", "6000"]);
  expect(recording.asked).toEqual([5000]);
  await playback.seek(2000);
  expect(recording.asked).toEqual([5000, 2000]);
});

test("playing shows each line when it is due, and goes on in the next piece", async () => {
  await playback.seek(8000);
  playback.isPlaying = true;
  await playback.advance(1000);
  expect(paper.seen.at(-1)).toBe("9000");
  playback.speed = 4;
  await playback.advance(2500);
  expect(playback.positionMs).toBe(18_000);
  expect(recording.asked).toEqual([8000, 18_000]);
  await playback.advance(250);
  expect(paper.seen).toEqual(["picture 18000", "19000"]);
});

test("it stops at the end, and nothing is shown of later", async () => {
  await playback.seek(29_000);
  playback.isPlaying = true;
  await playback.advance(60_000);
  expect([playback.positionMs, playback.isPlaying, paper.seen.at(-1)]).toEqual([DURATION_MS, false, "30000"]);
});

test("silence is skipped up to shortly before what comes next", async () => {
  recording.piece = async () => ({
    beginsMs: 0,
    untilMs: 30_000,
    isLast: true,
    picture: picture(0),
    lines: [output(20_000)],
  });
  await playback.seek(0);
  playback.isPlaying = true;
  await playback.advance(16);
  expect(playback.positionMs).toBe(19_400);
  playback.skipsIdle = false;
  await playback.seek(0);
  await playback.advance(16);
  expect(playback.positionMs).toBe(16);
});

test("whoever seeks twice sees the second moment, whichever answer comes first", async () => {
  recording.held = [];
  const first = playback.seek(1000);
  const second = playback.seek(20_000);
  const [answerFirst, answerSecond] = recording.held;
  answerSecond?.();
  await second;
  answerFirst?.();
  await first;
  expect(paper.seen).toEqual(["picture 20000"]);
  expect([playback.positionMs, playback.isLoading]).toEqual([20_000, false]);
});

test("a piece that does not come stops the replay where it stands", async () => {
  await playback.seek(0);
  playback.isPlaying = true;
  playback.skipsIdle = false;
  recording.piece = async () => {
    throw new Error("away");
  };
  await expect(playback.advance(11_000)).rejects.toThrow("away");
  expect([playback.isPlaying, playback.positionMs, playback.isLoading]).toEqual([false, 10_000, false]);
});

test("an empty beginning ends where something is shown", async () => {
  await playback.seek(0);
  expect(playback.shownFromMs).toBe(1000);
});

test("a screen that the service draws empty is empty", async () => {
  const { source } = playback;
  // What audit/replay_index/snapshots.py draws of a terminal on which nothing was shown.
  const empty = { channel: 0, columns: 80, rows: 24, text: "\x1b[0m\x1b[1;1H\x1b[0m\x1b(B\x1b)0\x0f" };
  const drawn: Source = {
    piece: async (tMs) => ({ ...(await source.piece(tMs)), picture: { ...picture(tMs), terminals: [empty] } }),
  };
  const begun = new Playback(drawn, paper, DURATION_MS);
  await begun.seek(0);
  expect(begun.shownFromMs).toBe(1000);
});

test("what is on the screen already is shown from where one stands", async () => {
  const { source } = playback;
  const shown = { channel: 0, columns: 80, rows: 24, text: "$ " };
  const withText: Source = {
    piece: async (tMs) => ({ ...(await source.piece(tMs)), picture: { ...picture(tMs), terminals: [shown] } }),
  };
  const standing = new Playback(withText, paper, DURATION_MS);
  await standing.seek(4500);
  expect(standing.shownFromMs).toBe(4500);
});
