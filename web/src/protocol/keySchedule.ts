/** Every derived key and its one purpose, as `protocol/key_schedule.py` draws them. */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, utf8 } from "./bytes";
import { KEY_BYTES, PAIRING_ID_BYTES } from "./generated";

const PAIRING_ID_LABEL = utf8("consentry/pairing-id/v1");
const STREAM_LABEL = utf8("consentry/stream/v1");
const CONTROL_LABEL = utf8("consentry/control/v1");
const ENGINEER_TO_AGENT_LABEL = utf8("consentry/control/engineer-to-agent/v1");
const AGENT_TO_ENGINEER_LABEL = utf8("consentry/control/agent-to-engineer/v1");

/** What a confirmed pairing leaves behind. `pairingId` and `transcriptHash` are public. */
export interface PairingKeys {
  readonly pairingId: Uint8Array;
  readonly streamKey: Uint8Array;
  readonly controlKey: Uint8Array;
  readonly transcriptHash: Uint8Array;
}

export function derivePairingKeys(isk: Uint8Array, sid: Uint8Array, transcript: Uint8Array): PairingKeys {
  const transcriptHash = sha256(transcript);
  return {
    pairingId: derive(isk, sid, concat(PAIRING_ID_LABEL, transcriptHash), PAIRING_ID_BYTES),
    streamKey: derive(isk, sid, concat(STREAM_LABEL, transcriptHash)),
    controlKey: derive(isk, sid, concat(CONTROL_LABEL, transcriptHash)),
    transcriptHash,
  };
}

/** For one control stream. Keys are as fresh as the stream id is: whoever opens a stream draws it at random. */
export function controlStreamKeys(controlKey: Uint8Array, streamId: Uint8Array) {
  return {
    engineerToAgent: derive(controlKey, streamId, ENGINEER_TO_AGENT_LABEL),
    agentToEngineer: derive(controlKey, streamId, AGENT_TO_ENGINEER_LABEL),
  };
}

function derive(material: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes = KEY_BYTES): Uint8Array {
  return hkdf(sha256, material, salt, info, lengthBytes);
}
