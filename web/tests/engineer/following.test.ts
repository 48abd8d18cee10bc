import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FollowedStream, Following, LineUncertain } from "../../src/engineer/following";
import type { AgentToEngineer, EngineerToAgent, Said } from "../../src/protocol/generated";

/** A control stream whose other end is the test. */
class Stream implements FollowedStream {
  readonly sent: EngineerToAgent[] = [];
  readonly closed: Promise<unknown>;
  hangUp: () => void = () => undefined;

  constructor(readonly tell: (message: AgentToEngineer) => void) {
    this.closed = new Promise((resolve) => {
      this.hangUp = () => resolve(null);
    });
  }

  async send(message: EngineerToAgent): Promise<void> {
    this.sent.push(message);
  }

  close(): void {
    this.hangUp();
  }

  retryNow(): void {}
}

const MOVED = { type: "session-moved", pausedBy: [], newestLine: 0 } as const;
const line = (number: number): Said => ({
  type: "said",
  number,
  participant: 0,
  name: "",
  saidAtMs: 0,
  text: `line ${number}`,
  mine: false,
});

let streams: Stream[];
let isSessionOver: boolean;
let told: (number | string)[];

function follow(): Following {
  const open = (take: (message: AgentToEngineer) => void) => {
    const stream = new Stream(take);
    streams.push(stream);
    return stream;
  };
  return new Following(open, async () => isSessionOver, {
    onsaid: ({ number }) => told.push(number),
    onpaused: () => told.push("here"),
    onaway: () => told.push("away"),
    onover: (isKnown) => told.push(isKnown ? "over" : "unknown"),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  isSessionOver = false;
  told = [];
});
afterEach(() => vi.useRealTimers());

test("who was hung up on comes back, and is told from behind the last line", async () => {
  follow();
  streams[0]?.tell(MOVED);
  streams[0]?.tell(line(1));
  streams[0]?.tell(line(2));
  streams[0]?.hangUp();
  await vi.advanceTimersByTimeAsync(500);
  expect(streams).toHaveLength(2);
  expect(streams[1]?.sent).toEqual([{ type: "follow-session", after: 2 }]);
  streams[1]?.tell(MOVED);
  streams[1]?.tell(line(3));
  expect(told).toEqual(["here", 1, 2, "away", "here", 3]);
});

test("what is said while the stream is away goes out when it is back", async () => {
  const following = follow();
  streams[0]?.tell(MOVED);
  streams[0]?.hangUp();
  await vi.advanceTimersByTimeAsync(0);
  const said = following.say("still there?");
  await vi.advanceTimersByTimeAsync(500);
  expect(streams[1]?.sent).toContainEqual({ type: "say", text: "still there?" });
  streams[1]?.tell({ type: "say-taken", number: 1 });
  await said;
});

test("an agent that hangs up again and again is asked ever more seldom, and the network's return cuts that short", async () => {
  const following = follow();
  vi.spyOn(Math, "random").mockReturnValue(1);
  for (let round = 0; round < 8; round += 1) {
    const stream = streams.at(-1);
    stream?.tell(MOVED);
    stream?.hangUp();
    await vi.advanceTimersByTimeAsync(Math.min(30_000, 500 * 2 ** round) - 1);
    expect(streams).toHaveLength(round + 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(streams).toHaveLength(round + 2);
  }
  streams.at(-1)?.hangUp();
  await vi.advanceTimersByTimeAsync(0);
  following.retryNow();
  await vi.advanceTimersByTimeAsync(0);
  expect(streams).toHaveLength(10);
  vi.restoreAllMocks();
});

test.each([
  ["the agent says so", (stream: Stream) => stream.tell({ type: "ended", reason: "customer-ended" })],
  ["the broker says so", (stream: Stream) => stream.hangUp()],
])("nobody comes back to a session that is over: %s", async (_, end) => {
  const following = follow();
  streams[0]?.tell(MOVED);
  isSessionOver = true;
  if (streams[0]) end(streams[0]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(streams).toHaveLength(1);
  expect(told.at(-1)).toBe("over");
  await expect(following.say("too late")).rejects.toThrow(LineUncertain);
});

test("an agent from before there were messages is not asked twice", async () => {
  follow();
  streams[0]?.hangUp();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(streams).toHaveLength(1);
  expect(told).toEqual(["unknown"]);
});
