/** What the page knows of the session, and how each event makes other knowledge of it: nothing here has an effect. */

import type { PageEvent } from "./connection";
import type {
  ChatRefused,
  ChatSaid,
  CodeEnded,
  CommandRun,
  ConnectionMade,
  ConsentQuestion,
  FileTouched,
  HelpTaken,
  Present,
  SessionSummary,
  Stopped,
  TakenOver,
} from "./events";

export type Question = ConsentQuestion & { readonly question: number };
type Happened =
  | CommandRun
  | ConnectionMade
  | FileTouched
  | TakenOver
  | { readonly event: "joined" | "left" | "invited" };
export type Happening = { readonly id: number; readonly name: string } & Happened;

/** Of a line that the customer wrote themselves (protocol/events.py). */
export const CUSTOMER = 0;

const HAPPENINGS_SHOWN = 200;
const LINES_SHOWN = 200;

export const nothing = () => ({
  organisation: "",
  notice: "",
  code: null as { readonly code: string; readonly expiresAtMs: number } | null,
  codeEnded: null as CodeEnded["outcome"] | null,
  isAsking: false,
  /** The customer has said yes, and the recording is not open yet: it may take seconds. */
  isOpening: false,
  isLive: false,
  questions: [] as readonly Question[],
  people: [] as readonly Present[],
  /** Of everybody who was ever in, by participant. */
  names: {} as Readonly<Record<number, string>>,
  pausedBy: [] as readonly ("customer" | "recorder")[],
  roomSize: null as { readonly columns: number; readonly rows: number } | null,
  happenings: [] as readonly Happening[],
  lines: [] as readonly ChatSaid[],
  /** Why the last line was not taken; null when none was refused since. */
  stopped: null as Stopped | null,
  asked: "",
  helper: null as HelpTaken | null,
  refusedLine: null as ChatRefused["reason"] | null,
  recordedBytes: 0,
  ackedBytes: 0,
  brokerAwaySinceMs: null as number | null,
  skippedBytes: 0,
  failure: "",
  wasRefused: false,
  summary: null as SessionSummary | null,
  receipt: null as { readonly name: string; readonly text: string } | null,
  receiptPath: "",
  isRatingAsked: false,
});

export type Facts = ReturnType<typeof nothing>;
type Kind = PageEvent["event"];
/** What becomes another fact by an event of that kind. */
type Folds<K extends Kind> = {
  readonly [One in K]: (facts: Facts, event: Extract<PageEvent, { readonly event: One }>) => Partial<Facts>;
};
/** What is for others than the facts: the page begins anew, a terminal draws, and an answer that came too late. */
type Elsewhere = "page-opened" | "room-output" | "input-error";

const BEFORE: Folds<"sharing-started" | "help-asked" | "help-taken" | "code-shown" | "code-ended" | "engineer-asking"> =
  {
    "sharing-started": (_, { organisation, notice }) => ({ organisation, notice }),
    "help-asked": (_, { words }) => ({ asked: words }),
    "help-taken": (_, event) => ({ helper: event.name ? event : null }),
    "code-shown": (_, event) => ({ code: { code: event.code, expiresAtMs: event.expires_at_ms }, isAsking: false }),
    "code-ended": (_, { outcome }) => ({ code: null, codeEnded: outcome }),
    // What was wrong with the request before is over.
    "engineer-asking": () => ({ isAsking: true, failure: "" }),
  };

const QUESTIONS: Folds<"consent-question" | "consent-question-withdrawn"> = {
  "consent-question": (facts, event) => ({ questions: [...without(facts, event.question), event], isAsking: false }),
  "consent-question-withdrawn": (facts, { question }) => ({ questions: without(facts, question) }),
};

const PEOPLE: Folds<
  "session-live" | "participant-joined" | "participant-left" | "taken-over" | "colleague-invited" | "grant-changed"
> = {
  "session-live": (facts, { participants }) => {
    let known = facts;
    for (const present of participants) known = { ...known, ...joined(known, present) };
    return known;
  },
  "participant-joined": (facts, { participant }) => joined(facts, participant),
  "participant-left": (facts, { participant, name }) => ({
    people: facts.people.filter((one) => one.participant !== participant),
    ...happened(facts, { event: "left" }, name),
  }),
  "taken-over": (facts, event) => happened(facts, event, event.name),
  "colleague-invited": (facts, { name }) => happened(facts, { event: "invited" }, name),
  "grant-changed": ({ people }, { participant, scopes, expires_at_ms }) => ({
    people: people.map((one) => (one.participant === participant ? { ...one, scopes, expires_at_ms } : one)),
  }),
};

const WORK: Folds<
  "command-run" | "connection-made" | "file-touched" | "paused" | "resumed" | "room-resized" | "room-output-skipped"
> = {
  "command-run": (facts, event) => happened(facts, event, facts.names[event.participant] ?? ""),
  "connection-made": (facts, event) => happened(facts, event, facts.names[event.participant] ?? ""),
  "file-touched": (facts, event) => happened(facts, event, facts.names[event.participant] ?? ""),
  paused: ({ pausedBy }, { by }) => ({ pausedBy: [...new Set([...pausedBy, by])] }),
  resumed: ({ pausedBy }, { by }) => ({ pausedBy: pausedBy.filter((one) => one !== by) }),
  "room-resized": (_, { columns, rows }) => ({ roomSize: { columns, rows } }),
  "room-output-skipped": ({ skippedBytes }, { bytes }) => ({ skippedBytes: skippedBytes + bytes }),
};

const CHAT: Folds<"chat-said" | "chat-refused"> = {
  "chat-said": ({ lines, refusedLine }, event) => ({
    lines: [...lines.filter(({ number }) => number !== event.number), event].slice(-LINES_SHOWN),
    refusedLine: event.participant === CUSTOMER ? null : refusedLine,
  }),
  "chat-refused": (_, { reason }) => ({ refusedLine: reason }),
};

const HEALTH: Folds<"recorder-progress" | "connection-state" | "page-refused" | "failed"> = {
  "recorder-progress": (_, event) => ({ recordedBytes: event.recorded_bytes, ackedBytes: event.acked_bytes }),
  "connection-state": (_, event) => (event.to === "broker" ? { brokerAwaySinceMs: event.waiting_since_ms } : {}),
  "page-refused": () => ({ wasRefused: true }),
  failed: (_, { sentence }) => ({ failure: sentence }),
};

const END: Folds<"stopped" | "session-summary" | "receipt-written" | "receipt" | "rating-question"> = {
  stopped: (_, event) => ({ stopped: event }),
  "session-summary": (_, event) => ({ summary: event, questions: [] }),
  "receipt-written": (_, { path }) => ({ receiptPath: path }),
  receipt: (_, { name, text }) => ({ receipt: { name, text } }),
  "rating-question": () => ({ isRatingAsked: true }),
};

const FOLDS: Folds<Exclude<Kind, Elsewhere>> = {
  ...BEFORE,
  ...QUESTIONS,
  ...PEOPLE,
  ...WORK,
  ...CHAT,
  ...HEALTH,
  ...END,
};

/** What is known after an event. */
export function fold(facts: Facts, event: PageEvent): Facts {
  const change = (FOLDS as Partial<Record<Kind, (facts: Facts, event: PageEvent) => Partial<Facts>>>)[event.event];
  return change ? { ...facts, ...change(facts, event) } : facts;
}

/** The questions that stand besides that one. */
export function without({ questions }: Facts, number: number): readonly Question[] {
  return questions.filter(({ question }) => question !== number);
}

function joined(facts: Facts, present: Present): Partial<Facts> {
  const others = facts.people.filter(({ participant }) => participant !== present.participant);
  return {
    names: { ...facts.names, [present.participant]: present.name },
    people: [...others, present],
    isLive: true,
    isAsking: false,
    ...happened(facts, { event: "joined" }, present.name),
  };
}

/** The newest comes first. */
function happened({ happenings }: Facts, event: Happened, name: string): Partial<Facts> {
  const newest: Happening = { ...event, id: (happenings[0]?.id ?? 0) + 1, name };
  return { happenings: [newest, ...happenings].slice(0, HAPPENINGS_SHOWN) };
}
