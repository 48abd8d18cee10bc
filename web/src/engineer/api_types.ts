// Written by tools/generate_web_types.py from the Python side. Change it there.

export interface CertificateAnswer {
  readonly certificate: string;
  readonly expires_at_ms: number;
}

export interface CertificateBody {
  readonly public_key: string;
}

export interface DelegationBody {
  readonly public_key: string;
  readonly signature: string;
}

export interface LoginAnswer {
  readonly token: string;
  readonly expires_at_ms: number;
  readonly name: string;
  readonly staff_number: string;
  readonly organisation: string;
}

export interface LoginBody {
  readonly user_name: string;
  readonly password: string;
  readonly totp?: string | null;
}

export interface MeAnswer {
  readonly user_name: string;
  readonly name: string;
  readonly staff_number: string;
  readonly organisation: string;
  readonly max_scopes: readonly string[];
  readonly expires_at_ms: number;
}

export interface NoteAnswer {
  readonly author: string;
  readonly staff_number: string;
  readonly written_at_ms: number;
  readonly text: string;
}

export interface NoteBody {
  readonly text: string;
}

export interface NotesAnswer {
  readonly notes: readonly NoteAnswer[];
}

export interface ParticipantAnswer {
  readonly number: number;
  readonly name: string;
  readonly staff_number: string;
  readonly paired_at_ms: number;
  readonly scopes: readonly string[];
  readonly expires_at_ms: number;
}

export interface ProofAnswer {
  readonly leaf: string;
  readonly proof: string;
  readonly consistency: readonly string[];
}

export interface RatingAnswer {
  readonly stars: number;
  readonly solved: boolean | null;
  readonly comment: string;
  readonly rated_at_ms: number;
}

export interface RatingBody {
  readonly stars: number;
  readonly solved: boolean | null;
  readonly comment: string;
  readonly rated_at_ms: number;
  readonly signature: string;
  readonly delegation: DelegationBody;
}

export interface SessionAnswer {
  readonly session_id: string;
  readonly state: "waiting" | "paired" | "live" | "ended";
  readonly language: string;
  readonly opened_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly end_reason: string | null;
  readonly record_count: number | null;
  readonly customer_connected: boolean;
  readonly participants: readonly ParticipantAnswer[];
}

export interface SessionDetails {
  readonly session_id: string;
  readonly state: "waiting" | "paired" | "live" | "ended";
  readonly language: string;
  readonly opened_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly end_reason: string | null;
  readonly record_count: number | null;
  readonly customer_connected: boolean;
  readonly participants: readonly ParticipantAnswer[];
  readonly rating: RatingAnswer | null;
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionAnswer[];
}
