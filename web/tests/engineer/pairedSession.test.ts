/** One pairing, and the questions that may be put with it: how refusals are told apart from what only a new code helps. */

import { expect, test } from "vitest";
import { AccessDenied, SessionHasEnded } from "../../src/engineer/conversation";
import { AskedTooOften, PairedSession } from "../../src/engineer/pairedSession";
import type { Denied, Granted } from "../../src/protocol/generated";

const GRANTED = { type: "granted", scopes: ["view"], expiresAtMs: 1000 } as unknown as Granted;
type Reason = Denied["reason"];

function pairing(): PairedSession {
  const [sessionId, keys] = [new Uint8Array(16), { transcriptHash: new Uint8Array(32) }];
  return new PairedSession(
    ...([{ sessionId, keys }, {}, {}, {}, new Uint8Array()] as unknown as ConstructorParameters<typeof PairedSession>),
  );
}

async function refused(paired: PairedSession, ...reasons: readonly (Reason | "withdrawn")[]): Promise<unknown> {
  let last: unknown;
  for (const reason of reasons) {
    const error = reason === "withdrawn" ? new SessionHasEnded("lost") : new AccessDenied(reason);
    last = await paired.answered(Promise.reject(error)).catch((caught: unknown) => caught);
  }
  return last;
}

test("after three refusals in a row, silence and withdrawals too, a rule's no means that it was asked too often", async () => {
  expect(await refused(pairing(), "customer", "timeout", "withdrawn", "policy")).toBeInstanceOf(AskedTooOften);
  expect(await refused(pairing(), "customer", "timeout", "policy")).toMatchObject({ reason: "policy" });
});

test("what left the screen because it was moot is no refusal, and a yes forgets those before", async () => {
  const paired = pairing();
  expect(await refused(paired, "customer", "nobody", "customer", "several", "policy")).toMatchObject({
    reason: "policy",
  });
  expect(await paired.answered(Promise.resolve(GRANTED))).toBe(GRANTED);
  expect(await refused(paired, "customer", "customer", "policy")).toMatchObject({ reason: "policy" });
});
