/** The engineer's SSH key for one session: made here, admitted by the customer's agent, gone with the page. */

import "./globals";
import { type KeyPair, SshAlgorithms } from "@microsoft/dev-tunnels-ssh";

export interface SshIdentity {
  readonly keyPair: KeyPair;
  /** As an OpenSSH public-key blob (RFC 4253, section 6.6). */
  readonly publicBlob: Uint8Array;
}

export async function newSshIdentity(): Promise<SshIdentity> {
  const algorithm = SshAlgorithms.publicKey.ecdsaSha2Nistp256;
  if (!algorithm) throw new Error("the SSH library has no ECDSA");
  const keyPair = await algorithm.generateKeyPair();
  const blob = await keyPair.getPublicKeyBytes();
  if (!blob) throw new Error("a key pair without a public key");
  return { keyPair, publicBlob: Uint8Array.from(blob) };
}
