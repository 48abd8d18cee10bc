// Written by tools/generate_web_types.py from the Python side. Change it there.

export interface AboutAnswer {
  readonly engineer: string;
  readonly staff_number: string;
  readonly team: string;
  readonly tier: string;
  readonly customer: string;
  readonly reason: string;
  readonly ticket: string;
  readonly started_at_ms: number | null;
  readonly duration_ms: number | null;
  readonly end_reason: string;
  readonly stars: number | null;
  readonly solved: boolean | null;
  readonly comment: string;
  readonly marks: readonly MarkAnswer[];
  readonly can_be_reviewed: boolean;
  readonly scopes: readonly string[];
  readonly expires_at_ms: number | null;
}

export interface Agreement {
  readonly count: number;
  readonly agreed: number;
  readonly kappa: number | null;
}

export interface AllTokensAnswer {
  readonly tokens: readonly OwnedTokenEntry[];
}

export interface Answer {
  readonly criterion: string;
  readonly points: number | null;
  readonly at_ms: number | null;
  readonly note: string;
}

export interface AssignBody {
  readonly session_id: string;
  readonly reviewer: string;
  readonly scorecard: string;
  readonly due_days?: number;
}

export interface Assignment {
  readonly assignment_id: string;
  readonly session_id: string;
  readonly reviewer: string;
  readonly scorecard: string;
  readonly scorecard_version: number;
  readonly reason: "low-rating" | "mark" | "mystery" | "random" | "request";
  readonly detail: string;
  readonly run_id: string | null;
  readonly calibration_id: string | null;
  readonly assigned_by: string;
  readonly assigned_at_ms: number;
  readonly due_at_ms: number;
}

export interface AssignmentsAnswer {
  readonly assignments: readonly Assignment[];
}

export interface BackupDetails {
  readonly folder: string;
  readonly made_at_ms: number;
  readonly in_reach: boolean;
}

export interface BehindAnswer {
  readonly sessions: readonly SessionAnswer[];
  readonly count: number;
  readonly next: string | null;
}

export interface BothLanguages {
  readonly en: string;
  readonly "zh-CN": string;
}

export interface BrokersNote {
  readonly author: string;
  readonly staff_number: string;
  readonly written_at_ms: number | null;
  readonly text: string;
}

export interface BrokersParticipant {
  readonly number: number | null;
  readonly name: string;
  readonly staff_number: string;
  readonly team: string;
  readonly paired_at_ms: number | null;
  readonly scopes: readonly string[];
  readonly expires_at_ms: number | null;
}

export interface BrokersRating {
  readonly stars: number;
  readonly solved: boolean | null;
  readonly comment: string;
  readonly rated_at_ms: number | null;
}

export interface BrokersSession {
  readonly state: string;
  readonly language: string;
  readonly end_reason: string | null;
  readonly record_count: number | null;
  readonly tier: string;
  readonly participants: readonly BrokersParticipant[];
  readonly notes: readonly BrokersNote[];
  readonly rating: BrokersRating | null;
}

export interface CalibratedReview {
  readonly review_id: string;
  readonly reviewer: string;
  readonly is_in: boolean;
  readonly score: number | null;
}

export interface CalibratedSession {
  readonly session_id: string;
  readonly session: SessionFacts | null;
  readonly scorecard_title: BothLanguages;
  readonly due_at_ms: number;
  readonly reviews: readonly [CalibratedReview, CalibratedReview];
  readonly points_apart: number | null;
}

export interface CalibrationBody {
  readonly session_id: string;
  readonly reviewers: readonly [string, string];
  readonly scorecard: string;
  readonly due_days?: number;
}

export interface CalibrationsAnswer {
  readonly pairs: readonly PairAgreement[];
  readonly criteria: readonly CriterionAgreement[];
  readonly sessions: readonly CalibratedSession[];
  readonly names: Readonly<Record<string, string>>;
}

export interface CheckAnswer {
  readonly check: string;
  readonly outcome: Outcome;
  readonly sentence: string;
}

export interface ClassAnswer {
  readonly retention: "standard" | "short" | "pci";
  readonly floor_days: number;
  readonly kept: number;
  readonly held: number;
  readonly due: number;
}

export interface ClassesAnswer {
  readonly classes: readonly ClassAnswer[];
}

export interface Criterion {
  readonly id: string;
  readonly weight: number;
  readonly scale: string;
  readonly title: BothLanguages;
  readonly help: BothLanguages;
  readonly section: string | null;
  readonly not_applicable: boolean;
  readonly auto_fail: boolean;
}

export interface CriterionAgreement {
  readonly scorecard: string;
  readonly scorecard_title: BothLanguages;
  readonly criterion: string;
  readonly title: BothLanguages;
  readonly sessions: readonly string[];
  readonly lines: Agreement;
}

export interface DecisionBody {
  readonly outcome: "amended" | "kept" | "struck";
  readonly words?: string;
  readonly answers?: readonly Answer[];
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

export interface Dispute {
  readonly assignment_id: string;
  readonly raised_by: string;
  readonly raised_at_ms: number;
  readonly grounds: string;
  readonly outcome: "amended" | "kept" | "struck" | null;
  readonly decided_by: string;
  readonly decided_at_ms: number | null;
  readonly words: string;
  readonly amended_answers: readonly Answer[];
}

export interface DisputeBody {
  readonly grounds: string;
  readonly raised_by?: string;
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

export interface Fault {
  readonly kind: FaultKind;
  readonly record: number;
  readonly offset: number;
}

export type FaultKind = "dropped" | "flipped" | "foreign" | "forked" | "malformed" | "reordered" | "repeated" | "truncated";

export interface FeedDetails {
  readonly origin: string;
  readonly connected: boolean;
  readonly heard_at_ms: number | null;
  readonly profile_version: number | null;
  readonly waiting: number;
}

export interface FigureAnswer {
  readonly name: string;
  readonly unit: "ms" | "points" | "share";
  readonly value: number | null;
  readonly count: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly too_few: boolean;
  readonly sessions: number;
  readonly hits: number;
}

export interface FoundHit {
  readonly session_id: string;
  readonly t_ms: number;
  readonly at_ms: number;
  readonly kind: string;
  readonly text: string;
  readonly source: string;
  readonly channel: number;
  readonly name: string;
  readonly engineers: readonly string[];
  readonly customer: string;
  readonly ticket: string;
}

export interface FoundPage {
  readonly hits: readonly FoundHit[];
  readonly next: string;
  readonly more_in: readonly string[];
  readonly damaged: readonly string[];
}

export interface GroupAnswer {
  readonly key: string;
  readonly label: string;
  readonly figures: readonly FigureAnswer[];
}

export interface HoldBody {
  readonly reason: string | null;
  readonly because?: string | null;
}

export interface JournalAnswer {
  readonly entries: readonly JournalEntryAnswer[];
  readonly before: number | null;
  readonly kinds: readonly string[];
}

export interface JournalEntryAnswer {
  readonly entry_id: number;
  readonly source: string;
  readonly source_key: string;
  readonly at_ms: number;
  readonly kind: string;
  readonly actor: string;
  readonly subject: string;
  readonly address: string;
  readonly session_id: string | null;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export interface KeyDetails {
  readonly key_id: string;
  readonly suite: string;
  readonly named: boolean;
}

export interface KeysDetails {
  readonly keys: readonly KeyDetails[];
  readonly phase: "none" | "started" | "overlap" | "completed" | "rolled-back";
  readonly command: string;
}

export type Kind = "chat" | "command" | "consent" | "file" | "forward" | "gap" | "mark" | "note" | "output" | "session";

export interface Level {
  readonly en: string;
  readonly "zh-CN": string;
  readonly points: number;
}

export interface LineProblem {
  readonly kind: "not-toml" | "too-large" | "first-zero" | "least" | "missing" | "name" | "no-such-scale" | "no-such-section" | "no-weight" | "number" | "points-rise" | "text" | "too-few" | "twice" | "unknown" | "value" | "weightless";
  readonly line: number | null;
  readonly where: string;
  readonly detail: string;
}

export interface LogPlaces {
  readonly opened: number | null;
  readonly closed: number | null;
}

export interface LoginAnswer {
  readonly token: string;
  readonly expires_at_ms: number;
  readonly user_name: string;
  readonly name: string;
  readonly role: "reviewer" | "external-reviewer" | "supervisor" | "administrator";
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

export interface Mark {
  readonly rule: string;
  readonly t_ms: number;
  readonly detail: string;
}

export interface MarkAnswer {
  readonly rule: string;
  readonly t_ms: number;
  readonly detail: string;
}

export interface MarkRuleAnswer {
  readonly id: string;
  readonly title: BothLanguages;
  readonly kind: "bytes-out" | "chat" | "clock" | "command" | "files-out" | "output-differs" | "pause" | "recording" | "redacted" | "refused-more" | "scope";
  readonly scopes: readonly string[];
  readonly limit: number | null;
  readonly states: readonly string[];
  readonly redaction: readonly string[];
  readonly pattern: string;
}

export interface MarkRulesAnswer {
  readonly rules: readonly MarkRuleAnswer[];
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
  readonly role: "reviewer" | "external-reviewer" | "supervisor" | "administrator";
  readonly permissions: readonly Permission[];
  readonly organisation: string;
  readonly broker_origin: string;
}

export interface MysteryAnswer {
  readonly flags: readonly MysteryFlag[];
}

export interface MysteryBody {
  readonly note?: string;
}

export interface MysteryFlag {
  readonly session_id: string;
  readonly flagged_by: string;
  readonly flagged_at_ms: number;
  readonly note: string;
}

export interface NewTokenAnswer {
  readonly token: string;
  readonly entry: TokenEntry;
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

export type Outcome = "failed" | "ok" | "remark" | "unchecked";

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

export interface PairAgreement {
  readonly first: string;
  readonly second: string;
  readonly sessions: readonly string[];
  readonly points_apart: number;
  readonly lines: Agreement;
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

export type Permission = "account" | "list" | "view" | "view-own" | "search" | "review" | "lead" | "reports" | "scorecards" | "who-saw" | "request" | "confirm" | "retain" | "events" | "people";

export interface PersonAnswer {
  readonly user_name: string;
  readonly name: string;
}

export interface PersonEntry {
  readonly user_name: string;
  readonly name: string;
  readonly role: "reviewer" | "external-reviewer" | "supervisor" | "administrator";
  readonly disabled: boolean;
  readonly totp: boolean;
  readonly created_at_ms: number;
}

export interface PersonTokensAnswer {
  readonly tokens: readonly TokenEntry[];
}

export interface PlanBody {
  readonly name: string;
  readonly kind: "low-rating" | "mark" | "mystery" | "random";
  readonly scorecard: string;
  readonly reviewers: readonly string[];
  readonly due_days?: number;
  readonly stratum?: "engineer" | "none" | "team";
  readonly per_stratum?: number | null;
  readonly margin?: number | null;
  readonly stars_at_most?: number;
  readonly marks?: readonly string[];
}

export interface PoliciesAnswer {
  readonly policies: readonly PolicyAnswer[];
  readonly notice_days: number;
}

export interface PolicyAnswer {
  readonly policy_id: number;
  readonly retention: "standard" | "short" | "pci";
  readonly state: "asked" | "confirmed" | "refused" | "ended";
  readonly reason: string;
  readonly asked_by: string;
  readonly asked_at_ms: number;
  readonly answered_by: string | null;
  readonly answered_at_ms: number | null;
  readonly ended_by: string | null;
  readonly ended_at_ms: number | null;
}

export interface PolicyBody {
  readonly retention: "standard" | "short" | "pci";
  readonly erase_when_due: boolean;
  readonly reason: string;
}

export interface PresenceAnswer {
  readonly idle_left_ms: number;
  readonly left_ms: number;
  readonly idle_minutes: number;
}

export interface PreviewAnswer {
  readonly strata: readonly StratumPreview[];
}

export interface PreviewBody {
  readonly first?: string | null;
  readonly last?: string | null;
  readonly zone?: string;
  readonly plan: PlanBody;
}

export interface RecordingDigest {
  readonly engineer: string | null;
  readonly staff_number: string | null;
  readonly organisation: string | null;
  readonly reason: string | null;
  readonly ticket: string | null;
  readonly host_label: string | null;
  readonly user_name: string | null;
  readonly started_at_ms: number | null;
  readonly duration_ms: number | null;
  readonly records: number;
  readonly events: number;
  readonly files: number;
  readonly whole: boolean;
}

export interface RecoveryCodesAnswer {
  readonly codes: readonly string[];
}

export interface RedrawnAnswer {
  readonly run_id: string;
  readonly plan: string;
  readonly seed: string;
  readonly same: boolean;
}

export interface ReportAnswer {
  readonly first_day: string;
  readonly last_day: string;
  readonly zone: string;
  readonly grouping: "all" | "engineer" | "month" | "team" | "tier" | "week";
  readonly sessions: number;
  readonly service_target_ms: number;
  readonly groups: readonly GroupAnswer[];
  readonly requests: number;
  readonly team: string | null;
  readonly tier: string | null;
  readonly teams: readonly string[];
  readonly tiers: readonly string[];
}

export interface RequestAnswer {
  readonly request_id: number;
  readonly kind: "export" | "erase";
  readonly session_id: string;
  readonly state: "asked" | "confirmed" | "refused" | "done";
  readonly reason: string;
  readonly asked_by: string;
  readonly asked_at_ms: number;
  readonly answered_by: string | null;
  readonly answered_at_ms: number | null;
}

export interface RequestBody {
  readonly kind: "export" | "erase";
  readonly session_id: string;
  readonly reason: string;
}

export interface RequestsAnswer {
  readonly requests: readonly RequestAnswer[];
  readonly confirmers: readonly PersonAnswer[];
}

export interface RetentionBody {
  readonly retention: "standard" | "short" | "pci";
  readonly reason: string;
}

export interface ReviewAnswer {
  readonly review_id: string;
  readonly status: "amended" | "assigned" | "disputed" | "draft" | "kept" | "struck" | "submitted";
  readonly assignment: Assignment;
  readonly answers: readonly Answer[];
  readonly given: readonly Answer[];
  readonly comment: string;
  readonly score: number | null;
  readonly auto_fails: readonly string[];
  readonly dispute: Dispute | null;
  readonly session: SessionFacts | null;
  readonly names: Readonly<Record<string, string>>;
}

export interface ReviewBody {
  readonly answers: readonly Answer[];
  readonly comment?: string;
}

export interface ReviewerAnswer {
  readonly user_name: string;
  readonly name: string;
  readonly open: number;
  readonly late: number;
}

export interface ReviewersAnswer {
  readonly reviewers: readonly ReviewerAnswer[];
}

export interface ReviewsAnswer {
  readonly reviews: readonly ReviewAnswer[];
  readonly after: string | null;
}

export interface RunAnswer {
  readonly run: SampleRun;
  readonly assignments: readonly Assignment[];
}

export interface RunBody {
  readonly first?: string | null;
  readonly last?: string | null;
  readonly zone?: string;
}

export interface RunSummary {
  readonly run_id: string;
  readonly plan: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly ran_by: string;
  readonly ran_at_ms: number;
  readonly strata: number;
  readonly population: number;
  readonly drawn: number;
}

export interface SampleRun {
  readonly run_id: string;
  readonly plan: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly ran_by: string;
  readonly ran_at_ms: number;
  readonly strata: readonly StratumDrawn[];
}

export interface SamplingAnswer {
  readonly plans: readonly SamplingPlan[];
  readonly runs: readonly RunSummary[];
}

export interface SamplingPlan {
  readonly name: string;
  readonly kind: "low-rating" | "mark" | "mystery" | "random";
  readonly scorecard: string;
  readonly reviewers: readonly string[];
  readonly due_days: number;
  readonly stratum: "engineer" | "none" | "team";
  readonly per_stratum: number | null;
  readonly margin: number | null;
  readonly stars_at_most: number;
  readonly marks: readonly string[];
  readonly seed: string;
  readonly made_by: string;
  readonly made_at_ms: number;
}

export interface Scale {
  readonly levels: readonly Level[];
}

export interface ScheduleAnswer {
  readonly sessions: readonly ScheduledAnswer[];
}

export interface ScheduledAnswer {
  readonly session_id: string;
  readonly retention: "standard" | "short" | "pci";
  readonly due_at_ms: number;
  readonly policy_id: number | null;
  readonly erase_at_ms: number | null;
}

export interface Scorecard {
  readonly id: string;
  readonly version: number;
  readonly title: BothLanguages;
  readonly scales: Readonly<Record<string, Scale>>;
  readonly criteria: readonly Criterion[];
  readonly sections: Readonly<Record<string, BothLanguages>>;
}

export interface ScorecardCheckAnswer {
  readonly scorecard: Scorecard | null;
  readonly problems: readonly LineProblem[];
}

export interface ScorecardFileBody {
  readonly text: string;
}

export interface ScorecardsAnswer {
  readonly scorecards: readonly Scorecard[];
  readonly retired: Readonly<Record<string, number>>;
}

export interface SearchBody {
  readonly words: string;
  readonly purpose?: string;
  readonly engineer?: string;
  readonly customer?: string;
  readonly from_ms?: number | null;
  readonly until_ms?: number | null;
  readonly mark?: string;
  readonly session_id?: string | null;
  readonly kinds?: readonly Kind[];
  readonly after?: string;
  readonly limit?: number;
}

export interface SeenLog {
  readonly origin: string;
  readonly size: number | null;
  readonly witnesses_needed: number;
  readonly witnesses: readonly SeenWitness[];
  readonly caught: number;
  readonly waiting: number;
}

export interface SeenWitness {
  readonly name: string;
  readonly cosigned_at_ms: number | null;
}

export interface SessionAnswer {
  readonly session_id: string;
  readonly state: "complete" | "partial" | "arriving" | "lost" | "none";
  readonly condition: "sound" | "broken" | "hostile" | "sealed" | "unread";
  readonly problem: string;
  readonly opened_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly records: number;
  readonly retention: "standard" | "short" | "pci";
  readonly held: string | null;
  readonly erased_at_ms: number | null;
  readonly broker: BrokersSession | null;
  readonly recording: RecordingDigest | null;
  readonly about: AboutAnswer;
}

export interface SessionFacts {
  readonly session_id: string;
  readonly state: string;
  readonly opened_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly end_reason: string;
  readonly engineer: string;
  readonly staff_number: string;
  readonly organisation: string;
  readonly customer: string;
  readonly reason: string;
  readonly ticket: string;
  readonly first_response_ms: number | null;
  readonly active_ms: number | null;
  readonly stars: number | null;
  readonly solved: boolean | null;
  readonly comment: string;
  readonly marks: readonly Mark[];
  readonly chain_hash: string;
  readonly intact: boolean;
  readonly mystery: boolean;
  readonly team: string;
  readonly tier: string;
}

export interface SessionsAnswer {
  readonly sessions: readonly SessionAnswer[];
}

export interface SiemAnswer {
  readonly targets: readonly SiemTargetAnswer[];
}

export interface SiemTargetAnswer {
  readonly name: string;
  readonly to: string;
  readonly format: string;
  readonly problem: string;
  readonly failing_since_ms: number | null;
  readonly delivered_at_ms: number | null;
  readonly waiting_entries: number;
  readonly waiting_sessions: number;
  readonly oldest_waiting_ms: number | null;
}

export interface StateAnswer {
  readonly feed: FeedDetails;
  readonly log: SeenLog | null;
  readonly keys: KeysDetails;
  readonly key_backups: readonly BackupDetails[];
}

export interface StratumDrawn {
  readonly name: string;
  readonly population: readonly string[];
  readonly drawn: readonly string[];
}

export interface StratumPreview {
  readonly name: string;
  readonly label: string;
  readonly population: number;
  readonly drawn: number;
  readonly fresh: number;
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

export interface VerifyAnswer {
  readonly intact: boolean;
  readonly verdict: "arriving" | "broken" | "erased" | "intact" | "partial";
  readonly state: string;
  readonly fault: Fault | null;
  readonly checks: readonly CheckAnswer[];
  readonly log: "close-missing" | "closed-early" | "head-differs" | "log-contradicts" | "no-log" | "not-asked" | "not-proved" | "open-differs" | "open-missing" | "opened" | "verified";
  readonly log_places: LogPlaces;
  readonly summary: string;
}

export interface ViewAnswer {
  readonly view_id: number;
  readonly session_id: string;
  readonly user_name: string;
  readonly action: "view" | "search" | "download" | "export" | "hold" | "lift-hold" | "retention" | "erase";
  readonly purpose: string;
  readonly seen_at_ms: number;
  readonly commitment: string;
  readonly salt: string;
}

export interface ViewsAnswer {
  readonly views: readonly ViewAnswer[];
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

export interface WholeReviewAnswer {
  readonly review_id: string;
  readonly status: "amended" | "assigned" | "disputed" | "draft" | "kept" | "struck" | "submitted";
  readonly assignment: Assignment;
  readonly answers: readonly Answer[];
  readonly given: readonly Answer[];
  readonly comment: string;
  readonly score: number | null;
  readonly auto_fails: readonly string[];
  readonly dispute: Dispute | null;
  readonly session: SessionFacts | null;
  readonly names: Readonly<Record<string, string>>;
  readonly scorecard: Scorecard;
}
