import { beforeAll, expect, test, vi } from "vitest";
import type { FromHashWorker, ToHashWorker } from "../../src/files/hashing";
import { type Bytes, concat, randomBytes } from "../../src/protocol/bytes";

/** The thread without a thread: what it is sent, and what it answers. */
let send: (message: MessageEvent<ToHashWorker>) => void;
const answers: FromHashWorker[] = [];

beforeAll(async () => {
  vi.stubGlobal("addEventListener", (_kind: string, listener: typeof send) => {
    send = listener;
  });
  vi.stubGlobal("postMessage", (answer: FromHashWorker) => answers.push(answer));
  await import("../../src/files/hashWorker");
});

function answered(id: number, what: ToHashWorker["what"]): FromHashWorker["what"] | undefined {
  answers.length = 0;
  send(new MessageEvent("message", { data: { id, what } }));
  return answers.find((answer) => answer.id === id)?.what;
}

async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

test("a digest in the middle is that of all so far, and the hash goes on", async () => {
  const [first, second] = [randomBytes(60_003), randomBytes(64)];
  expect(answered(1, first)).toBe(first.length);
  expect(answered(1, "digest")).toEqual(await sha256(first));
  answered(1, second);
  expect(answered(1, "digest")).toEqual(await sha256(concat(first, second)));
});

test("two files at once have hashes of their own, and one that is begun anew knows nothing of before", async () => {
  const [one, other] = [randomBytes(777), randomBytes(778)];
  answered(2, one);
  answered(3, other);
  expect(answered(2, "digest")).toEqual(await sha256(one));
  answered(3, "reset");
  answered(3, one);
  expect(answered(3, "digest")).toEqual(await sha256(one));
});
