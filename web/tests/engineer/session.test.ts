import { afterEach, expect, test, vi } from "vitest";
import { BrokerApi } from "../../src/engineer/api";
import { isKnownToBeOver } from "../../src/engineer/session";

afterEach(() => vi.restoreAllMocks());

test("a broker that does not answer whether a session is over is not waited for without an end", async () => {
  const limit = new AbortController();
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
  const silent = new BrokerApi(
    (_, { signal }) => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  );
  const isOver = isKnownToBeOver(silent, "00");
  expect(timeout).toHaveBeenCalledOnce();
  limit.abort();
  expect(await isOver).toBe(false);
});

test.each(["open", "ended"])("a broker that answers is believed: %s", async (state) => {
  const api = new BrokerApi(async () => Response.json({ state }));
  expect(await isKnownToBeOver(api, "00")).toBe(state === "ended");
});
