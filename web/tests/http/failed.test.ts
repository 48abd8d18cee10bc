/** What a person reads where a server gives no reason. */

import { expect, test } from "vitest";
import { HttpApi } from "../../src/http/api";

const answering = (status: number, body: string) => new HttpApi(async () => new Response(body, { status }));

test("a server that has failed, or a proxy before it, is told as that, and not as a refusal", async () => {
  const asked = answering(502, "<h1>Bad Gateway</h1>").ask("GET", "/v1/health");
  await expect(asked).rejects.toMatchObject({ id: "console-refused-server-failed", fields: { sentence: "HTTP 502" } });
});

test("a reason that the server gives goes before that, whatever the status", async () => {
  const problem = JSON.stringify({ type: "urn:consentry:too-busy", detail: "Later." });
  const asked = answering(503, problem).ask("GET", "/v1/health");
  await expect(asked).rejects.toMatchObject({ code: "too-busy", fields: { sentence: "Later." } });
});
