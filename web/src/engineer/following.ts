/**
 * What goes on in a session, told on a control stream of its own: what people write to each other, and whether work
 * stands still. An agent that does not know this ends the stream, and nothing else is harmed.
 */

import { chatLine } from "../protocol/chat";
import { ConsentryError } from "../protocol/errors";
import type { AgentToEngineer, NotSaid, PausedBy, Said, SayRefused, SayTaken } from "../protocol/generated";
import type { RelayRoute } from "../tunnel/streamConnection";
import { ControlStream } from "./controlStream";

const ANSWER_TIMEOUT_MS = 30_000;

/** The customer's program said no: nobody saw the line. */
export class LineNotTaken extends ConsentryError {
  constructor(readonly reason: NotSaid) {
    super(`console-not-said-${reason}`);
    this.name = "LineNotTaken";
  }
}

/** No answer: the line may still arrive. */
export class LineUncertain extends ConsentryError {
  constructor() {
    super("console-error-line-uncertain");
    this.name = "LineUncertain";
  }
}

export interface FollowingListener {
  readonly onsaid: (line: Said) => void;
  readonly onpaused: (by: readonly PausedBy[]) => void;
  /** The stream is over. `isKnown` is false if the customer's program never answered: it is from before all this. */
  readonly onover: (isKnown: boolean) => void;
}

export class Following {
  readonly #stream: ControlStream;
  readonly #listener: FollowingListener;
  #isKnown = false;
  #answered: ((answer: SayTaken | SayRefused | null) => void) | null = null;
  #saying: Promise<unknown> = Promise.resolve();

  constructor(route: RelayRoute, controlKey: Uint8Array, listener: FollowingListener) {
    this.#listener = listener;
    this.#stream = new ControlStream(route, controlKey, (message) => this.#take(message));
    void this.#stream.closed.then(() => {
      this.#answered?.(null);
      listener.onover(this.#isKnown);
    });
    void this.#stream.send({ type: "follow-session", after: 0 });
  }

  /** Sends what was typed; resolves when it is in the recording. Throws LineUnusable, LineNotTaken, LineUncertain. */
  say(typed: string): Promise<void> {
    const said = this.#saying.then(() => this.#say(typed));
    this.#saying = said.catch(() => undefined);
    return said;
  }

  retryNow(): void {
    this.#stream.retryNow();
  }

  close(): void {
    this.#stream.close();
  }

  async #say(typed: string): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const answer = new Promise<SayTaken | SayRefused | null>((resolve) => {
      this.#answered = resolve;
      timer = setTimeout(() => resolve(null), ANSWER_TIMEOUT_MS);
    });
    try {
      await this.#stream.send({ type: "say", text: chatLine(typed) });
      const given = await answer;
      if (given === null) throw new LineUncertain();
      if (given.type === "say-refused") throw new LineNotTaken(given.reason);
    } finally {
      clearTimeout(timer);
      this.#answered = null;
    }
  }

  #take(message: AgentToEngineer): void {
    switch (message.type) {
      case "session-moved":
        this.#isKnown = true;
        this.#listener.onpaused(message.pausedBy);
        break;
      case "said":
        this.#listener.onsaid(message);
        break;
      case "say-taken":
      case "say-refused":
        this.#answered?.(message);
        break;
      case "ended":
        // The agent waits for this, so that nobody's last word is cut off.
        this.#isKnown = true;
        this.#stream.close();
        break;
      default: // changes of the grant are told on every stream; they are listened to elsewhere
    }
  }
}
