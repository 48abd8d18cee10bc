import { beforeAll, expect, test, vi } from "vitest";
import type { FromHashWorker, Part, ToHashWorker } from "../../src/files/hashing";
import { type Bytes, concat, randomBytes } from "../../src/protocol/bytes";

/** The thread without a thread: what it is sent, and who hears what it answers. */
let send: (message: MessageEvent<ToHashWorker>) => void;
let hear: (answer: FromHashWorker) => void;

beforeAll(async () => {
  vi.stubGlobal("addEventListener", (_kind: string, listener: typeof send) => {
    send = listener;
  });
  vi.stubGlobal("postMessage", (answer: FromHashWorker) => hear(answer));
  await import("../../src/files/hashWorker");
});

function tell(id: number, what: ToHashWorker["what"]): void {
  send(new MessageEvent("message", { data: { id, what } }));
}

async function answered(id: number, what: Bytes | Part | "digest"): Promise<FromHashWorker> {
  const [answer] = await answers(() => tell(id, what), 1);
  if (!answer) throw new Error("no answer");
  return answer;
}

function answers(ask: () => void, count: number): Promise<readonly FromHashWorker[]> {
  return new Promise((resolve) => {
    const heard: FromHashWorker[] = [];
    hear = (answer) => {
      heard.push(answer);
      if (heard.length === count) resolve(heard);
    };
    ask();
  });
}

async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

test("a digest in the middle is that of all so far, and the hash goes on", async () => {
  const [first, second] = [randomBytes(60_003), randomBytes(64)];
  expect(await answered(1, first)).toEqual({ id: 1, what: new Uint8Array() });
  expect(await answered(1, "digest")).toEqual({ id: 1, what: await sha256(first) });
  await answered(1, second);
  expect(await answered(1, "digest")).toEqual({ id: 1, what: await sha256(concat(first, second)) });
});

test("two files at once have hashes of their own, and one that is begun anew knows nothing of before", async () => {
  const [one, other] = [randomBytes(777), randomBytes(778)];
  await answered(2, one);
  await answered(3, other);
  expect(await answered(2, "digest")).toEqual({ id: 2, what: await sha256(one) });
  tell(3, "reset");
  await answered(3, one);
  expect(await answered(3, "digest")).toEqual({ id: 3, what: await sha256(one) });
});

test("parts of a file are brought and hashed in the order of asking, and behind its end is nothing", async () => {
  const content = randomBytes(50_000);
  const file = new Blob([content]);
  const parts = [0, 30_000, 60_000].map((start) => ({ file, start, end: start + 30_000 }));
  const heard = await answers(() => {
    for (const what of [...parts, "digest" as const]) tell(4, what);
  }, 4);
  const digest = await sha256(content);
  expect(heard).toEqual(
    [content.subarray(0, 30_000), content.subarray(30_000), new Uint8Array(), digest].map((what) => ({ id: 4, what })),
  );
});

test("what cannot be read is a problem of whoever asked for it, and of nobody else", async () => {
  const problem = new DOMException("it is gone", "NotReadableError");
  const gone = { slice: () => ({ arrayBuffer: () => Promise.reject(problem) }) } as unknown as Blob;
  expect(await answered(5, { file: gone, start: 0, end: 10 })).toEqual({ id: 5, problem });
  expect(await answered(6, randomBytes(10))).toEqual({ id: 6, what: new Uint8Array() });
});

test("a browser that compiles nothing in this thread hashes all the same, in the middle and at the end", async () => {
  const createSHA256 = vi.fn(() => Promise.reject(new WebAssembly.CompileError("refused by the policy")));
  vi.doMock("hash-wasm", () => ({ createSHA256 }));
  vi.resetModules();
  await import("../../src/files/hashWorker");
  const [first, second] = [randomBytes(60_003), randomBytes(64)];
  await answered(1, first);
  expect(await answered(1, "digest")).toEqual({ id: 1, what: await sha256(first) });
  await answered(1, second);
  expect(await answered(1, "digest")).toEqual({ id: 1, what: await sha256(concat(first, second)) });
  expect(createSHA256).toHaveBeenCalled();
  vi.doUnmock("hash-wasm");
});
