/** How an engineer stands: in for as long as something is left to them, and out for one reason, which stays. */

import { expect, test, vi } from "vitest";
import type { Conversation } from "../../src/engineer/conversation";
import type { EndReason, Granted, GrantMoved, Scope, TakenOver } from "../../src/protocol/generated";
import { Standing } from "../../src/screens/standing.svelte";

const LI: TakenOver = { type: "taken-over", name: "李娜", staffNumber: "S-19" };

/** What the customer's agent says, when the test says so. */
class AgentAtTest {
  end: (reason: EndReason) => void = () => undefined;
  readonly conversation = {
    onGrantMoved: (_moved: GrantMoved) => undefined,
    onTakenOver: (_told: TakenOver) => undefined,
    ended: new Promise<EndReason>((resolve) => (this.end = resolve)),
  };

  stands(scopes: readonly Scope[], onout = () => undefined): Standing {
    const granted = { type: "granted", scopes, expiresAtMs: 1000 } as unknown as Granted;
    return new Standing({ conversation: this.conversation as unknown as Conversation, granted }, onout);
  }

  moves(scopes: readonly Scope[], expiresAtMs = 2000): void {
    this.conversation.onGrantMoved({ type: "grant-moved", scopes, expiresAtMs });
  }
}

test("scopes stand in their order, and each change says whether something was taken away", () => {
  const agent = new AgentAtTest();
  const standing = agent.stands(["shell", "view"]);
  expect([standing.scopes, standing.moved, standing.out]).toEqual([["view", "shell"], null, null]);
  agent.moves(["shell", "files:r", "view"]);
  expect([standing.scopes, standing.expiresAtMs, standing.moved]).toEqual([
    ["view", "shell", "files:r"],
    2000,
    "widened",
  ]);
  agent.moves(["view"]);
  expect([standing.moved, standing.out]).toEqual(["narrowed", null]);
});

test("who has nothing left is out, without the session being over", () => {
  const agent = new AgentAtTest();
  const standing = agent.stands(["view"]);
  agent.moves([]);
  expect(standing.out).toBe("nothing-left");
});

test("who was taken over is out by that, which was said after nothing was left; and the end comes before both", async () => {
  const agent = new AgentAtTest();
  const onout = vi.fn();
  const standing = agent.stands(["view"], onout);
  agent.moves([]);
  agent.conversation.onTakenOver(LI);
  expect([standing.out, standing.takenOver, onout.mock.calls.length]).toEqual(["taken-over", LI, 1]);
  agent.end("customer-ended");
  await vi.waitFor(() => expect(standing.out).toBe("over"));
  expect(onout).toHaveBeenCalledTimes(2);
});

test("a line that is lost is no end until the broker says so", async () => {
  const agent = new AgentAtTest();
  const standing = agent.stands(["view"]);
  agent.end("lost");
  await vi.waitFor(() => expect(standing.out).toBe("cut-off"));
  standing.isOver = true;
  expect(standing.out).toBe("over");
});

test("whoever is let in again stands as if nothing had been", () => {
  const agent = new AgentAtTest();
  const standing = agent.stands(["view", "shell"]);
  agent.moves([]);
  agent.conversation.onTakenOver(LI);
  standing.letIn({ type: "granted", scopes: ["shell", "view"], expiresAtMs: 5000 } as unknown as Granted);
  expect([standing.out, standing.scopes, standing.expiresAtMs, standing.moved]).toEqual([
    null,
    ["view", "shell"],
    5000,
    null,
  ]);
});
