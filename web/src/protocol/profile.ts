/** What an organisation is, signed by its root, as `protocol/profile.py`: here, only what an engineer's end goes by. */

import { type Bytes, fromBase64 } from "./bytes";
import { openNote, ProfileError } from "./signedNote";

export interface Profile {
  readonly version: number;
  readonly organisation: string;
  readonly brokerOrigin: string;
  readonly engineerCaKey: Bytes;
  readonly maxMinutes: number;
  readonly resumeWindowSeconds: number;
  readonly browserAllowed: boolean;
}

const CA_KEY_BYTES = 32;

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
    maxMinutes: fields.max_minutes ?? 120,
    resumeWindowSeconds: fields.resume_window_seconds ?? 600,
    browserAllowed: fields.browser_allowed ?? true,
  };
  if (!isProfile(profile)) throw new ProfileError("its fields cannot be read");
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

function isProfile(profile: { readonly [name in keyof Profile]: unknown }): profile is Profile {
  return (
    Number.isSafeInteger(profile.version) &&
    typeof profile.organisation === "string" &&
    typeof profile.brokerOrigin === "string" &&
    profile.engineerCaKey instanceof Uint8Array &&
    profile.engineerCaKey.length === CA_KEY_BYTES &&
    Number.isInteger(profile.maxMinutes) &&
    Number.isInteger(profile.resumeWindowSeconds) &&
    typeof profile.browserAllowed === "boolean"
  );
}
