/**
 * What goes on in a session, told on a control stream of its own: what people write to each other, and whether work
 * stands still. An agent that does not know this ends the stream, and nothing else is harmed.
 *
 * An agent hangs up on whoever reads too slowly, and a stream is lost when no leg could be had for too long. While the session
 * goes on, another stream follows then, from behind the last line that was told.
 */

import { chatLine } from "../protocol/chat";
import { ConsentryError } from "../protocol/errors";
import type { AgentToEngineer, NotSaid, PausedBy, Said, SayRefused, SayTaken } from "../protocol/generated";
import type { RelayRoute } from "../tunnel/streamConnection";
import { ControlStream } from "./controlStream";

const ANSWER_TIMEOUT_MS = 30_000;
const PAUSE_FIRST_MS = 500;
const PAUSE_LIMIT_MS = 30_000;

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
  /** The stream has ended before the session: another one is on its way. What is said meanwhile waits for it. */
  readonly onaway: () => void;
  /** Nothing more will be told. `isKnown` is false if the customer's program never answered: it is from before all this. */
  readonly onover: (isKnown: boolean) => void;
}

/** The part of a control stream that is needed here. */
export type FollowedStream = Pick<ControlStream, "closed" | "send" | "retryNow" | "close">;
export type OpenStream = (take: (message: AgentToEngineer) => void) => FollowedStream;

export class Following {
  readonly #open: OpenStream;
  readonly #isSessionOver: () => Promise<boolean>;
  readonly #listener: FollowingListener;
  #stream: FollowedStream;
  #isKnown = false;
  #isOver = false;
  #toldTo = 0;
  #begunAtMs = 0;
  #failures = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #goOn: (() => void) | null = null;
  #away: Promise<void> = Promise.resolve();
  #answered: ((answer: SayTaken | SayRefused | null) => void) | null = null;
  #saying: Promise<unknown> = Promise.resolve();

  constructor(open: OpenStream, isSessionOver: () => Promise<boolean>, listener: FollowingListener) {
    this.#open = open;
    this.#isSessionOver = isSessionOver;
    this.#listener = listener;
    this.#stream = this.#begin();
  }

  static of(route: RelayRoute, controlKey: Uint8Array, listener: FollowingListener): Following {
    return new Following((take) => new ControlStream(route, controlKey, take), route.isOver, listener);
  }

  #begin(): FollowedStream {
    this.#begunAtMs = performance.now();
    const stream = this.#open((message) => this.#take(message));
    void stream.closed.then(() => this.#closed());
    void stream.send({ type: "follow-session", after: this.#toldTo });
    return stream;
  }

  async #closed(): Promise<void> {
    this.#answered?.(null);
    let goOn: () => void = () => undefined;
    this.#away = new Promise((resolve) => {
      goOn = resolve;
    });
    if (!this.#isOver && this.#isKnown) this.#listener.onaway();
    // The broker may be out of reach, too, and then says nothing: this is tried until it says that the session is over.
    while (!this.#isOver && this.#isKnown && !(await this.#isSessionOver())) {
      await this.#paused();
      if (this.#isOver) break;
      this.#stream = this.#begin();
      goOn();
      return;
    }
    this.#isOver = true;
    goOn();
    this.#listener.onover(this.#isKnown);
  }

  /** Longer each time, until a stream lasts; `retryNow` cuts it short. */
  async #paused(): Promise<void> {
    if (performance.now() - this.#begunAtMs > PAUSE_LIMIT_MS) this.#failures = 0;
    const pauseMs = Math.min(PAUSE_LIMIT_MS, PAUSE_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
      this.#pause = setTimeout(resolve, Math.random() * pauseMs);
    });
    clearTimeout(this.#pause);
    this.#goOn = null;
  }

  /** Sends what was typed; resolves when it is in the recording. Throws LineUnusable, LineNotTaken, LineUncertain. */
  say(typed: string): Promise<void> {
    const said = this.#saying.then(() => this.#say(typed));
    this.#saying = said.catch(() => undefined);
    return said;
  }

  retryNow(): void {
    this.#goOn?.();
    this.#stream.retryNow();
  }

  close(): void {
    this.#isOver = true;
    this.#goOn?.();
    this.#stream.close();
  }

  async #say(typed: string): Promise<void> {
    const text = chatLine(typed);
    await this.#away;
    if (this.#isOver) throw new LineUncertain();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const answer = new Promise<SayTaken | SayRefused | null>((resolve) => {
      this.#answered = resolve;
      timer = setTimeout(() => resolve(null), ANSWER_TIMEOUT_MS);
    });
    try {
      await this.#stream.send({ type: "say", text });
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
        this.#toldTo = message.number;
        this.#listener.onsaid(message);
        break;
      case "say-taken":
      case "say-refused":
        this.#answered?.(message);
        break;
      case "ended":
        // The agent waits for this, so that nobody's last word is cut off.
        this.#isKnown = true;
        this.#isOver = true;
        this.#stream.close();
        break;
      default: // changes of the grant are told on every stream; they are listened to elsewhere
    }
  }
}
