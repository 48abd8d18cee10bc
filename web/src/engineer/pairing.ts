/** The engineer's half of a pairing over the broker's websocket, as `engineer_client/pairing.py`. */

import { areEqual, randomBytes } from "../protocol/bytes";
import type { OneTimeCode } from "../protocol/codes";
import { ConsentryError } from "../protocol/errors";
import {
  type BrokerToEngineer,
  HELLO_TIMEOUT_SECONDS,
  NONCE_BYTES,
  PAIRING_TIMEOUT_MS,
  type PairingOutcome,
  SUBPROTOCOL,
} from "../protocol/generated";
import type { PairingKeys } from "../protocol/keySchedule";
import { decodeFromBroker, encodeMessage } from "../protocol/messages";
import { type AgentIdentity, certificateHash, EngineerPairing } from "../protocol/pairing";
import type { Dial } from "../tunnel/streamConnection";
import { BrokerRefused, type Organisation } from "./api";

/** How a code ended that was not accepted: `wrong-code`, `expired`, `cancelled`, `lost`, `broken`. */
export class PairingFailed extends ConsentryError {
  constructor(readonly outcome: PairingOutcome) {
    super(`console-pairing-${outcome}`);
    this.name = "PairingFailed";
  }
}

/** What a right code gives: who is at the other end, keys with them, and a ticket for the relay. */
export interface Paired {
  readonly sessionId: Uint8Array;
  readonly agent: AgentIdentity;
  readonly keys: PairingKeys;
  readonly legTicket: string;
}

/** Proves the code to the customer's agent and has it proved. Throws PairingFailed and BrokerRefused. */
export async function pair(
  dial: Dial,
  organisation: Organisation,
  code: OneTimeCode,
  certificate: Uint8Array,
): Promise<Paired> {
  const { brokerOrigin } = organisation.profile;
  const mailbox = new Mailbox(dial(`${brokerOrigin.replace(/^http/, "ws")}/v1/pairing`, [SUBPROTOCOL]));
  try {
    const engineerNonce = randomBytes(NONCE_BYTES);
    mailbox.send(encodeMessage({ type: "claim-code", version: 1, nameplate: code.nameplate, engineerNonce }));
    const started = await mailbox.receive(HELLO_TIMEOUT_SECONDS * 1000);
    const isOurs =
      started.type === "pairing-started" &&
      started.nameplate === code.nameplate &&
      areEqual(started.engineerNonce, engineerNonce);
    if (!isOurs) throw ending(started);
    const context = { ...started, brokerOrigin, rootKey: organisation.rootKey };
    const machine = new EngineerPairing(code, context, certificateHash(certificate), performance.now());
    return await exchange(mailbox, machine, started.sessionId);
  } finally {
    mailbox.close();
  }
}

async function exchange(mailbox: Mailbox, machine: EngineerPairing, sessionId: Uint8Array): Promise<Paired> {
  for (;;) {
    for (const mail of machine.mailToSend()) mailbox.send(encodeMessage(mail));
    if (machine.outcome && machine.outcome !== "paired") throw new PairingFailed(machine.outcome);
    const message = await mailbox.receive(PAIRING_TIMEOUT_MS);
    const { keys, agent } = machine;
    if (message.type === "pairing-mail") machine.receiveMail(message, performance.now());
    else if (message.type === "pairing-admitted" && keys && agent)
      return { sessionId, agent, keys, legTicket: message.legTicket };
    else throw ending(message);
  }
}

function ending(message: BrokerToEngineer): ConsentryError {
  if (message.type === "refused") return new BrokerRefused(message.code, message.sentence, 0);
  if (message.type === "pairing-failed" && message.outcome !== "paired") return new PairingFailed(message.outcome);
  return new PairingFailed("broken");
}

/** A websocket, one message after the other. */
class Mailbox {
  readonly #socket: WebSocket;
  readonly #open: Promise<void>;
  readonly #arrived: unknown[] = [];
  #isClosed = false;
  #stirred: () => void = () => undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    this.#open = new Promise((resolve) => {
      socket.onopen = () => resolve();
    });
    socket.onmessage = ({ data }) => {
      this.#arrived.push(data);
      this.#stirred();
    };
    socket.onclose = () => {
      this.#isClosed = true;
      this.#stirred();
    };
  }

  send(data: Uint8Array): void {
    void this.#open.then(() => this.#socket.send(data as Uint8Array<ArrayBuffer>));
  }

  /** Throws PairingFailed: `lost` when the connection has gone, `expired` when nothing came in time. */
  async receive(timeoutMs: number): Promise<BrokerToEngineer> {
    if (!this.#arrived.length && !this.#isClosed) await this.#somethingWithin(timeoutMs);
    if (!this.#arrived.length) throw new PairingFailed(this.#isClosed ? "lost" : "expired");
    const data = this.#arrived.shift();
    if (!(data instanceof ArrayBuffer)) throw new PairingFailed("broken");
    return decodeFromBroker(new Uint8Array(data));
  }

  close(): void {
    this.#socket.close();
  }

  #somethingWithin(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#stirred = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
