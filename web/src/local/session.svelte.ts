/** The session as the page has it: a fold over the events that it was told, from the beginning at each connection. */

import { chatLine } from "../protocol/chat";
import { recall } from "../screens/remembered";
import { wording } from "../wording/wording.svelte";
import { PageConnection, type PageEvent } from "./connection";
import type { ConsentQuestion, Line } from "./events";
import { type Facts, fold, nothing, type Question, without } from "./facts";
import { RoomFeed } from "./roomFeed";

export class Session {
  facts = $state.raw(nothing());
  phase = $state<"connecting" | "connected" | "lost" | "over">("connecting");
  /** The agent's clock, in Unix milliseconds, a few times a second. */
  nowMs = $state(Date.now());
  readonly room = new RoomFeed();
  readonly #connection: PageConnection;
  #clock = { atMs: Date.now(), read: performance.now() };

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

  /** To the millisecond; `nowMs` may stand still for as long as the browser is busy. */
  agentNowMs(): number {
    return this.#clock.atMs + performance.now() - this.#clock.read;
  }

  #tick(): void {
    this.nowMs = this.agentNowMs();
  }

  #change(facts: Partial<Facts>): void {
    this.facts = { ...this.facts, ...facts };
  }

  #drop(number: number): void {
    this.#change({ questions: without(this.facts, number) });
  }

  #take(event: PageEvent): void {
    if (event.event === "page-opened") this.#begin(event);
    else if (event.event === "room-output")
      this.room.take(Uint8Array.from(atob(event.data), (character) => character.charCodeAt(0)));
    else this.facts = fold(this.facts, event);
  }

  /** All that has happened comes again. */
  #begin({ now_ms, language }: Extract<PageEvent, { readonly event: "page-opened" }>): void {
    this.facts = nothing();
    this.room.restart();
    this.#clock = { atMs: now_ms, read: performance.now() };
    this.#tick();
    if (recall("language") === null) wording.choose(language);
  }
}
