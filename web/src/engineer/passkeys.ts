/** Passkeys as the browser makes and uses them. JSON in, JSON out (WebAuthn Level 3, section 5.1), for every browser. */

import { fromBase64Url, toBase64Url } from "../protocol/bytes";
import { ConsentryError } from "../protocol/errors";

/** The person changed their mind, or the time was over: browsers do not say which. */
export class PasskeyCancelled extends ConsentryError {
  constructor() {
    super("console-error-passkey-cancelled");
    this.name = "PasskeyCancelled";
  }
}

/** The device has one of this person's already. */
export class PasskeyKnownHere extends ConsentryError {
  constructor() {
    super("console-error-passkey-known-here");
    this.name = "PasskeyKnownHere";
  }
}

interface DescriptorJson {
  readonly id: string;
  readonly type: "public-key";
}

interface CreationJson extends Omit<PublicKeyCredentialCreationOptions, "challenge" | "user" | "excludeCredentials"> {
  readonly challenge: string;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly excludeCredentials?: readonly DescriptorJson[];
}

interface RequestJson extends Omit<PublicKeyCredentialRequestOptions, "challenge" | "allowCredentials"> {
  readonly challenge: string;
}

export function arePasskeysKnown(): boolean {
  return typeof PublicKeyCredential === "function" && "credentials" in navigator;
}

/** Throws PasskeyCancelled, PasskeyKnownHere. */
export async function createPasskey(options: string): Promise<string> {
  const asked = JSON.parse(options) as CreationJson;
  const publicKey: PublicKeyCredentialCreationOptions = {
    ...asked,
    challenge: fromBase64Url(asked.challenge),
    user: { ...asked.user, id: fromBase64Url(asked.user.id) },
    excludeCredentials: (asked.excludeCredentials ?? []).map((one) => ({ ...one, id: fromBase64Url(one.id) })),
  };
  const made = await unlessCancelled(navigator.credentials.create({ publicKey }));
  const { clientDataJSON, attestationObject } = made.response as AuthenticatorAttestationResponse;
  return asJson(made, { clientDataJSON, attestationObject });
}

/** Throws PasskeyCancelled. */
export async function usePasskey(options: string): Promise<string> {
  const asked = JSON.parse(options) as RequestJson;
  const publicKey = { ...asked, challenge: fromBase64Url(asked.challenge), allowCredentials: [] };
  const used = await unlessCancelled(navigator.credentials.get({ publicKey }));
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response as AuthenticatorAssertionResponse;
  return asJson(used, { clientDataJSON, authenticatorData, signature, ...(userHandle ? { userHandle } : {}) });
}

async function unlessCancelled(asked: Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await asked;
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (error) {
    if (error instanceof DOMException && error.name === "InvalidStateError") throw new PasskeyKnownHere();
    if (!(error instanceof DOMException)) throw error;
  }
  throw new PasskeyCancelled();
}

function asJson(credential: PublicKeyCredential, response: Record<string, ArrayBuffer>): string {
  const fields = Object.entries(response).map(([name, value]) => [name, toBase64Url(new Uint8Array(value))]);
  const id = toBase64Url(new Uint8Array(credential.rawId));
  return JSON.stringify({ id, rawId: id, type: credential.type, response: Object.fromEntries(fields) });
}
