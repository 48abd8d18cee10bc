/** C2SP signed notes (c2sp.org/signed-note) under one known Ed25519 key, as `protocol/signed_note.py`. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { areEqual, type Bytes, concat, fromBase64, fromUtf8, utf8 } from "./bytes";
import { ConsentryError } from "./errors";

const NOTE_LIMIT_BYTES = 1024 * 1024;
const SIGNATURE_LIMIT = 100;
const ED25519 = Uint8Array.of(1);
const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^\u2014 (\S+) (\S+)$/u;

/** The profile is malformed or not signed by the root that was pinned. */
export class ProfileError extends ConsentryError {
  constructor(problem: string) {
    super("console-error-profile", { problem });
    this.name = "ProfileError";
  }
}

/** The text, if `publicKey` signed it under `name` and no signature of that key is wrong. Throws ProfileError. */
export function openNote(note: Uint8Array, nameOf: (text: string) => string, publicKey: Uint8Array): string {
  if (note.length > NOTE_LIMIT_BYTES) throw new ProfileError("it is too long");
  const [text, lines] = split(decoded(note));
  const name = nameOf(text);
  const keyId = sha256(concat(utf8(`${name}\n`), ED25519, publicKey)).slice(0, KEY_ID_BYTES);
  let isSigned = false;
  for (const line of lines) {
    const [, signer, encoded] = SIGNATURE_LINE.exec(line) ?? [];
    if (!signer || !encoded) throw new ProfileError("a signature line is malformed");
    const material = fromBase64OrFail(encoded);
    if (signer !== name || !areEqual(material.slice(0, KEY_ID_BYTES), keyId)) continue;
    if (!isSignature(material.slice(KEY_ID_BYTES), utf8(text), publicKey))
      throw new ProfileError("its signature is wrong");
    isSigned = true;
  }
  if (!isSigned) throw new ProfileError("it was not signed by this organisation's root");
  return text;
}

/** False also for what is no signature at all. */
export function isSignature(signature: Uint8Array, data: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, data, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

function decoded(note: Uint8Array): string {
  try {
    return fromUtf8(note);
  } catch {
    throw new ProfileError("it is not text");
  }
}

function split(text: string): [string, string[]] {
  const at = text.lastIndexOf("\n\n");
  if (at < 0 || !text.endsWith("\n")) throw new ProfileError("it has no signatures");
  const lines = text.slice(at + 2, -1).split("\n");
  if (lines.length > SIGNATURE_LIMIT) throw new ProfileError("it has too many signatures");
  return [text.slice(0, at + 1), lines];
}

function fromBase64OrFail(text: string): Bytes {
  try {
    return fromBase64(text);
  } catch {
    throw new ProfileError("a signature is no base64");
  }
}
