/** AES-256-GCM as SSH uses it (RFC 5647, as amended by OpenSSH's PROTOCOL, section 1.6), over WebCrypto. */

import "./globals";
import { type Cipher, EncryptionAlgorithm } from "@microsoft/dev-tunnels-ssh";
import type { Buffer } from "buffer";
import type { Bytes } from "../protocol/bytes";

export const TAG_BYTES = 16;
export const BLOCK_BYTES = 16;
/** In the clear, and authenticated. */
export const LENGTH_BYTES = 4;

const NONCE_BYTES = 12;
const FIXED_BYTES = 4;

/** One direction under one key. Nonces are counted when a packet begins its way through WebCrypto: any number may be on it. */
export class GcmCipher implements Cipher {
  readonly blockLength = BLOCK_BYTES;
  readonly digestLength = TAG_BYTES;
  readonly authenticatedEncryption = true;
  readonly #key: CryptoKey;
  readonly #nonce: Bytes;

  constructor(key: CryptoKey, nonce: Bytes) {
    this.#key = key;
    this.#nonce = nonce;
  }

  /** All of `packet` that is behind its length, and the tag. */
  seal(packet: Bytes): Promise<ArrayBuffer> {
    const parameters = this.#next(packet.subarray(0, LENGTH_BYTES));
    return crypto.subtle.encrypt(parameters, this.#key, packet.subarray(LENGTH_BYTES));
  }

  /** The opposite, of a packet with its length in front. Rejects with OperationError what nobody with the key has sealed. */
  async open(sealed: Bytes): Promise<Bytes> {
    const parameters = this.#next(sealed.subarray(0, LENGTH_BYTES));
    return new Uint8Array(await crypto.subtle.decrypt(parameters, this.#key, sealed.subarray(LENGTH_BYTES)));
  }

  #next(additionalData: Bytes): AesGcmParams {
    const iv = this.#nonce.slice();
    for (let at = NONCE_BYTES - 1; at >= FIXED_BYTES; at -= 1) {
      const byte = ((this.#nonce[at] ?? 0) + 1) & 0xff;
      this.#nonce[at] = byte;
      if (byte) break;
    }
    return { name: "AES-GCM", iv, additionalData, tagLength: 8 * TAG_BYTES };
  }

  /** The library's own way, one packet at a time: `Packets` has taken its place before there is a key. */
  transform(): Promise<Buffer> {
    return Promise.reject(new Error("packets go through seal and open"));
  }

  dispose(): void {}
}

export class Gcm extends EncryptionAlgorithm {
  readonly keyLength = 32;
  readonly blockLength = BLOCK_BYTES;

  constructor() {
    super("aes256-gcm@openssh.com");
  }

  /** `key` and `iv` are overwritten by their owner afterwards. */
  override async createCipher(isEncryption: boolean, key: Buffer, iv: Buffer): Promise<Cipher> {
    const nonce = new Uint8Array(iv.subarray(0, NONCE_BYTES));
    const usages: KeyUsage[] = [isEncryption ? "encrypt" : "decrypt"];
    return new GcmCipher(await crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, usages), nonce);
  }
}
