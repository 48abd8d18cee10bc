/**
 * From a code to a pairing, in the order of `engineer_client/connect.py`: whatever can be refused here (a slip in the
 * code, too many minutes, a scope beyond the engineer's, clocks that differ) is refused before the code is spent, for it works only once.
 */

import { toHex } from "../protocol/bytes";
import { checkOwnCertificate } from "../protocol/certificates";
import type { OneTimeCode } from "../protocol/codes";
import { ConsentryError } from "../protocol/errors";
import type { SshIdentity } from "../ssh/identity";
import type { Dial, RelayRoute } from "../tunnel/streamConnection";
import type { BrokerApi, Organisation } from "./api";
import { type AccessWish, PairedSession, type TellStep } from "./pairedSession";
import { pair } from "./pairing";

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

/** What the broker has made this minute is not valid now, by this computer's clock. Neither knows which is wrong. */
export class ClocksApart extends ConsentryError {
  constructor(theirsMs: number, oursMs: number) {
    const minutes = Math.round(Math.abs(theirsMs - oursMs) / 60_000);
    super("console-error-clocks-apart", { theirs: utc(theirsMs), ours: utc(oursMs), minutes });
  }
}

function utc(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 16).replace("T", " ");
}

export interface Surroundings {
  readonly api: BrokerApi;
  readonly dial: Dial;
  readonly newIdentity: () => Promise<SshIdentity>;
}

/** From a code to a pairing. `tell` hears of each step that a person has to wait for. Throws PairingFailed besides. */
export async function usePairingCode(
  { api, dial, newIdentity }: Surroundings,
  organisation: Organisation,
  code: OneTimeCode,
  wish: AccessWish,
  tell: TellStep,
): Promise<PairedSession> {
  const { profile } = organisation;
  if (!profile.browserAllowed) throw new BrowserNotAllowed();
  if (wish.minutes > profile.maxMinutes) throw new TooLongAsked(profile.maxMinutes);
  const keys = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  const certificate = await api.certificate(publicKey);
  const { madeAtMs, notBeforeMs, notAfterMs } = checkOwnCertificate(certificate, profile.engineerCaKey, publicKey);
  const now = Date.now();
  if (now < notBeforeMs || now >= notAfterMs) throw new ClocksApart(madeAtMs, now);
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
    isOver: () => isKnownToBeOver(api, sessionId),
  };
  return new PairedSession(paired, route, identity, keys.privateKey, certificate);
}

/** An answer that does not come may be on a connection that is dead: whoever waited for it for long would not dial meanwhile. */
const ANSWER_WITHIN_MS = 10_000;

/** Whether the broker says so. False where it says nothing. */
export async function isKnownToBeOver(api: Pick<BrokerApi, "session">, sessionId: string): Promise<boolean> {
  const said = await api.session(sessionId, AbortSignal.timeout(ANSWER_WITHIN_MS)).catch(() => null);
  return said?.state === "ended";
}
