/**
 * What a right code leaves in this page. Whoever has it may ask the customer, and ask again after a refusal or after they
 * were sent out, for as long as the session goes on: the same pairing, and a question of its own each time.
 */

import { signAccessRequest } from "../protocol/accessRequest";
import { toHex } from "../protocol/bytes";
import { ConsentryError } from "../protocol/errors";
import { type Granted, REFUSAL_LIMIT, type RequestAccess, type RequestPlace, type Scope } from "../protocol/generated";
import type { SshIdentity } from "../ssh/identity";
import type { RelayRoute } from "../tunnel/streamConnection";
import { AccessDenied, Conversation, SessionHasEnded } from "./conversation";
import type { Paired } from "./pairing";

/** What the engineer wants, and why. */
export interface AccessWish {
  readonly reason: string;
  readonly ticket: string;
  readonly scopes: readonly Scope[];
  readonly minutes: number;
  /** Comes in for whoever has this staff number, or for the only one who is in where it is empty; null: for themselves. */
  readonly takesOver: string | null;
}

export type Step = "checking-code" | "waiting-for-consent";
/** Hears of each step that a person has to wait for; `leave` is called to stop waiting. */
export type TellStep = (step: Step, leave: () => void) => void;

/** A session that was granted. Its keys exist only in this page. */
export interface LiveSession {
  readonly pairing: PairedSession;
  readonly sessionId: string;
  readonly paired: Paired;
  readonly granted: Granted;
  readonly conversation: Conversation;
  readonly route: RelayRoute;
  readonly identity: SshIdentity;
  readonly engineerKey: CryptoKey;
}

/** The customer has refused so often in a row that their program asks them no more for this pairing. */
export class AskedTooOften extends ConsentryError {
  constructor() {
    super("console-error-asked-too-often", { limit: REFUSAL_LIMIT });
    this.name = "AskedTooOften";
  }
}

export class PairedSession {
  readonly sessionId: string;
  /** In a row, as the customer's agent counts them (protocol/grants.py). */
  #refusals = 0;

  constructor(
    readonly paired: Paired,
    readonly route: RelayRoute,
    readonly identity: SshIdentity,
    readonly engineerKey: CryptoKey,
    readonly certificate: Uint8Array,
  ) {
    this.sessionId = toHex(paired.sessionId);
  }

  /** Asks the customer for access. Throws AccessDenied, AskedTooOften, SessionHasEnded, AgentSilent. */
  async ask(wish: AccessWish, tell: TellStep): Promise<LiveSession> {
    const request = await this.request(wish);
    const conversation = this.converse();
    tell("waiting-for-consent", () => conversation.close());
    try {
      return this.live(await this.answered(conversation.ask(request)), conversation);
    } catch (error) {
      conversation.close();
      throw error;
    }
  }

  /** A request for access, signed anew: it is checked like the first one. */
  request(wish: AccessWish): Promise<RequestAccess | RequestPlace> {
    const { engineerKey, paired, certificate, identity } = this;
    const unsigned = { certificate, ...wish, sshUserKey: identity.publicBlob, client: "browser" } as const;
    return signAccessRequest(engineerKey, paired.keys.transcriptHash, unsigned);
  }

  converse(): Conversation {
    return new Conversation(this.route, this.paired.keys.controlKey);
  }

  /** What came of a question to the customer, whoever put it. Throws AskedTooOften for a refusal that means this. */
  async answered(question: Promise<Granted>): Promise<Granted> {
    try {
      const granted = await question;
      this.#refusals = 0;
      return granted;
    } catch (error) {
      if (error instanceof AccessDenied && error.reason === "policy" && this.#refusals >= REFUSAL_LIMIT)
        throw new AskedTooOften();
      if (isRefusal(error)) this.#refusals += 1;
      throw error;
    }
  }

  live(granted: Granted, conversation: Conversation): LiveSession {
    const { sessionId, paired, route, identity, engineerKey } = this;
    return { pairing: this, sessionId, paired, route, identity, engineerKey, granted, conversation };
  }
}

/** No, nothing, or a question that was withdrawn: hanging up takes it along. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AccessDenied) return error.reason === "customer" || error.reason === "timeout";
  return error instanceof SessionHasEnded;
}
