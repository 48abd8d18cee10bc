/** How scopes are shown and how they hang together, for the question and for what is taken away later. */

import { POWERFUL_SCOPES, SCOPES, type Scope } from "../protocol/generated";

const SENTENCES: Record<Scope, string> = {
  view: "agent-scope-view",
  shell: "agent-scope-shell",
  "files:r": "agent-scope-files-read",
  "files:w": "agent-scope-files-write",
  forward: "agent-scope-forward",
  root: "agent-scope-root",
  gateway: "agent-scope-gateway",
};

export const scopeId = (scope: Scope) => SENTENCES[scope];

export const inOrder = (scopes: readonly Scope[]) => SCOPES.filter((scope) => scopes.includes(scope));

export const isPowerful = (scope: Scope) => POWERFUL_SCOPES.includes(scope);

/** `chosen` after one switch of those that are `offered`. Who types sees what happens: seeing belongs to typing. */
export function switched(chosen: readonly Scope[], offered: readonly Scope[], scope: Scope, on: boolean): Scope[] {
  const next = new Set(chosen);
  if (on) next.add(scope);
  else next.delete(scope);
  if (scope === "view" && !on) next.delete("shell");
  if (scope === "shell" && on && offered.includes("view")) next.add("view");
  return inOrder([...next]);
}
