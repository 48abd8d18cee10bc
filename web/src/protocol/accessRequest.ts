/** What the engineer's signatures cover, as `protocol/access_requests.py` and `protocol/attestation.py`. */

import { type Bytes, concat, u32, u64, utf8 } from "./bytes";
import { lvCat } from "./cpace";
import type { AttestOutput, RequestAccess, RequestPlace } from "./generated";

const ACCESS_REQUEST_LABEL = utf8("consentry/access-request/v1");
const TAKE_OVER_LABEL = utf8("consentry/take-over-request/v1");
const ATTEST_LABEL = utf8("consentry/attest/v1\0");

type Unsigned = Omit<RequestAccess, "signature"> | Omit<RequestPlace, "signature">;

export function accessRequestBytes(transcriptHash: Uint8Array, request: Unsigned): Bytes {
  const beginning =
    request.type === "request-place" ? [TAKE_OVER_LABEL, utf8(request.takesOver)] : [ACCESS_REQUEST_LABEL];
  return lvCat(
    ...beginning,
    transcriptHash,
    request.certificate,
    utf8(request.reason),
    utf8(request.ticket),
    u32(request.minutes),
    request.sshUserKey,
    utf8(request.client),
    ...request.scopes.map(utf8),
  );
}

/** The finished message; where it takes over from somebody, a `RequestPlace`. `key` is the certificate's, for Ed25519. */
export async function signAccessRequest(
  key: CryptoKey,
  transcriptHash: Uint8Array,
  { takesOver, ...request }: Omit<RequestAccess, "type" | "signature"> & { readonly takesOver: string | null },
): Promise<RequestAccess | RequestPlace> {
  const unsigned: Unsigned =
    takesOver === null ? { type: "request-access", ...request } : { type: "request-place", ...request, takesOver };
  return { ...unsigned, signature: await sign(key, accessRequestBytes(transcriptHash, unsigned)) };
}

export function attestationBytes(
  sessionId: Uint8Array,
  streamId: Uint8Array,
  outputBytes: number,
  outputSha256: Uint8Array,
): Bytes {
  return concat(ATTEST_LABEL, sessionId, streamId, u64(outputBytes), outputSha256);
}

/** The engineer's signed word about what one shell channel showed. */
export async function signAttestation(
  key: CryptoKey,
  sessionId: Uint8Array,
  streamId: Uint8Array,
  outputBytes: number,
  outputSha256: Uint8Array,
): Promise<AttestOutput> {
  const signature = await sign(key, attestationBytes(sessionId, streamId, outputBytes, outputSha256));
  return { type: "attest-output", streamId, outputBytes, outputSha256, signature };
}

async function sign(key: CryptoKey, data: Bytes): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, data));
}
