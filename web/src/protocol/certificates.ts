/**
 * The engineer's certificate, as far as its owner has to look at it before a code is spent: it is of this organisation
 * and for this key. The customer's agent reads all of it (`protocol/certificates.py`) and is the judge.
 */

import { areEqual, concat } from "./bytes";
import { PeerError } from "./errors";
import { CLOCK_ALLOWANCE_MS } from "./generated";
import { isSignature } from "./signedNote";

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const INTEGER = 0x02;
const VERSION = 0xa0;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** SubjectPublicKeyInfo of Ed25519 (RFC 8410, section 4), up to the key. */
const ED25519_KEY_INFO = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

/** From when to when a certificate is valid. Its maker's clock showed `madeAtMs`. */
export interface Validity {
  readonly madeAtMs: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Throws PeerError unless `der` is signed by the organisation's engineer CA and holds `publicKey`. */
export function checkOwnCertificate(der: Uint8Array, caKey: Uint8Array, publicKey: Uint8Array): Validity {
  const outer = element(der, 0, SEQUENCE);
  const signed = element(der, outer.start, SEQUENCE);
  const algorithm = element(der, signed.end, SEQUENCE);
  const signature = element(der, algorithm.end, BIT_STRING);
  const text = der.slice(outer.start, signed.end);
  // The first byte of a BIT STRING says how many of its last bits do not count: none.
  const isWhole = outer.end === der.length && signature.end === der.length && der[signature.start] === 0;
  if (!isWhole || !isSignature(der.slice(signature.start + 1), text, caKey))
    throw new PeerError("a certificate that this organisation did not sign");
  if (!contains(text, concat(ED25519_KEY_INFO, publicKey))) throw new PeerError("a certificate for another key");
  return validity(der, signed.start);
}

/** Behind the version, the serial number, the algorithm and the issuer (RFC 5280, section 4.1). */
function validity(der: Uint8Array, start: number): Validity {
  let at = start;
  for (const tag of [VERSION, INTEGER, SEQUENCE, SEQUENCE]) at = element(der, at, tag).end;
  const notBefore = time(der, element(der, at, SEQUENCE).start);
  const notAfter = time(der, notBefore.end);
  return { madeAtMs: notBefore.ms + CLOCK_ALLOWANCE_MS, notBeforeMs: notBefore.ms, notAfterMs: notAfter.ms };
}

/** Years up to 2049 have two digits, later ones four. */
function time(der: Uint8Array, at: number): { readonly ms: number; readonly end: number } {
  const isShort = der[at] === UTC_TIME;
  const { start, end } = element(der, at, isShort ? UTC_TIME : GENERALIZED_TIME);
  const digits = `${isShort ? "20" : ""}${String.fromCharCode(...der.subarray(start, end))}`;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)?.slice(1).map(Number);
  if (!parts) throw new PeerError("a certificate that cannot be read");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  return { ms: Date.UTC(year, month - 1, day, hour, minute, second), end };
}

/** The contents of one DER element of at most 64 KiB. */
function element(der: Uint8Array, at: number, tag: number): { readonly start: number; readonly end: number } {
  const short = der[at + 1] ?? 0xff;
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  let length = short < 0x80 ? short : 0;
  for (let index = 0; index < lengthBytes; index += 1) length = length * 256 + (der[at + 2 + index] ?? 0);
  const start = at + 2 + lengthBytes;
  if (der[at] !== tag || lengthBytes > 2 || start + length > der.length)
    throw new PeerError("a certificate that cannot be read");
  return { start, end: start + length };
}

function contains(data: Uint8Array, wanted: Uint8Array): boolean {
  for (let at = 0; at + wanted.length <= data.length; at += 1)
    if (areEqual(data.subarray(at, at + wanted.length), wanted)) return true;
  return false;
}
