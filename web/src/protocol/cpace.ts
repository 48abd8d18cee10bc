/**
 * CPACE-X25519-SHA512, initiator-responder (draft-irtf-cfrg-cpace-21), as `protocol/cpace.py`.
 *
 * Nothing here keeps a state: who sends what when is `pairing.ts`. Proved against the draft's vectors and ours.
 */

import { x25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, utf8 } from "./bytes";
import { PeerError } from "./errors";
import { SHARE_BYTES } from "./generated";

const DSI = utf8("CPace255");
const DSI_ISK = utf8("CPace255_ISK");
const CONFIRMATION_LABEL = utf8("CPaceMac");

const HASH_BLOCK_BYTES = 128;
const PRIME = 2n ** 255n - 19n;
const MONTGOMERY_A = 486662n;
const NON_SQUARE = 2n;

/** A public share that is no share: of the wrong length, or one of the low-order points that would fix the key. */
export class ShareRefused extends PeerError {
  constructor() {
    super("a public key that cannot be used");
  }
}

/** Length-value concatenation: injective, so no two lists of fields give the same bytes. */
export function lvCat(...items: readonly Uint8Array[]): Bytes {
  return concat(...items.flatMap((item) => [leb128(item.length), item]));
}

/** The items that `lvCat` joined. Throws PeerError if `lvCat` of no list gives these bytes. */
export function lvSplit(data: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  let rest = data;
  while (rest.length) {
    const [length, headerBytes] = readLeb128(rest);
    if (rest.length < headerBytes + length) throw new PeerError("a list of fields that is cut off");
    items.push(rest.slice(headerBytes, headerBytes + length));
    rest = rest.subarray(headerBytes + length);
  }
  return items;
}

/** Secret and context in one string; zeros push the context out of the hash's first block (draft, section 6). */
export function generatorString(secret: Uint8Array, channelId: Uint8Array, sid: Uint8Array): Bytes {
  const paddingBytes = Math.max(0, HASH_BLOCK_BYTES - 1 - lvCat(secret).length - lvCat(DSI).length);
  return lvCat(DSI, secret, new Uint8Array(paddingBytes), channelId, sid);
}

/** The secret base point, as an encoded X25519 u-coordinate. */
export function generator(secret: Uint8Array, channelId: Uint8Array, sid: Uint8Array): Bytes {
  const digest = sha512(generatorString(secret, channelId, sid)).subarray(0, SHARE_BYTES);
  const fieldElement = readLittleEndian(digest) & (2n ** 255n - 1n);
  return littleEndian(elligator2(fieldElement % PRIME));
}

/** Y = X25519(y, g). */
export function publicShare(scalar: Uint8Array, base: Uint8Array): Uint8Array {
  return x25519.scalarMult(scalar, base);
}

/** K = X25519(y, Y'). Throws ShareRefused where the draft says abort: K would be all zero. */
export function sharedPoint(scalar: Uint8Array, theirShare: Uint8Array): Uint8Array {
  if (theirShare.length !== SHARE_BYTES) throw new ShareRefused();
  try {
    return x25519.scalarMult(scalar, theirShare);
  } catch {
    throw new ShareRefused();
  }
}

/** Who said what, the initiator first. */
export function transcriptIr(shareA: Uint8Array, adA: Uint8Array, shareB: Uint8Array, adB: Uint8Array): Bytes {
  return concat(lvCat(shareA, adA), lvCat(shareB, adB));
}

/** ISK, 64 bytes: material for a key derivation function, never a key itself. */
export function intermediateKey(point: Uint8Array, sid: Uint8Array, transcript: Uint8Array): Uint8Array {
  return sha512(concat(lvCat(DSI_ISK, sid, point), transcript));
}

/** Proof by the sender of (share, ad) that it knows ISK; 64 bytes, compared with `isSameTag` only. */
export function confirmationTag(isk: Uint8Array, sid: Uint8Array, share: Uint8Array, ad: Uint8Array): Uint8Array {
  return hmac(sha512, sha512(concat(CONFIRMATION_LABEL, sid, isk)), lvCat(share, ad));
}

/** The private scalar of one run. */
export function newScalar(): Uint8Array {
  return x25519.utils.randomSecretKey();
}

/** A field element's point on Curve25519: RFC 9380, section 6.7.1, the u-coordinate alone. */
function elligator2(fieldElement: bigint): bigint {
  // 1 + 2·u² is never 0: -1/2 is not a square modulo this prime.
  const first = modulo(-MONTGOMERY_A * power(modulo(1n + NON_SQUARE * fieldElement ** 2n), PRIME - 2n));
  const rightSide = modulo(first ** 3n + MONTGOMERY_A * first ** 2n + first);
  const isSquare = power(rightSide, (PRIME - 1n) / 2n) <= 1n;
  return isSquare ? first : modulo(-first - MONTGOMERY_A);
}

function modulo(value: bigint): bigint {
  const rest = value % PRIME;
  return rest < 0n ? rest + PRIME : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = modulo(base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

function readLittleEndian(data: Uint8Array): bigint {
  return data.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function littleEndian(value: bigint): Bytes {
  return Uint8Array.from({ length: SHARE_BYTES }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

function leb128(number: number): Bytes {
  const groups: number[] = [];
  let left = number;
  while (left >= 0x80) {
    groups.push((left & 0x7f) | 0x80);
    left >>>= 7;
  }
  return Uint8Array.from([...groups, left]);
}

function readLeb128(data: Uint8Array): [number, number] {
  let number = 0;
  // 28 bits: far above any message, far below trouble.
  for (let index = 0; index < Math.min(data.length, 4); index += 1) {
    const byte = data[index] ?? 0;
    number |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) {
      if (byte === 0 && index > 0) throw new PeerError("a length that is written with needless zeros");
      return [number, index + 1];
    }
  }
  throw new PeerError("a length that has no end");
}
