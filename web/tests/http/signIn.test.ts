/** Who counts as signed out, and who does not. */

import { expect, test, vi } from "vitest";
import { SignInApi } from "../../src/http/signIn";

class Account extends SignInApi {
  queue(): Promise<unknown> {
    return this.ask("GET", "/v1/queue");
  }
}

const NOT_LOGGED_IN = () =>
  new Response(JSON.stringify({ type: "urn:consentry:not-logged-in", detail: "Log in." }), { status: 401 });

test("a question of the login before, answered late, signs nobody out of the next one", async () => {
  let answerQueue: (answer: Response) => void = () => undefined;
  const answers: Record<string, () => Promise<Response>> = {
    "/v1/queue": () => new Promise((resolve) => (answerQueue = resolve)),
    "/v1/browser-login": async () => Response.json({ user_name: "wei" }),
  };
  const api = new Account((path) => answers[path]?.() ?? Promise.reject(new Error(path)));
  api.onsignedout = vi.fn();
  const asked = api.queue().catch((error: unknown) => error);
  await api.login({ user_name: "wei", password: "a long password" });
  answerQueue(NOT_LOGGED_IN());
  expect(await asked).toMatchObject({ code: "not-logged-in" });
  expect(api.onsignedout).not.toHaveBeenCalled();

  const again = api.queue().catch((error: unknown) => error);
  answerQueue(NOT_LOGGED_IN());
  await again;
  expect(api.onsignedout).toHaveBeenCalledOnce();
});
