/** What an organisation is, signed by its root, as `protocol/profile.py`: here, only what an engineer's end goes by. */

import { areEqual, type Bytes, fromBase64 } from "./bytes";
import { openNote, ProfileError } from "./signedNote";

/** An engineer CA of before: its certificates are believed in sessions that begin before `untilMs`. */
export interface FormerCa {
  readonly publicKey: Bytes;
  readonly untilMs: number;
}

export interface Profile {
  readonly version: number;
  readonly organisation: string;
  readonly brokerOrigin: string;
  readonly engineerCaKey: Bytes;
  readonly formerEngineerCas: readonly FormerCa[];
  readonly maxMinutes: number;
  readonly resumeWindowSeconds: number;
  readonly browserAllowed: boolean;
}

const CA_KEY_BYTES = 32;
const FORMER_CA_LIMIT = 16;

/** The profile, if the root signed it. Throws ProfileError. */
export function openProfile(note: Uint8Array, rootPublicKey: Uint8Array): Profile {
  const text = openNote(note, (body) => noteName(fieldsOf(body).organisation), rootPublicKey);
  const fields = fieldsOf(text);
  if (fields.format !== 1) throw new ProfileError("it is for a newer version of this program");
  const profile = {
    version: fields.version,
    organisation: fields.organisation,
    brokerOrigin: fields.broker_origin,
    engineerCaKey: bytesOf(fields.engineer_ca_key),
    formerEngineerCas: "former_engineer_cas" in fields ? formerCasOf(fields.former_engineer_cas) : [],
    maxMinutes: fields.max_minutes ?? 120,
    resumeWindowSeconds: fields.resume_window_seconds ?? 600,
    browserAllowed: fields.browser_allowed ?? true,
  };
  if (!isProfile(profile)) throw new ProfileError("its fields cannot be read");
  if (profile.formerEngineerCas.some(({ publicKey }) => areEqual(publicKey, profile.engineerCaKey)))
    throw new ProfileError("it names a retired engineer CA as the present one");
  return profile;
}

/** The organisation's name as the name of a signing key: no white space, no plus sign, nothing unprintable. */
export function noteName(organisation: unknown): string {
  return String(organisation).replaceAll(/[\s+\p{C}\p{Z}]/gu, "-");
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(text);
    if (typeof fields === "object" && fields !== null) return fields as Record<string, unknown>;
  } catch {
    // Falls through to the one sentence for whatever is no profile.
  }
  throw new ProfileError("it is no JSON");
}

function bytesOf(value: unknown): unknown {
  try {
    return fromBase64(String(value));
  } catch {
    return undefined;
  }
}

/** Undefined for what is no list of them, or a longer one than there may be. */
function formerCasOf(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > FORMER_CA_LIMIT) return undefined;
  const read = value.map((one) => {
    const { public_key, until_ms, ...unknown } = Object(one);
    return { publicKey: bytesOf(public_key), untilMs: until_ms, isKnown: Object.keys(unknown).length === 0 };
  });
  const isRight = read.every(
    ({ publicKey, untilMs, isKnown }) => isCaKey(publicKey) && Number.isSafeInteger(untilMs) && untilMs >= 0 && isKnown,
  );
  return isRight ? read.map(({ publicKey, untilMs }) => ({ publicKey, untilMs })) : undefined;
}

function isCaKey(value: unknown): value is Bytes {
  return value instanceof Uint8Array && value.length === CA_KEY_BYTES;
}

function isProfile(profile: { readonly [name in keyof Profile]: unknown }): profile is Profile {
  return (
    Number.isSafeInteger(profile.version) &&
    typeof profile.organisation === "string" &&
    typeof profile.brokerOrigin === "string" &&
    isCaKey(profile.engineerCaKey) &&
    profile.formerEngineerCas !== undefined &&
    Number.isInteger(profile.maxMinutes) &&
    Number.isInteger(profile.resumeWindowSeconds) &&
    typeof profile.browserAllowed === "boolean"
  );
}
