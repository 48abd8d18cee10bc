/** The sealed conversation with the customer's agent, over a stream of kind `control`. */

import { ConsentryError, PeerError } from "../protocol/errors";
import type {
  AdmitSshKey,
  AgentToEngineer,
  ColleagueInvited,
  Denied,
  EndReason,
  EngineerToAgent,
  Granted,
  GrantMoved,
  SshKeyAdmitted,
  TakenOver,
} from "../protocol/generated";
import type { RelayRoute } from "../tunnel/streamConnection";
import { ControlStream } from "./controlStream";

/** The customer has 120 s, and the agent up to 15 s to have the first record on disk before it says yes. */
const CONSENT_TIMEOUT_MS = 150_000;

/** The customer, or a rule of theirs, said no. */
export class AccessDenied extends ConsentryError {
  constructor(readonly reason: Denied["reason"]) {
    super(`console-denied-${reason}`);
    this.name = "AccessDenied";
  }
}

/** The session has ended, whoever ended it. */
export class SessionHasEnded extends ConsentryError {
  constructor(readonly reason: EndReason) {
    super(`console-ended-${reason}`);
    this.name = "SessionHasEnded";
  }
}

/** The stream is there, but no answer comes through it. */
export class AgentSilent extends ConsentryError {
  constructor() {
    super("console-error-agent-silent");
    this.name = "AgentSilent";
  }
}

const ANSWERS = new Set<AgentToEngineer["type"]>(["granted", "denied", "ssh-key-admitted", "colleague-invited"]);

type Answer = Granted | Denied | SshKeyAdmitted | ColleagueInvited;

export class Conversation {
  /** Resolves with why the session is over. It never rejects. */
  readonly ended: Promise<EndReason>;
  onGrantMoved: (moved: GrantMoved) => void = () => undefined;
  /** Somebody has this engineer's place, as the customer allowed; that nothing is left was said before. */
  onTakenOver: (told: TakenOver) => void = () => undefined;
  readonly #stream: ControlStream;
  #lastAnswer: Promise<unknown> = Promise.resolve();
  #answered: (answer: Answer) => void = () => undefined;
  #attested: (matches: boolean) => void = () => undefined;
  #resolveEnded: (reason: EndReason) => void = () => undefined;

  constructor(route: RelayRoute, controlKey: Uint8Array) {
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#stream = new ControlStream(route, controlKey, (message) => this.#take(message));
    void this.#stream.closed.then(() => this.#resolveEnded("lost"));
  }

  /** Asks, and waits for the customer. Throws AccessDenied, SessionHasEnded, AgentSilent. */
  async ask(request: EngineerToAgent): Promise<Granted> {
    const answer = await this.#answer(request);
    if (answer.type !== "granted") throw new PeerError("an answer to another question");
    return answer;
  }

  /** Lets one more SSH key in. Throws AccessDenied, SessionHasEnded, AgentSilent. */
  async admitSshKey(offer: AdmitSshKey): Promise<void> {
    const answer = await this.#answer(offer);
    if (answer.type !== "ssh-key-admitted") throw new PeerError("an answer to another question");
  }

  /** A code that lets a colleague ask the customer, too. Throws AccessDenied, SessionHasEnded, AgentSilent. */
  async inviteColleague(): Promise<ColleagueInvited> {
    const answer = await this.#answer({ type: "invite-colleague" });
    if (answer.type !== "colleague-invited") throw new PeerError("an answer to another question");
    return answer;
  }

  /** One question at a time: the next one waits until this one is answered. */
  #answer(question: EngineerToAgent): Promise<Exclude<Answer, Denied>> {
    const answered = this.#lastAnswer.then(() => this.#askNow(question));
    this.#lastAnswer = answered.catch(() => undefined);
    return answered;
  }

  async #askNow(request: EngineerToAgent): Promise<Exclude<Answer, Denied>> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#answered = resolve;
      timer = setTimeout(() => reject(new AgentSilent()), CONSENT_TIMEOUT_MS);
      void this.ended.then((reason) => reject(new SessionHasEnded(reason)));
    });
    await this.#stream.send(request);
    try {
      const said = await answer;
      if (said.type === "denied") throw new AccessDenied(said.reason);
      return said;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks the agent to end the session; `ended` says when it is over. */
  endSession(): Promise<void> {
    return this.#stream.send({ type: "end-session" });
  }

  /** Whether the agent saw the same output; null if it does not say so in time. */
  async attest(message: EngineerToAgent, timeoutMs: number): Promise<boolean | null> {
    const answer = new Promise<boolean | null>((resolve) => {
      this.#attested = resolve;
      setTimeout(() => resolve(null), timeoutMs);
    });
    await this.#stream.send(message);
    return answer;
  }

  retryNow(): void {
    this.#stream.retryNow();
  }

  /** Leaves in order; a question that stands is taken along. */
  close(): void {
    this.#stream.close();
  }

  #take(message: AgentToEngineer): void {
    if (message.type === "grant-moved") this.onGrantMoved(message);
    else if (message.type === "taken-over") this.onTakenOver(message);
    else if (message.type === "ended") this.#resolveEnded(message.reason);
    else if (message.type === "attested") this.#attested(message.matches);
    else if (ANSWERS.has(message.type)) this.#answered(message as Answer);
    else throw new PeerError("an answer to a question that was not asked");
  }
}
