// Written by tools/generate_web_types.py from the Python side. Change it there.

import type { Scope } from "../protocol/generated";

export const SETTLE_MS = 1000;

export interface Present {
  readonly participant: number;
  readonly name: string;
  readonly staff_number: string;
  readonly scopes: readonly Scope[];
  readonly expires_at_ms: number;
}

export interface ConsentQuestion {
  readonly participant: number;
  readonly name: string;
  readonly staff_number: string;
  readonly organisation: string;
  readonly reason: string;
  readonly ticket: string;
  readonly scopes: readonly Scope[];
  readonly minutes: number;
  readonly folders: readonly string[];
  readonly client: "browser" | "cli" | "ssh";
  readonly is_raise: boolean;
  readonly asked_at_ms: number;
  readonly allow_not_before_ms: number;
  readonly expires_at_ms: number;
  readonly takes_over: Present | null;
}

export interface SharingStarted {
  readonly event: "sharing-started";
  readonly organisation: string;
  readonly broker_origin: string;
  readonly user_name: string;
  readonly host_label: string;
  readonly notice: string;
}

export interface HelpAsked {
  readonly event: "help-asked";
  readonly words: string;
}

export interface HelpTaken {
  readonly event: "help-taken";
  readonly name: string;
  readonly staff_number: string;
}

export interface CodeShown {
  readonly event: "code-shown";
  readonly code: string;
  readonly expires_at_ms: number;
}

export interface CodeEnded {
  readonly event: "code-ended";
  readonly outcome: "broken" | "cancelled" | "expired" | "lost" | "paired" | "wrong-code";
}

export interface EngineerAsking {
  readonly event: "engineer-asking";
  readonly participant: number;
}

export interface SessionLive {
  readonly event: "session-live";
  readonly participants: readonly Present[];
}

export interface ParticipantJoined {
  readonly event: "participant-joined";
  readonly participant: Present;
}

export interface ParticipantLeft {
  readonly event: "participant-left";
  readonly participant: number;
  readonly name: string;
}

export interface TakenOver {
  readonly event: "taken-over";
  readonly participant: number;
  readonly name: string;
  readonly leaver: number;
  readonly leaver_name: string;
}

export interface ColleagueInvited {
  readonly event: "colleague-invited";
  readonly participant: number;
  readonly name: string;
}

export interface GrantChanged {
  readonly event: "grant-changed";
  readonly participant: number;
  readonly scopes: readonly Scope[];
  readonly expires_at_ms: number;
}

export interface Paused {
  readonly event: "paused";
  readonly by: "customer" | "recorder";
}

export interface Resumed {
  readonly event: "resumed";
  readonly by: "customer" | "recorder";
}

export interface RoomResized {
  readonly event: "room-resized";
  readonly columns: number;
  readonly rows: number;
}

export interface CommandRun {
  readonly event: "command-run";
  readonly participant: number;
  readonly command: string;
}

export interface ConnectionMade {
  readonly event: "connection-made";
  readonly participant: number;
  readonly destination: string;
}

export interface FileTouched {
  readonly event: "file-touched";
  readonly participant: number;
  readonly path: string;
  readonly action: "link" | "list" | "make-folder" | "read" | "remove" | "remove-folder" | "rename" | "set-attributes" | "write";
  readonly byte_count: number;
}

export interface ChatSaid {
  readonly event: "chat-said";
  readonly number: number;
  readonly participant: number;
  readonly name: string;
  readonly said_at_ms: number;
  readonly text: string;
}

export interface ChatRefused {
  readonly event: "chat-refused";
  readonly reason: "full" | "not-in" | "too-fast" | "unusable";
}

export interface RecorderProgress {
  readonly event: "recorder-progress";
  readonly recorded_bytes: number;
  readonly acked_bytes: number;
}

export interface ConnectionState {
  readonly event: "connection-state";
  readonly to: "broker" | "engineer" | "records";
  readonly connected: boolean;
  readonly waiting_since_ms: number | null;
}

export interface Failed {
  readonly event: "failed";
  readonly sentence: string;
}

export interface Stopped {
  readonly event: "stopped";
  readonly name: string;
  readonly staff_number: string;
  readonly why: string;
}

export interface SessionSummary {
  readonly event: "session-summary";
  readonly engineers: readonly string[];
  readonly started_at_ms: number;
  readonly ended_at_ms: number;
  readonly reason: "abandoned" | "broker-ended" | "customer-ended" | "denied" | "engineer-ended" | "expired" | "idle" | "lost" | "recorder-failed" | "supervisor-ended";
  readonly commands: number;
  readonly files: readonly Omit<FileTouched, "event">[];
  readonly record_count: number;
  readonly delivered: boolean;
}

export interface ReceiptWritten {
  readonly event: "receipt-written";
  readonly path: string;
}

export type Notice =
  | SharingStarted
  | HelpAsked
  | HelpTaken
  | CodeShown
  | CodeEnded
  | EngineerAsking
  | SessionLive
  | ParticipantJoined
  | ParticipantLeft
  | TakenOver
  | ColleagueInvited
  | GrantChanged
  | Paused
  | Resumed
  | RoomResized
  | CommandRun
  | ConnectionMade
  | FileTouched
  | ChatSaid
  | ChatRefused
  | RecorderProgress
  | ConnectionState
  | Failed
  | Stopped
  | SessionSummary
  | ReceiptWritten;

export type Line =
  | { readonly command: "answer"; readonly question: number; readonly allow: boolean; readonly scopes?: readonly Scope[] | null; readonly minutes?: number | null }
  | { readonly command: "narrow"; readonly participant: number; readonly scopes: readonly Scope[] }
  | { readonly command: "watch"; readonly columns: number; readonly rows: number }
  | { readonly command: "type"; readonly data: string }
  | { readonly command: "say"; readonly text: string }
  | { readonly command: "rate"; readonly stars: number; readonly solved?: boolean | null; readonly comment?: string }
  | { readonly command: "skip-rating" }
  | { readonly command: "pause" }
  | { readonly command: "resume" }
  | { readonly command: "new-code" }
  | { readonly command: "cancel-code" }
  | { readonly command: "end" };
