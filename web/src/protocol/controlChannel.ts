/**
 * The engineer's end of the sealed channel to the agent, inside a stream of kind `control`.
 *
 *     frame = length u32 ‖ AES-256-GCM(key of this direction, nonce = counter u96, AAD = length)
 *
 * WebCrypto seals and opens, which takes its time: calls are worked off one after the other, so frames keep their order.
 * After an error the channel stays shut.
 */

import { type Bytes, concat, readU32, u32 } from "./bytes";
import { ConsentryError, PeerError } from "./errors";
import { type AgentToEngineer, CONTROL_FRAME_LIMIT_BYTES, type EngineerToAgent } from "./generated";
import { controlStreamKeys } from "./keySchedule";
import { decodeFromAgent, encodeMessage } from "./messages";

const LENGTH_BYTES = 4;
const TAG_BYTES = 16;

/** A frame does not open: changed, dropped, repeated or reordered on the way. */
export class ControlChannelForged extends ConsentryError {
  constructor() {
    super("console-error-forged");
    this.name = "ControlChannelForged";
  }
}

/** A message that we were about to send is over the limit of a control frame. */
export class ControlMessageTooLong extends ConsentryError {
  constructor() {
    super("console-error-too-long", { limit_bytes: CONTROL_FRAME_LIMIT_BYTES });
    this.name = "ControlMessageTooLong";
  }
}

export class ControlChannel {
  readonly #sealKey: Promise<CryptoKey>;
  readonly #openKey: Promise<CryptoKey>;
  #sentFrames = 0;
  #receivedFrames = 0;
  #buffer: Bytes = new Uint8Array();
  #sealing: Promise<unknown> = Promise.resolve();
  #opening: Promise<unknown> = Promise.resolve();
  #error: unknown = null;

  constructor(controlKey: Uint8Array, streamId: Uint8Array) {
    const keys = controlStreamKeys(controlKey, streamId);
    this.#sealKey = importKey(keys.engineerToAgent, "encrypt");
    this.#openKey = importKey(keys.agentToEngineer, "decrypt");
  }

  /** The bytes to write to the stream. Throws ControlMessageTooLong; the channel stays usable then. */
  seal(message: EngineerToAgent): Promise<Uint8Array> {
    const plaintext = encodeMessage(message);
    if (plaintext.length > CONTROL_FRAME_LIMIT_BYTES) return Promise.reject(new ControlMessageTooLong());
    const length = u32(plaintext.length + TAG_BYTES);
    const iv = nonce(this.#sentFrames);
    this.#sentFrames += 1;
    const sealed = this.#sealing.then(async () => {
      const parameters = { name: "AES-GCM", iv, additionalData: length };
      const body = await crypto.subtle.encrypt(parameters, await this.#sealKey, plaintext as Bytes);
      return concat(length, new Uint8Array(body));
    });
    this.#sealing = sealed;
    return sealed;
  }

  /** Messages that are whole now, in order. Throws PeerError and ControlChannelForged, from then on always. */
  receiveData(data: Uint8Array): Promise<AgentToEngineer[]> {
    this.#buffer = concat(this.#buffer, data);
    const opened = this.#opening.then(() => this.#wholeMessages());
    this.#opening = opened.catch(() => undefined);
    return opened;
  }

  async #wholeMessages(): Promise<AgentToEngineer[]> {
    if (this.#error) throw this.#error;
    const messages: AgentToEngineer[] = [];
    try {
      while (this.#buffer.length >= LENGTH_BYTES) {
        const lengthBytes = readU32(this.#buffer, 0);
        if (lengthBytes <= TAG_BYTES || lengthBytes > CONTROL_FRAME_LIMIT_BYTES + TAG_BYTES)
          throw new PeerError(`a control frame of ${lengthBytes} bytes`);
        const end = LENGTH_BYTES + lengthBytes;
        if (this.#buffer.length < end) break;
        const frame = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end);
        messages.push(decodeFromAgent(await this.#open(frame)));
      }
    } catch (error) {
      this.#error = error;
      this.#buffer = new Uint8Array();
      throw error;
    }
    return messages;
  }

  async #open(frame: Bytes): Promise<Uint8Array> {
    const iv = nonce(this.#receivedFrames);
    this.#receivedFrames += 1;
    const parameters = { name: "AES-GCM", iv, additionalData: frame.slice(0, LENGTH_BYTES) };
    try {
      return new Uint8Array(
        await crypto.subtle.decrypt(parameters, await this.#openKey, frame.slice(LENGTH_BYTES) as Bytes),
      );
    } catch {
      throw new ControlChannelForged();
    }
  }
}

function importKey(key: Uint8Array, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key as Bytes, "AES-GCM", false, [usage]);
}

/** The counter as a 96-bit integer: 2^32 frames of one channel are out of reach. */
function nonce(counter: number): Bytes {
  return concat(new Uint8Array(8), u32(counter));
}
