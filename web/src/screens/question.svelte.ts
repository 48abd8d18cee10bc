/** A question to the customer by somebody who is, or was, in: on a stream of its own, so that to withdraw it is to close that. */

import type { Conversation } from "../engineer/conversation";
import type { LiveSession } from "../engineer/pairedSession";
import type { EngineerToAgent, Granted } from "../protocol/generated";

/** As long as it stands on the customer's screen. */
const CONSENT_MS = 120_000;
const TICK_MS = 1000;

export class Question {
  isAsking = $state(false);
  failure = $state.raw<unknown>(null);
  leftMs = $state(0);
  readonly #session: LiveSession;
  #conversation: Conversation | null = null;

  constructor(session: LiveSession) {
    this.#session = session;
  }

  /** Waits for the answer; null where it was no, or the question was withdrawn meanwhile. */
  async ask(request: EngineerToAgent): Promise<Granted | null> {
    const { pairing } = this.#session;
    const conversation = pairing.converse();
    const untilMs = Date.now() + CONSENT_MS;
    const timer = setInterval(() => (this.leftMs = untilMs - Date.now()), TICK_MS);
    this.#conversation = conversation;
    this.isAsking = true;
    this.failure = null;
    this.leftMs = CONSENT_MS;
    try {
      const granted = await pairing.answered(conversation.ask(request));
      return this.#conversation === conversation ? granted : null;
    } catch (error) {
      if (this.#conversation === conversation) this.failure = error;
      return null;
    } finally {
      clearInterval(timer);
      conversation.close();
      if (this.#conversation === conversation) this.withdraw();
    }
  }

  withdraw(): void {
    this.#conversation?.close();
    this.#conversation = null;
    this.isAsking = false;
  }

  /** As new, for the next time. */
  forget(): void {
    this.withdraw();
    this.failure = null;
  }
}
