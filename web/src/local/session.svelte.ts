/** What the page knows of the session: a fold over the events that it was told, from the beginning at each connection. */

import { chatLine } from "../protocol/chat";
import { recall } from "../screens/remembered";
import { wording } from "../wording/wording.svelte";
import { PageConnection, type PageEvent } from "./connection";
import type {
  ChatRefused,
  ChatSaid,
  CodeEnded,
  CommandRun,
  ConnectionMade,
  ConsentQuestion,
  FileTouched,
  HelpTaken,
  Line,
  Present,
  SessionSummary,
  Stopped,
  TakenOver,
} from "./events";
import { RoomFeed } from "./roomFeed";

export type Question = ConsentQuestion & { readonly question: number };
export type Happening = { readonly id: number; readonly name: string } & (
  | CommandRun
  | ConnectionMade
  | FileTouched
  | TakenOver
  | { readonly event: "joined" | "left" | "invited" }
);

const HAPPENINGS_SHOWN = 200;
const LINES_SHOWN = 200;

const nothing = () => ({
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

/** Of a line that the customer wrote themselves (protocol/events.py). */
export const CUSTOMER = 0;

export class Session {
  facts = $state.raw(nothing());
  phase = $state<"connecting" | "connected" | "lost" | "over">("connecting");
  /** The agent's clock, in Unix milliseconds, a few times a second. */
  nowMs = $state(Date.now());
  readonly room = new RoomFeed();
  readonly #connection: PageConnection;
  readonly #names = new Map<number, string>();
  #clock = { atMs: Date.now(), read: performance.now() };
  #count = 0;

  constructor() {
    this.#connection = new PageConnection(
      (event) => this.#take(event),
      (phase) => {
        this.phase = phase;
      },
    );
    setInterval(() => this.#tick(), 250);
  }

  say(line: Line): void {
    this.#connection.say(line);
  }

  /** Asked for and answered: it is off the page before the agent has confirmed it. */
  answer(
    question: Question,
    answer: { readonly scopes: readonly ConsentQuestion["scopes"][number][]; readonly minutes: number } | null,
  ): void {
    if (answer === null) this.say({ command: "answer", question: question.question, allow: false });
    else {
      const minutes = answer.minutes ? { minutes: answer.minutes } : {};
      this.say({ command: "answer", question: question.question, allow: true, scopes: answer.scopes, ...minutes });
      this.#change({ isOpening: !this.facts.isLive });
    }
    this.#drop(question.question);
  }

  /** Throws LineUnusable. */
  write(typed: string): void {
    this.say({ command: "say", text: chatLine(typed) });
    this.#change({ refusedLine: null });
  }

  /** So much output is not drawn, because there was too much of it. */
  leftOut(bytes: number): void {
    this.#change({ skippedBytes: this.facts.skippedBytes + bytes });
  }

  /** The customer has read that somebody was refused. */
  noted(): void {
    this.#change({ wasRefused: false });
  }

  rated(): void {
    this.#change({ isRatingAsked: false });
  }

  nameOf(participant: number): string {
    return this.#names.get(participant) ?? "";
  }

  #tick(): void {
    this.nowMs = this.#clock.atMs + performance.now() - this.#clock.read;
  }

  #change(facts: Partial<ReturnType<typeof nothing>>): void {
    this.facts = { ...this.facts, ...facts };
  }

  #drop(number: number): void {
    this.#change({ questions: this.facts.questions.filter((one) => one.question !== number) });
  }

  #happened(
    happening: CommandRun | ConnectionMade | FileTouched | TakenOver | { event: "joined" | "left" | "invited" },
    name: string,
  ): void {
    this.#count += 1;
    const newest = { ...happening, id: this.#count, name } as Happening;
    this.#change({ happenings: [newest, ...this.facts.happenings].slice(0, HAPPENINGS_SHOWN) });
  }

  #joined(present: Present): void {
    this.#names.set(present.participant, present.name);
    const others = this.facts.people.filter(({ participant }) => participant !== present.participant);
    this.#change({ people: [...others, present], isLive: true, isAsking: false });
    this.#happened({ event: "joined" }, present.name);
  }

  #take(event: PageEvent): void {
    const { facts } = this;
    switch (event.event) {
      case "page-opened":
        this.facts = nothing();
        this.room.restart();
        this.#clock = { atMs: event.now_ms, read: performance.now() };
        this.#tick();
        if (recall("language") === null) wording.choose(event.language);
        break;
      case "page-refused":
        this.#change({ wasRefused: true });
        break;
      case "sharing-started":
        this.#change({ organisation: event.organisation, notice: event.notice });
        break;
      case "help-asked":
        this.#change({ asked: event.words });
        break;
      case "help-taken":
        this.#change({ helper: event.name ? event : null });
        break;
      case "code-shown":
        this.#change({ code: { code: event.code, expiresAtMs: event.expires_at_ms } });
        break;
      case "code-ended":
        this.#change({ code: null, codeEnded: event.outcome });
        break;
      case "engineer-asking":
        this.#change({ isAsking: true });
        break;
      case "consent-question":
        this.#change({
          questions: [...facts.questions.filter((one) => one.question !== event.question), event],
          isAsking: false,
        });
        break;
      case "consent-question-withdrawn":
        this.#drop(event.question);
        break;
      case "session-live":
        for (const present of event.participants) this.#joined(present);
        break;
      case "participant-joined":
        this.#joined(event.participant);
        break;
      case "participant-left":
        this.#change({ people: facts.people.filter(({ participant }) => participant !== event.participant) });
        this.#happened({ event: "left" }, event.name);
        break;
      case "taken-over":
        this.#happened(event, event.name);
        break;
      case "colleague-invited":
        this.#happened({ event: "invited" }, event.name);
        break;
      case "grant-changed":
        this.#change({
          people: facts.people.map((one) =>
            one.participant === event.participant
              ? { ...one, scopes: event.scopes, expires_at_ms: event.expires_at_ms }
              : one,
          ),
        });
        break;
      case "paused":
        this.#change({ pausedBy: [...new Set([...facts.pausedBy, event.by])] });
        break;
      case "resumed":
        this.#change({ pausedBy: facts.pausedBy.filter((by) => by !== event.by) });
        break;
      case "room-resized":
        this.#change({ roomSize: { columns: event.columns, rows: event.rows } });
        break;
      case "command-run":
      case "connection-made":
      case "file-touched":
        this.#happened(event, this.nameOf(event.participant));
        break;
      case "chat-said":
        this.#change({
          lines: [...facts.lines.filter(({ number }) => number !== event.number), event].slice(-LINES_SHOWN),
          refusedLine: event.participant === CUSTOMER ? null : facts.refusedLine,
        });
        break;
      case "chat-refused":
        this.#change({ refusedLine: event.reason });
        break;
      case "recorder-progress":
        this.#change({ recordedBytes: event.recorded_bytes, ackedBytes: event.acked_bytes });
        break;
      case "connection-state":
        if (event.to === "broker") this.#change({ brokerAwaySinceMs: event.waiting_since_ms });
        break;
      case "failed":
        this.#change({ failure: event.sentence });
        break;
      case "stopped":
        this.#change({ stopped: event });
        break;
      case "session-summary":
        this.#change({ summary: event, questions: [] });
        break;
      case "receipt-written":
        this.#change({ receiptPath: event.path });
        break;
      case "receipt":
        this.#change({ receipt: { name: event.name, text: event.text } });
        break;
      case "rating-question":
        this.#change({ isRatingAsked: true });
        break;
      case "room-output":
        this.room.take(Uint8Array.from(atob(event.data), (character) => character.charCodeAt(0)));
        break;
      case "room-output-skipped":
        this.leftOut(event.bytes);
        break;
      case "input-error":
        break; // an answer that came too early, or to a question that is gone: what counts is shown anyway
    }
  }
}
