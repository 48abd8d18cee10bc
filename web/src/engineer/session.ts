/**
 * From a code to a granted session, in the order of `engineer_client/connect.py`: whatever can be refused here (a slip in
 * the code, too many minutes, a scope beyond the engineer's) is refused before the code is spent, for it works only once.
 */

import { signAccessRequest } from "../protocol/accessRequest";
import { toHex } from "../protocol/bytes";
import { checkOwnCertificate } from "../protocol/certificates";
import type { OneTimeCode } from "../protocol/codes";
import { ConsentryError } from "../protocol/errors";
import type { Granted, Scope } from "../protocol/generated";
import type { SshIdentity } from "../ssh/identity";
import type { Dial, RelayRoute } from "../tunnel/streamConnection";
import type { BrokerApi, Organisation } from "./api";
import { Conversation } from "./conversation";
import { type Paired, pair } from "./pairing";

/** What the engineer wants, and why. */
export interface AccessWish {
  readonly reason: string;
  readonly ticket: string;
  readonly scopes: readonly Scope[];
  readonly minutes: number;
  /** Comes in for whoever has this staff number, or for the only one who is in where it is empty; null: for themselves. */
  readonly takesOver: string | null;
}

/** A session that was granted. Its keys exist only in this page. */
export interface LiveSession {
  readonly sessionId: string;
  readonly paired: Paired;
  readonly granted: Granted;
  readonly conversation: Conversation;
  readonly route: RelayRoute;
  readonly identity: SshIdentity;
  readonly engineerKey: CryptoKey;
}

export type Step = "checking-code" | "waiting-for-consent";

export class BrowserNotAllowed extends ConsentryError {
  constructor() {
    super("console-error-browser-not-allowed");
  }
}

export class TooLongAsked extends ConsentryError {
  constructor(limit: number) {
    super("console-error-too-many-minutes", { limit });
  }
}

export interface Surroundings {
  readonly api: BrokerApi;
  readonly dial: Dial;
  readonly newIdentity: () => Promise<SshIdentity>;
}

/** The whole way. `tell` hears of each step that a person has to wait for; `leave` is called to stop waiting. */
export async function establish(
  { api, dial, newIdentity }: Surroundings,
  organisation: Organisation,
  code: OneTimeCode,
  wish: AccessWish,
  tell: (step: Step, leave: () => void) => void,
): Promise<LiveSession> {
  const { profile } = organisation;
  if (!profile.browserAllowed) throw new BrowserNotAllowed();
  if (wish.minutes > profile.maxMinutes) throw new TooLongAsked(profile.maxMinutes);
  const keys = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  const certificate = await api.certificate(publicKey);
  checkOwnCertificate(certificate, profile.engineerCaKey, publicKey);
  const identity = await newIdentity();
  tell("checking-code", () => undefined);
  const paired = await pair(dial, organisation, code, certificate);
  const sessionId = toHex(paired.sessionId);
  const route: RelayRoute = {
    brokerOrigin: profile.brokerOrigin,
    legTicket: paired.legTicket,
    keys: paired.keys,
    resumeWindowMs: profile.resumeWindowSeconds * 1000,
    dial,
    isOver: async () => (await api.session(sessionId).catch(() => null))?.state === "ended",
  };
  const request = await signAccessRequest(keys.privateKey, paired.keys.transcriptHash, {
    certificate,
    ...wish,
    sshUserKey: identity.publicBlob,
    client: "browser",
  });
  const conversation = new Conversation(route, paired.keys.controlKey);
  tell("waiting-for-consent", () => conversation.close());
  try {
    const granted = await conversation.ask(request);
    return { sessionId, paired, granted, conversation, route, identity, engineerKey: keys.privateKey };
  } catch (error) {
    conversation.close();
    throw error;
  }
}
