// Written by tools/generate_web_types.py from the Python side. Change it there.

export interface AllTokensAnswer {
  readonly tokens: readonly OwnedTokenEntry[];
}

export interface AuditServiceEntry {
  readonly name: string;
  readonly created_at_ms: number;
}

export interface CertificateAnswer {
  readonly certificate: string;
  readonly expires_at_ms: number;
}

export interface CertificateBody {
  readonly public_key: string;
}

export interface CertificateDetails {
  readonly valid_until_ms: number;
  readonly is_late: boolean;
}

export interface DelegationBody {
  readonly public_key: string;
  readonly signature: string;
}

export interface DeliveriesAnswer {
  readonly deliveries: readonly DeliveryEntry[];
  readonly before: string | null;
}

export interface DeliveryEntry {
  readonly message_id: string;
  readonly kind: "session.live" | "session.ended" | "rating.kept" | "webhook.test";
  readonly made_at_ms: number;
  readonly state: "pending" | "delivered" | "failed";
  readonly tries: number;
  readonly next_try_at_ms: number | null;
  readonly answer: string;
  readonly body: string;
}

export interface DeviceDecisionBody {
  readonly allow: boolean;
}

export interface DeviceLoginAnswer {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

export interface DevicePollBody {
  readonly device_code: string;
}

export interface DiskDetails {
  readonly free_bytes: number;
  readonly total_bytes: number;
  readonly takes_sessions: boolean;
}

export interface EndBody {
  readonly why?: string | null;
}

export interface EndedAnswer {
  readonly ended: number;
}

export interface EventEntry {
  readonly event_id: number;
  readonly at_ms: number;
  readonly kind: "logged_in" | "login_refused" | "login_locked" | "logged_out" | "login_revoked" | "browser_login_allowed" | "browser_login_denied" | "password_changed" | "totp_set" | "totp_removed" | "passkey_added" | "passkey_removed" | "recovery_codes_made" | "recovery_code_used" | "api_token_made" | "api_token_revoked" | "person_added" | "person_changed" | "team_changed" | "team_renamed" | "webhook_added" | "webhook_changed" | "webhook_removed" | "session_stopped" | "whispered" | "join_asked" | "session_taken_over";
  readonly actor: string;
  readonly user: string;
  readonly address: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export interface EventsAnswer {
  readonly events: readonly EventEntry[];
  readonly before: number | null;
}

export interface FingerprintEntry {
  readonly name: string;
  readonly fingerprint: string;
  readonly here_since_ms: number | null;
  readonly is_older: boolean;
  readonly not_before_ms: number | null;
  readonly valid_until_ms: number | null;
}

export interface HealthAnswer {
  readonly node: NodeDetails;
  readonly log: LogDetails | null;
  readonly disk: DiskDetails;
  readonly sessions: Readonly<Record<string, number>>;
  readonly agents: number;
}

export interface LogDetails {
  readonly origin: string;
  readonly size: number;
  readonly witnesses_needed: number;
  readonly witnesses: readonly WitnessEntry[];
  readonly whole: boolean;
}

export interface LoginAnswer {
  readonly token: string;
  readonly expires_at_ms: number;
  readonly user_name: string;
  readonly name: string;
  readonly staff_number: string;
  readonly organisation: string;
  readonly recovery_codes_left: number | null;
}

export interface LoginBody {
  readonly user_name: string;
  readonly password: string;
  readonly totp?: string | null;
}

export interface LoginEntry {
  readonly login_id: string;
  readonly method: "password" | "totp" | "recovery-code" | "browser" | "passkey" | "oidc" | "oidc-fresh";
  readonly device: string;
  readonly address: string;
  readonly created_at_ms: number;
  readonly last_used_at_ms: number;
  readonly expires_at_ms: number;
  readonly current: boolean;
}

export interface LoginsAnswer {
  readonly logins: readonly LoginEntry[];
}

export interface MeAnswer {
  readonly totp: boolean;
  readonly recovery_codes: number;
  readonly password: boolean;
  readonly tokens_ending: number;
  readonly method: "password" | "totp" | "recovery-code" | "browser" | "passkey" | "oidc" | "oidc-fresh";
  readonly expires_at_ms: number;
  readonly user_name: string;
  readonly name: string;
  readonly staff_number: string;
  readonly organisation: string;
  readonly role: "engineer" | "supervisor" | "reviewer" | "external-reviewer" | "administrator";
  readonly permissions: readonly Permission[];
  readonly max_scopes: readonly string[];
  readonly password_provisional: boolean;
}

export interface NewPasswordAnswer {
  readonly password: string;
}

export interface NewPersonAnswer {
  readonly person: PersonEntry;
  readonly password: string;
}

export interface NewTokenAnswer {
  readonly token: string;
  readonly entry: TokenEntry;
}

export interface NodeDetails {
  readonly version: string;
  readonly address: string;
  readonly started_at_ms: number;
  readonly profile_version: number;
  readonly certificate: CertificateDetails | null;
}

export interface NoteAnswer {
  readonly note_id: number;
  readonly version: string;
  readonly changeable: boolean;
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
  readonly change: string;
}

export interface NoticeEntry {
  readonly language: string;
  readonly text: string;
}

export interface OidcBeginBody {
  readonly fresh?: boolean;
  readonly place?: string;
}

export interface OidcBegunAnswer {
  readonly url: string;
}

export interface OidcSignOutAnswer {
  readonly url: string | null;
}

export interface OrganisationAnswer {
  readonly organisation: string;
  readonly version: number;
  readonly share_url: string;
  readonly keys: readonly FingerprintEntry[];
  readonly recipients: readonly FingerprintEntry[];
  readonly log: string;
  readonly witness_policy: string;
  readonly witnesses: readonly string[];
  readonly notices: readonly NoticeEntry[];
  readonly output_policy: string;
  readonly max_minutes: number;
  readonly resume_window_seconds: number;
  readonly browser_allowed: boolean;
  readonly ssh_gateway_allowed: boolean;
  readonly ssh_gateway_open: boolean;
  readonly audit_services: readonly AuditServiceEntry[];
}

export interface OwnedTokenEntry {
  readonly token_id: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly last_used_at_ms: number | null;
  readonly address: string;
  readonly user_name: string;
  readonly person: string;
  readonly disabled: boolean;
}

export interface ParticipantAnswer {
  readonly number: number;
  readonly name: string;
  readonly staff_number: string;
  readonly team: string;
  readonly paired_at_ms: number;
  readonly scopes: readonly string[];
  readonly expires_at_ms: number;
}

export interface PasskeyAnswer {
  readonly passkey_id: number;
  readonly name: string;
  readonly synced: boolean;
  readonly created_at_ms: number;
  readonly last_used_at_ms: number | null;
}

export interface PasskeyBody {
  readonly ceremony: string;
  readonly credential: string;
  readonly name: string;
}

export interface PasskeyLoginBody {
  readonly ceremony: string;
  readonly credential: string;
}

export interface PasskeyNameBody {
  readonly name: string;
}

export interface PasskeyOptionsAnswer {
  readonly ceremony: string;
  readonly options: string;
}

export interface PasskeysAnswer {
  readonly passkeys: readonly PasskeyAnswer[];
}

export interface PasswordBody {
  readonly password: string;
}

export interface PasswordChangeBody {
  readonly password: string;
  readonly new_password: string;
}

export interface PeopleAnswer {
  readonly people: readonly PersonEntry[];
}

export type Permission = "account" | "connect" | "sessions" | "notes" | "whisper" | "queue" | "end" | "all-sessions" | "health" | "events" | "webhooks" | "people";

export interface PersonBody {
  readonly user_name: string;
  readonly name: string;
  readonly staff_number: string;
  readonly role: "engineer" | "supervisor" | "reviewer" | "external-reviewer" | "administrator";
  readonly max_scopes: readonly Scope[];
  readonly team?: string;
}

export interface PersonChangeBody {
  readonly name: string;
  readonly role: "engineer" | "supervisor" | "reviewer" | "external-reviewer" | "administrator";
  readonly max_scopes: readonly Scope[];
  readonly disabled: boolean;
}

export interface PersonEntry {
  readonly user_name: string;
  readonly name: string;
  readonly staff_number: string;
  readonly role: "engineer" | "supervisor" | "reviewer" | "external-reviewer" | "administrator";
  readonly max_scopes: readonly Scope[];
  readonly team: string;
  readonly disabled: boolean;
  readonly totp: boolean;
  readonly created_at_ms: number;
  readonly version: number;
}

export interface PersonTokensAnswer {
  readonly tokens: readonly TokenEntry[];
}

export interface PresenceAnswer {
  readonly idle_left_ms: number;
  readonly left_ms: number;
  readonly idle_minutes: number;
}

export interface ProofAnswer {
  readonly leaf: string;
  readonly proof: string;
  readonly consistency: readonly string[];
}

export interface QueueAnswer {
  readonly requests: readonly RequestAnswer[];
  readonly tiers: readonly string[];
  readonly change: number;
  readonly now_ms: number;
}

export interface QueueFiguresAnswer {
  readonly ended: number;
  readonly taken: number;
  readonly abandoned: number;
  readonly within: number;
  readonly promised: number;
  readonly median_ms: number | null;
  readonly p90_ms: number | null;
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

export interface RecoveryCodesAnswer {
  readonly codes: readonly string[];
}

export interface RequestAnswer {
  readonly request_id: number;
  readonly state: "waiting" | "taken" | "served" | "abandoned";
  readonly customer: string;
  readonly words: string;
  readonly contact: string;
  readonly tier: string;
  readonly asked_at_ms: number;
  readonly due_at_ms: number;
  readonly session_id: string | null;
  readonly customer_connected: boolean;
  readonly taken_by: string;
  readonly taken_by_number: string;
  readonly taken_at_ms: number;
  readonly mine: boolean;
}

export interface RequestBody {
  readonly customer: string;
  readonly words: string;
  readonly contact?: string;
  readonly tier?: string;
}

export interface RequestEndBody {
  readonly served: boolean;
  readonly session_id?: string | null;
}

export type Scope = "view" | "shell" | "files:r" | "files:w" | "forward" | "root" | "gateway";

export interface SecretAnswer {
  readonly secret: string;
  readonly old_until_ms: number;
}

export interface SessionAnswer {
  readonly session_id: string;
  readonly state: "waiting" | "paired" | "live" | "ended";
  readonly language: string;
  readonly opened_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly end_reason: string | null;
  readonly record_count: number | null;
  readonly stop: StopAnswer | null;
  readonly tier: string;
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
  readonly stop: StopAnswer | null;
  readonly tier: string;
  readonly customer_connected: boolean;
  readonly participants: readonly ParticipantAnswer[];
  readonly rating: RatingAnswer | null;
  readonly change: string;
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionAnswer[];
  readonly before: string | null;
  readonly change: string;
}

export interface SshGatewayAnswer {
  readonly host: string;
  readonly port: number;
  readonly user_name: string;
  readonly host_key: string;
  readonly fingerprint: string;
}

export interface SshGatewayBody {
  readonly ssh_public_key: string;
  readonly gateway_id: string;
  readonly gateway_key: string;
}

export interface StopAnswer {
  readonly name: string;
  readonly staff_number: string;
  readonly why: string;
}

export interface TeamEntry {
  readonly team: string;
  readonly people: number;
}

export interface TeamOfBody {
  readonly team: string;
}

export interface TeamRenameBody {
  readonly team: string;
  readonly name: string;
}

export interface TeamsAnswer {
  readonly teams: readonly TeamEntry[];
}

export interface TokenBody {
  readonly password?: string | null;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly days: number;
}

export interface TokenEntry {
  readonly token_id: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly last_used_at_ms: number | null;
  readonly address: string;
}

export interface TokensAnswer {
  readonly tokens: readonly TokenEntry[];
  readonly grantable: readonly string[];
}

export interface TotpBody {
  readonly password: string;
  readonly secret: string;
  readonly totp: string;
}

export interface TotpSecretAnswer {
  readonly secret: string;
  readonly uri: string;
}

export interface WaitingDeviceAnswer {
  readonly user_code: string;
  readonly device: string;
  readonly address: string;
  readonly here: boolean;
  readonly waiting_ms: number;
  readonly login_hours: number;
}

export interface WaysAnswer {
  readonly password: boolean;
  readonly passkey: boolean;
  readonly provider: string | null;
}

export interface WebhookAnswer {
  readonly webhook_id: string;
  readonly url: string;
  readonly events: readonly ("session.live" | "session.ended" | "rating.kept")[];
  readonly created_at_ms: number;
  readonly disabled_because: string;
  readonly secret: string;
}

export interface WebhookBody {
  readonly url: string;
  readonly events: readonly ("session.live" | "session.ended" | "rating.kept")[];
}

export interface WebhookEntry {
  readonly webhook_id: string;
  readonly url: string;
  readonly events: readonly ("session.live" | "session.ended" | "rating.kept")[];
  readonly created_at_ms: number;
  readonly disabled_because: string;
}

export interface WebhooksAnswer {
  readonly webhooks: readonly WebhookEntry[];
}

export interface WhisperAnswer {
  readonly number: number;
  readonly name: string;
  readonly staff_number: string;
  readonly said_at_ms: number;
  readonly text: string;
  readonly kind: "text" | "join";
  readonly mine: boolean;
}

export interface WhisperBody {
  readonly text: string;
}

export interface WhispersAnswer {
  readonly whispers: readonly WhisperAnswer[];
  readonly is_over: boolean;
}

export interface WitnessEntry {
  readonly name: string;
  readonly url: string;
  readonly cosigned_at_ms: number | null;
}
