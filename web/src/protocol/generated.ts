// Written by tools/generate_web_types.py from the Python side. Change it there.

// protocol/certificates.py
export const CLOCK_ALLOWANCE_MS = 300000;
// protocol/codes.py
export const SECRET_DIGITS = 7;
export const NAMEPLATE_DIGITS = [3, 4];
export const TYPED_LIMIT_CHARACTERS = 64;
// protocol/cpace.py
export const SHARE_BYTES = 32;
export const TAG_BYTES = 64;
// protocol/pairing.py
export const PAIRING_TIMEOUT_MS = 30000;
export const NONCE_BYTES = 16;
export const AGENT_KEY_BYTES = 32;
export const HOST_KEY_LIMIT_BYTES = 512;
// protocol/key_schedule.py
export const KEY_BYTES = 32;
export const PAIRING_ID_BYTES = 16;
export const STREAM_ID_BYTES = 16;
// protocol/messages/wire.py
export const SUBPROTOCOL = "consentry.v1";
export const UNPAIRED_FRAME_LIMIT_BYTES = 4096;
export const CONTROL_FRAME_LIMIT_BYTES = 16384;
export const HELLO_TIMEOUT_SECONDS = 10;
// protocol/chat.py
export const LINE_LIMIT_CHARACTERS = 1000;
// protocol/grants.py
export const REFUSAL_LIMIT = 3;
// protocol/legs.py
export const LEG_SUBPROTOCOL = "consentry.leg.v1";
export const TICKET_PREFIX = "ticket.";
export const ENGINEER_LEG_PATH = "/relay/engineer";
// protocol/send_buffer.py
export const SEND_BUFFER_BYTES = 8388608;
// protocol/stream.py
export const ACK_EVERY_BYTES = 1048576;
export const ACK_DELAY_MS = 250;
export const ALIVE_EVERY_MS = 15000;
export const SILENCE_LIMIT_MS = 45000;
export const OPEN_WINDOW_MS = 60000;
export const RESUME_WINDOW_MS = 600000;
export const SEND_BATCH_BYTES = 278528;
// protocol/stream_frames.py
export const DATA_LIMIT_BYTES = 65536;

export const FINAL_CLOSE_CODES: readonly number[] = [4002, 4004];
export const StreamKind = { CONTROL: 1, SSH: 2 } as const;
export type StreamKind = (typeof StreamKind)[keyof typeof StreamKind];
export const FrameType = { ACCEPT: 1, DATA: 2, ACK: 3, ALIVE: 4, CLOSE: 5, CLOSED: 6 } as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];
export const CloseCode = { DONE: 0, PROTOCOL: 1, REFUSED: 2, GONE: 3, OVER: 4, LOST: 5 } as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

export const SCOPES = ["view", "shell", "files:r", "files:w", "forward", "root", "gateway"] as const;
export type Scope = (typeof SCOPES)[number];
export const POWERFUL_SCOPES: readonly Scope[] = ["shell", "files:w", "forward", "root"];
export type PairingOutcome = "paired" | "wrong-code" | "expired" | "cancelled" | "lost" | "broken";
export type EndReason = "engineer-ended" | "customer-ended" | "denied" | "expired" | "idle" | "lost" | "abandoned" | "recorder-failed" | "broker-ended" | "supervisor-ended";
export type PausedBy = "customer" | "recorder" | "question";
export type NotSaid = "not-in" | "too-fast" | "full" | "unusable";

export type EngineerToBroker = ClaimCode | PairingMail;
export type BrokerToEngineer = PairingStarted | PairingMail | PairingAdmitted | PairingFailed | Refused;
export type EngineerToAgent = RequestAccess | RequestMore | RequestPlace | TakeOver | EndSession | AttestOutput | FollowSession | Say | AdmitSshKey | InviteColleague;
export type AgentToEngineer = Granted | GrantMoved | TakenOver | Denied | Attested | Ended | SessionMoved | Said | SayTaken | SayRefused | SshKeyAdmitted | ColleagueInvited;

export type ClaimCode = { readonly type: "claim-code"; readonly version: 1; readonly nameplate: string; readonly engineerNonce: Uint8Array; };
export type PairingMail = { readonly type: "pairing-mail"; readonly nameplate: string; readonly phase: "ta" | "tb" | "ya" | "yb"; readonly body: Uint8Array; };
export type PairingStarted = { readonly type: "pairing-started"; readonly sessionId: Uint8Array; readonly nameplate: string; readonly engineerNonce: Uint8Array; readonly agentNonce: Uint8Array; };
export type PairingAdmitted = { readonly type: "pairing-admitted"; readonly legTicket: string; };
export type PairingFailed = { readonly type: "pairing-failed"; readonly outcome: "broken" | "cancelled" | "expired" | "lost" | "paired" | "wrong-code"; };
export type Refused = { readonly type: "refused"; readonly code: string; readonly sentence: string; };
export type RequestAccess = { readonly type: "request-access"; readonly certificate: Uint8Array; readonly signature: Uint8Array; readonly reason: string; readonly ticket: string; readonly scopes: readonly Scope[]; readonly minutes: number; readonly sshUserKey: Uint8Array; readonly client: "browser" | "cli" | "ssh"; };
export type RequestMore = { readonly type: "request-more"; readonly scopes: readonly Scope[]; readonly minutes: number; readonly reason: string; };
export type RequestPlace = { readonly type: "request-place"; readonly certificate: Uint8Array; readonly signature: Uint8Array; readonly reason: string; readonly ticket: string; readonly scopes: readonly Scope[]; readonly minutes: number; readonly sshUserKey: Uint8Array; readonly client: "browser" | "cli" | "ssh"; readonly takesOver: string; };
export type TakeOver = { readonly type: "take-over"; readonly staffNumber: string; readonly reason: string; };
export type EndSession = { readonly type: "end-session"; };
export type AttestOutput = { readonly type: "attest-output"; readonly streamId: Uint8Array; readonly outputBytes: number; readonly outputSha256: Uint8Array; readonly signature: Uint8Array; };
export type FollowSession = { readonly type: "follow-session"; readonly after: number; };
export type Say = { readonly type: "say"; readonly text: string; };
export type AdmitSshKey = { readonly type: "admit-ssh-key"; readonly sshUserKey: Uint8Array; readonly gatewayId: Uint8Array; readonly gatewayKey: Uint8Array; };
export type InviteColleague = { readonly type: "invite-colleague"; };
export type Granted = { readonly type: "granted"; readonly scopes: readonly Scope[]; readonly expiresAtMs: number; readonly userName: string; readonly hostLabel: string; readonly folders: readonly string[]; readonly language: "en" | "zh-CN"; };
export type GrantMoved = { readonly type: "grant-moved"; readonly scopes: readonly Scope[]; readonly expiresAtMs: number; };
export type TakenOver = { readonly type: "taken-over"; readonly name: string; readonly staffNumber: string; };
export type Denied = { readonly type: "denied"; readonly reason: "certificate" | "customer" | "nobody" | "policy" | "root-absent" | "root-needed" | "scope" | "several" | "timeout"; };
export type Attested = { readonly type: "attested"; readonly matches: boolean; };
export type Ended = { readonly type: "ended"; readonly reason: "abandoned" | "broker-ended" | "customer-ended" | "denied" | "engineer-ended" | "expired" | "idle" | "lost" | "recorder-failed" | "supervisor-ended"; };
export type SessionMoved = { readonly type: "session-moved"; readonly pausedBy: readonly ("customer" | "question" | "recorder")[]; readonly newestLine: number; };
export type Said = { readonly type: "said"; readonly number: number; readonly participant: number; readonly name: string; readonly saidAtMs: number; readonly text: string; readonly mine: boolean; };
export type SayTaken = { readonly type: "say-taken"; readonly number: number; };
export type SayRefused = { readonly type: "say-refused"; readonly reason: "full" | "not-in" | "too-fast" | "unusable"; };
export type SshKeyAdmitted = { readonly type: "ssh-key-admitted"; readonly gatewayId: Uint8Array; };
export type ColleagueInvited = { readonly type: "colleague-invited"; readonly code: string; readonly expiresAtMs: number; };

/** What one field may hold. Lengths are bytes of `bytes`, characters of `text`, items of `list`. */
export type FieldRule =
  | { readonly kind: "bytes"; readonly min?: number; readonly max?: number }
  | { readonly kind: "text"; readonly min?: number; readonly max?: number; readonly pattern?: string }
  | { readonly kind: "integer"; readonly min?: number; readonly max?: number }
  | { readonly kind: "boolean" }
  | { readonly kind: "word"; readonly words: readonly (string | number)[] }
  | { readonly kind: "list"; readonly of: FieldRule; readonly min?: number; readonly max?: number };

/** By message type, then by field: its name on the wire, and its rule. In the order of the wire. */
export const MESSAGE_RULES: Record<string, Record<string, readonly [string, FieldRule]>> = {
  "claim-code": {
    version: ["version", { kind: "word", words: [1] }],
    nameplate: ["nameplate", { kind: "text", pattern: "^[1-9][0-9]{2,3}$" }],
    engineerNonce: ["engineer-nonce", { kind: "bytes", min: 16, max: 16 }],
  },
  "pairing-mail": {
    nameplate: ["nameplate", { kind: "text", pattern: "^[1-9][0-9]{2,3}$" }],
    phase: ["phase", { kind: "word", words: ["ta", "tb", "ya", "yb"] }],
    body: ["body", { kind: "bytes", max: 2048 }],
  },
  "pairing-started": {
    sessionId: ["session-id", { kind: "bytes", min: 16, max: 16 }],
    nameplate: ["nameplate", { kind: "text", pattern: "^[1-9][0-9]{2,3}$" }],
    engineerNonce: ["engineer-nonce", { kind: "bytes", min: 16, max: 16 }],
    agentNonce: ["agent-nonce", { kind: "bytes", min: 16, max: 16 }],
  },
  "pairing-admitted": {
    legTicket: ["leg-ticket", { kind: "text", max: 200 }],
  },
  "pairing-failed": {
    outcome: ["outcome", { kind: "word", words: ["broken", "cancelled", "expired", "lost", "paired", "wrong-code"] }],
  },
  "refused": {
    code: ["code", { kind: "text", max: 200 }],
    sentence: ["sentence", { kind: "text", max: 2000 }],
  },
  "request-access": {
    certificate: ["certificate", { kind: "bytes", max: 4096 }],
    signature: ["signature", { kind: "bytes", min: 64, max: 64 }],
    reason: ["reason", { kind: "text", max: 2000 }],
    ticket: ["ticket", { kind: "text", max: 200 }],
    scopes: ["scopes", { kind: "list", of: { kind: "word", words: ["view", "shell", "files:r", "files:w", "forward", "root", "gateway"] }, min: 1, max: 7 }],
    minutes: ["minutes", { kind: "integer", min: 1, max: 480 }],
    sshUserKey: ["ssh-user-key", { kind: "bytes", max: 1024 }],
    client: ["client", { kind: "word", words: ["browser", "cli", "ssh"] }],
  },
  "request-more": {
    scopes: ["scopes", { kind: "list", of: { kind: "word", words: ["view", "shell", "files:r", "files:w", "forward", "root", "gateway"] }, max: 7 }],
    minutes: ["minutes", { kind: "integer", min: 0, max: 480 }],
    reason: ["reason", { kind: "text", max: 2000 }],
  },
  "request-place": {
    certificate: ["certificate", { kind: "bytes", max: 4096 }],
    signature: ["signature", { kind: "bytes", min: 64, max: 64 }],
    reason: ["reason", { kind: "text", max: 2000 }],
    ticket: ["ticket", { kind: "text", max: 200 }],
    scopes: ["scopes", { kind: "list", of: { kind: "word", words: ["view", "shell", "files:r", "files:w", "forward", "root", "gateway"] }, min: 1, max: 7 }],
    minutes: ["minutes", { kind: "integer", min: 1, max: 480 }],
    sshUserKey: ["ssh-user-key", { kind: "bytes", max: 1024 }],
    client: ["client", { kind: "word", words: ["browser", "cli", "ssh"] }],
    takesOver: ["takes-over", { kind: "text", max: 200 }],
  },
  "take-over": {
    staffNumber: ["staff-number", { kind: "text", max: 200 }],
    reason: ["reason", { kind: "text", max: 2000 }],
  },
  "end-session": {
  },
  "attest-output": {
    streamId: ["stream-id", { kind: "bytes", min: 16, max: 16 }],
    outputBytes: ["output-bytes", { kind: "integer", min: 0 }],
    outputSha256: ["output-sha256", { kind: "bytes", min: 32, max: 32 }],
    signature: ["signature", { kind: "bytes", min: 64, max: 64 }],
  },
  "follow-session": {
    after: ["after", { kind: "integer", min: 0, max: 2147483648 }],
  },
  "say": {
    text: ["text", { kind: "text", min: 1, max: 1000, pattern: "^[^\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f]+$" }],
  },
  "admit-ssh-key": {
    sshUserKey: ["ssh-user-key", { kind: "bytes", max: 1024 }],
    gatewayId: ["gateway-id", { kind: "bytes", min: 16, max: 16 }],
    gatewayKey: ["gateway-key", { kind: "bytes", min: 32, max: 32 }],
  },
  "invite-colleague": {
  },
  "granted": {
    scopes: ["scopes", { kind: "list", of: { kind: "word", words: ["view", "shell", "files:r", "files:w", "forward", "root", "gateway"] }, max: 7 }],
    expiresAtMs: ["expires-at-ms", { kind: "integer", min: 0, max: 9007199254740992 }],
    userName: ["user-name", { kind: "text", max: 200 }],
    hostLabel: ["host-label", { kind: "text", max: 200 }],
    folders: ["folders", { kind: "list", of: { kind: "text" }, max: 32 }],
    language: ["language", { kind: "word", words: ["en", "zh-CN"] }],
  },
  "grant-moved": {
    scopes: ["scopes", { kind: "list", of: { kind: "word", words: ["view", "shell", "files:r", "files:w", "forward", "root", "gateway"] }, max: 7 }],
    expiresAtMs: ["expires-at-ms", { kind: "integer", min: 0, max: 9007199254740992 }],
  },
  "taken-over": {
    name: ["name", { kind: "text", max: 200 }],
    staffNumber: ["staff-number", { kind: "text", max: 200 }],
  },
  "denied": {
    reason: ["reason", { kind: "word", words: ["certificate", "customer", "nobody", "policy", "root-absent", "root-needed", "scope", "several", "timeout"] }],
  },
  "attested": {
    matches: ["matches", { kind: "boolean" }],
  },
  "ended": {
    reason: ["reason", { kind: "word", words: ["abandoned", "broker-ended", "customer-ended", "denied", "engineer-ended", "expired", "idle", "lost", "recorder-failed", "supervisor-ended"] }],
  },
  "session-moved": {
    pausedBy: ["paused-by", { kind: "list", of: { kind: "word", words: ["customer", "question", "recorder"] }, max: 3 }],
    newestLine: ["newest-line", { kind: "integer", min: 0, max: 2147483648 }],
  },
  "said": {
    number: ["number", { kind: "integer", min: 1, max: 2147483648 }],
    participant: ["participant", { kind: "integer", min: 0, max: 64 }],
    name: ["name", { kind: "text", max: 200 }],
    saidAtMs: ["said-at-ms", { kind: "integer", min: 0, max: 9007199254740992 }],
    text: ["text", { kind: "text", min: 1, max: 1000 }],
    mine: ["mine", { kind: "boolean" }],
  },
  "say-taken": {
    number: ["number", { kind: "integer", min: 1, max: 2147483648 }],
  },
  "say-refused": {
    reason: ["reason", { kind: "word", words: ["full", "not-in", "too-fast", "unusable"] }],
  },
  "ssh-key-admitted": {
    gatewayId: ["gateway-id", { kind: "bytes", min: 16, max: 16 }],
  },
  "colleague-invited": {
    code: ["code", { kind: "text", max: 200 }],
    expiresAtMs: ["expires-at-ms", { kind: "integer", min: 0, max: 9007199254740992 }],
  },
};
