/**
 * The engineer's half of a pairing, as the machine of `protocol/pairing.py`:
 *
 *     made         sends ya, `waiting_for_yb`
 *     yb           sends ta, `waiting_for_tb`
 *     tb, right    `paired`          tb, wrong    `wrong-code`
 *     any other    `broken`          30 s         `expired`
 *
 * The broker carries the mail and is not trusted with it: whatever it changes is part of the context or of the
 * transcript, and then the two ends simply do not agree. What it knew of the secret is let go at the end.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, isSameTag, utf8 } from "./bytes";
import type { OneTimeCode } from "./codes";
import * as cpace from "./cpace";
import { PeerError } from "./errors";
import {
  AGENT_KEY_BYTES,
  HOST_KEY_LIMIT_BYTES,
  PAIRING_TIMEOUT_MS,
  type PairingMail,
  type PairingOutcome,
  SHARE_BYTES,
} from "./generated";
import { derivePairingKeys, type PairingKeys } from "./keySchedule";

const PAIRING_LABEL = utf8("consentry/pairing/v1");

// The wire form of an OpenSSH public key begins with its type (RFC 4253 section 6.6).
const HOST_KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256"] as const;

/** What both ends know before the first message. All of it is public, and all of it must be the same at both. */
export interface PairingContext {
  readonly brokerOrigin: string;
  readonly rootKey: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly nameplate: string;
  readonly engineerNonce: Uint8Array;
  readonly agentNonce: Uint8Array;
}

/** What the agent vouches for: its session key, and its SSH host keys (Ed25519, ECDSA P-256) as OpenSSH blobs. */
export interface AgentIdentity {
  readonly agentKey: Uint8Array;
  readonly ed25519HostKey: Uint8Array;
  readonly ecdsaHostKey: Uint8Array;
}

/** CPace's CI: who talks to whom about what, through whom. */
export function channelId(context: PairingContext): Bytes {
  return cpace.lvCat(
    PAIRING_LABEL,
    utf8(context.brokerOrigin),
    context.rootKey,
    context.sessionId,
    utf8(context.nameplate),
    utf8("A=engineer"),
    utf8("B=agent"),
  );
}

export function certificateHash(certificate: Uint8Array): Uint8Array {
  return sha256(certificate);
}

/** Throws PeerError. */
export function decodeAgentIdentity(data: Uint8Array): AgentIdentity {
  const [label, agentKey, ed25519HostKey, ecdsaHostKey, ...more] = cpace.lvSplit(data);
  if (
    !label ||
    !isSameTag(label, utf8("agent")) ||
    agentKey?.length !== AGENT_KEY_BYTES ||
    !isHostKey(ed25519HostKey, HOST_KEY_TYPES[0]) ||
    !isHostKey(ecdsaHostKey, HOST_KEY_TYPES[1]) ||
    more.length
  )
    throw new PeerError("an agent that does not say who it is");
  return { agentKey, ed25519HostKey, ecdsaHostKey };
}

function isHostKey(blob: Uint8Array | undefined, type: string): blob is Uint8Array {
  const start = concat(Uint8Array.from([0, 0, 0, type.length]), utf8(type));
  return !!blob && blob.length <= HOST_KEY_LIMIT_BYTES && isSameTag(blob.slice(0, start.length), start);
}

/** One run of CPace. It knows the secret, so nothing of it outlives the machine. */
interface Run {
  readonly scalar: Uint8Array;
  readonly ownShare: Uint8Array;
  readonly ownAd: Uint8Array;
  theirShare: Uint8Array;
  theirAd: Uint8Array;
  isk: Uint8Array;
}

export type PairingState = "waiting_for_yb" | "waiting_for_tb" | "finished";

/** Runs once. Throws PeerError if the context is of another nameplate than the code. */
export class EngineerPairing {
  state: PairingState = "waiting_for_yb";
  outcome: PairingOutcome | null = null;
  readonly #context: PairingContext;
  readonly #sid: Uint8Array;
  readonly #deadlineMs: number;
  #run: Run | null;
  #outgoing: PairingMail[] = [];
  #agent: AgentIdentity | null = null;
  #keys: PairingKeys | null = null;

  constructor(
    code: OneTimeCode,
    context: PairingContext,
    certificateHash: Uint8Array,
    nowMs: number,
    newScalar: () => Uint8Array = cpace.newScalar,
  ) {
    if (code.nameplate !== context.nameplate) throw new PeerError("the broker began to pair another code");
    this.#context = context;
    this.#sid = concat(context.engineerNonce, context.agentNonce);
    this.#deadlineMs = nowMs + PAIRING_TIMEOUT_MS;
    const scalar = newScalar();
    const ownShare = cpace.publicShare(scalar, cpace.generator(utf8(code.secret), channelId(context), this.#sid));
    const nothing = new Uint8Array();
    const ownAd = cpace.lvCat(utf8("engineer"), certificateHash);
    this.#run = { scalar, ownShare, ownAd, theirShare: nothing, theirAd: nothing, isk: nothing };
    this.#send("ya", concat(ownShare, ownAd));
  }

  /** Only when the other end has proved that it knows the code. */
  get keys(): PairingKeys | null {
    return this.#keys;
  }

  /** Whom the code belongs to; null until they have proved it. */
  get agent(): AgentIdentity | null {
    return this.outcome === "paired" ? this.#agent : null;
  }

  /** When to call `handleTime`, on the caller's clock; null once it is over. */
  get deadlineMs(): number | null {
    return this.outcome ? null : this.#deadlineMs;
  }

  /** Takes one message. Never throws: what is wrong with it becomes the outcome. After the end nothing happens. */
  receiveMail(mail: PairingMail, nowMs: number): void {
    this.handleTime(nowMs);
    if (!this.#run) return;
    try {
      if (mail.nameplate !== this.#context.nameplate) throw new PeerError("mail of another code");
      if (this.state === "waiting_for_yb" && mail.phase === "yb") this.#receiveYb(this.#run, mail.body);
      else if (this.state === "waiting_for_tb" && mail.phase === "tb") this.#receiveTb(this.#run, mail.body);
      else throw new PeerError("mail out of turn");
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.#finish("broken");
    }
  }

  /** Messages to hand to the broker, in order; each is given once. */
  mailToSend(): PairingMail[] {
    return this.#outgoing.splice(0);
  }

  handleTime(nowMs: number): void {
    if (!this.outcome && nowMs >= this.#deadlineMs) this.#finish("expired");
  }

  /** Ends it from outside: the broker gave a verdict, a person cancelled, the connection was lost. */
  close(outcome: PairingOutcome): void {
    if (!this.outcome) this.#finish(outcome === "paired" ? "broken" : outcome);
  }

  #receiveYb(run: Run, body: Uint8Array): void {
    run.theirShare = body.slice(0, SHARE_BYTES);
    run.theirAd = body.slice(SHARE_BYTES);
    this.#agent = decodeAgentIdentity(run.theirAd);
    const point = cpace.sharedPoint(run.scalar, run.theirShare);
    run.isk = cpace.intermediateKey(point, this.#sid, this.#transcript(run));
    this.#send("ta", cpace.confirmationTag(run.isk, this.#sid, run.ownShare, run.ownAd));
    this.state = "waiting_for_tb";
  }

  #receiveTb(run: Run, body: Uint8Array): void {
    const right = cpace.confirmationTag(run.isk, this.#sid, run.theirShare, run.theirAd);
    this.#finish(isSameTag(right, body) ? "paired" : "wrong-code");
  }

  #transcript(run: Run): Uint8Array {
    return cpace.transcriptIr(run.ownShare, run.ownAd, run.theirShare, run.theirAd);
  }

  #send(phase: PairingMail["phase"], body: Uint8Array): void {
    this.#outgoing.push({ type: "pairing-mail", nameplate: this.#context.nameplate, phase, body });
  }

  #finish(outcome: PairingOutcome): void {
    if (outcome === "paired" && this.#run) {
      const transcript = concat(cpace.lvCat(channelId(this.#context), this.#sid), this.#transcript(this.#run));
      this.#keys = derivePairingKeys(this.#run.isk, this.#sid, transcript);
    } else {
      this.#outgoing.length = 0;
    }
    this.outcome = outcome;
    this.state = "finished";
    this.#run = null;
  }
}
