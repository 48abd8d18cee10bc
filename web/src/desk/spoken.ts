/**
 * What happened, in the reader's language. An index keeps texts to find them by, in English (audit/replay_index/entries.py);
 * here is what each of its forms says. A text of another form is shown as it is: an older index, or a newer one.
 */

import { type EndReason, SCOPES } from "../protocol/generated";
import { safeText } from "../wording/safeText";
import { say, wording } from "../wording/wording.svelte";
import { markTitle } from "./markTitles.svelte";

/** An entry of an index, or a hit of a search. */
export interface Happening {
  readonly kind: string;
  readonly text: string;
  readonly name?: string;
  /** Those whom `text` has by their numbers, as a time line says it. */
  readonly people?: readonly { readonly participant: number; readonly name: string }[];
  /** Everybody who came in to the session, as a search says it. */
  readonly engineers?: readonly string[];
}

/** The number of a participant in words: the name, where it is known. */
type Named = (number: string | undefined) => string;
type Form = readonly [form: RegExp, said: (...parts: string[]) => string];

const ENDS: readonly string[] = [
  "engineer-ended",
  "customer-ended",
  "denied",
  "expired",
  "idle",
  "lost",
  "abandoned",
  "recorder-failed",
  "broker-ended",
  "supervisor-ended",
] satisfies readonly EndReason[];
const CHANGERS: readonly string[] = ["customer", "recorder", "time", "session-end"];
const OUTCOMES: readonly string[] = ["refused", "failed"];
const FILE_ACTIONS: readonly string[] = [
  "read",
  "write",
  "list",
  "remove",
  "rename",
  "make-folder",
  "remove-folder",
  "set-attributes",
  "link",
];

const forms = (named: Named): Readonly<Record<string, readonly Form[]>> => ({
  consent: [
    [
      /^asked: (.*?) \((\d+) min\): (.*)$/s,
      (scopes, minutes, reason) =>
        say("desk-page-happened-asked", {
          scopes: scopesIn(scopes),
          minutes: Number(minutes),
          reason: safeText(reason),
        }),
    ],
    [
      /^asked: (.*?) \(the place of (\d+)\): (.*)$/s,
      (scopes, leaver, reason) =>
        say("desk-page-happened-asked-place", {
          leaver: named(leaver),
          scopes: scopesIn(scopes),
          reason: safeText(reason),
        }),
    ],
    [/^allowed: (.*)$/s, (scopes) => say("desk-page-happened-allowed", { scopes: scopesIn(scopes) })],
    [/^denied: /, () => say("desk-page-happened-denied")],
    [/^timeout: /, () => say("desk-page-happened-timeout")],
    [
      /^changed by ([a-z-]+): (.*)$/s,
      (by, scopes) => say("desk-page-happened-changed", { by: byWhom(by), scopes: scopesIn(scopes) || "–" }),
    ],
  ],
  session: [
    [/^joined: (.*)$/s, (who) => say("desk-page-happened-joined", { who: safeText(who) })],
    [/^left: (\d+)$/, (number) => say("desk-page-happened-left", { who: named(number) })],
    [
      /^taken over: (\d+) from (\d+)$/,
      (number, leaver) => say("desk-page-happened-taken-over", { who: named(number), leaver: named(leaver) }),
    ],
    [
      /^stopped by (.*?): (.*)$/s,
      (who, why) => say("desk-page-happened-stopped", { who: safeText(who), why: safeText(why) }),
    ],
    [/^may come in with an SSH program: (\d+)$/, (number) => say("desk-page-happened-ssh", { who: named(number) })],
    [/^closing: ([a-z-]+)$/, (reason) => (ENDS.includes(reason) ? say(`console-ended-${reason}`) : safeText(reason))],
  ],
  gap: [[/^paused by ([a-z-]+)$/, (by) => say("desk-page-happened-paused", { by: byWhom(by) })]],
  file: [
    [
      /^([a-z-]+) (.*) \((ok|refused|failed)\)$/s,
      (action, path, outcome) => withOutcome(`${fileAction(action)} ${safeText(path)}`, outcome),
    ],
  ],
  forward: [[/^(.*) \((ok|refused|failed)\)$/s, (destination, outcome) => withOutcome(safeText(destination), outcome)]],
  chat: [
    [/^customer: (.*)$/s, (text) => say("desk-page-happened-said", { by: byWhom("customer"), text: safeText(text) })],
    [
      /^engineer (\d+): (.*)$/s,
      (number, text) => say("desk-page-happened-said", { by: named(number), text: safeText(text) }),
    ],
  ],
  mark: [[/^redacted by rule (.*)$/s, (rule) => say("desk-page-happened-redacted", { rule: safeText(rule) })]],
});

/** Safe to show: whatever the customer's machine or an engineer wrote into it shows its hidden characters. */
export function spoken(happening: Happening): string {
  const { kind, text, name = "" } = happening;
  if (kind === "mark" && name) return markSpoken(name, text);
  for (const [form, said] of forms((number) => nameOf(happening, number))[kind] ?? []) {
    const parts = form.exec(text);
    if (parts) return said(...parts.slice(1));
  }
  return safeText(text);
}

/** With the fact itself where that is words: a bare number stands for what the title says. */
function markSpoken(rule: string, text: string): string {
  const fact = (text.startsWith(`${rule} `) ? text.slice(rule.length) : text === rule ? "" : text).trim();
  const title = markTitle(rule);
  return /^-?\d*$/.test(fact) ? title : say("desk-page-happened-said", { by: title, text: safeText(fact) });
}

/** In a session where one person alone came in, every number is theirs: whoever comes back is numbered anew. */
function nameOf({ people = [], engineers = [] }: Happening, number = ""): string {
  const name = people.find(({ participant }) => participant === Number(number))?.name;
  const only = engineers.length === 1 ? engineers[0] : "";
  return safeText(name || only || "") || say("desk-page-engineer-number", { number });
}

function scopesIn(text = ""): string {
  const named = text.split(", ").filter(Boolean);
  return named.map((one) => (SCOPES.some((scope) => scope === one) ? wording.sayScope(one) : safeText(one))).join("; ");
}

function byWhom(by = ""): string {
  return CHANGERS.includes(by) ? say(`desk-page-by-whom-${by}`) : safeText(by);
}

function fileAction(action = ""): string {
  return FILE_ACTIONS.includes(action) ? say(`desk-page-file-did-${action}`) : safeText(action);
}

function withOutcome(what: string, outcome = ""): string {
  return OUTCOMES.includes(outcome) ? `${what} (${say(`desk-page-file-${outcome}`)})` : what;
}
