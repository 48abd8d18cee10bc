/**
 * A real OpenID provider (oidc-provider, which is certified) as a process of its own, with a sign-in page of two fields.
 *
 * People are in the environment, as JSON by their user name; each has the password that is given. Says `ready` once it listens.
 */

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const port = Number(given("PROVIDER_PORT"));
const origin = given("CONSENTRY_ORIGIN");
const people = JSON.parse(given("PROVIDER_PEOPLE"));
const password = given("PROVIDER_PASSWORD");

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const provider = new Provider(`https://localhost:${port}`, {
  clients: [
    {
      client_id: "consentry",
      client_secret: given("PROVIDER_SECRET"),
      redirect_uris: [`${origin}/v1/oidc/callback`],
      post_logout_redirect_uris: [`${origin}${given("PROVIDER_BACK_TO")}`],
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "RS256" }] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name", "preferred_username", "staff_number"], groups: ["groups"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  // Whoever signs in has agreed: there is one client, and it is the organisation's own.
  loadExistingGrant: async (context) => {
    const { client, session } = context.oidc;
    const grant = new context.oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId });
    grant.addOIDCScope("openid profile groups");
    await grant.save();
    return grant;
  },
});

const PAGE = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Example ID</title>
<main><h1>Example ID</h1><form method="post"><label>Name <input name="login" autofocus></label>
<label>Password <input name="password" type="password"></label><button>Continue</button></form></main></html>`;

provider.use(async (context, next) => {
  if (!context.path.startsWith("/interaction/")) return next();
  if (context.method !== "POST") {
    context.type = "html";
    context.body = PAGE;
    return undefined;
  }
  let body = "";
  for await (const piece of context.req) body += piece;
  const form = new URLSearchParams(body);
  const accountId = form.get("login") ?? "";
  const isRight = accountId in people && form.get("password") === password;
  const result = isRight ? { login: { accountId } } : { error: "access_denied" };
  await provider.interactionFinished(context.req, context.res, result);
  context.respond = false;
  return undefined;
});

const tls = { key: readFileSync(given("PROVIDER_TLS_KEY")), cert: readFileSync(given("PROVIDER_TLS_CERTIFICATE")) };
createServer(tls, provider.callback()).listen(port, "localhost", () => process.stdout.write("ready\n"));
