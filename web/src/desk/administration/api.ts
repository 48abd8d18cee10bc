/** What those who lead and administer ask of the audit service. */

import { type AuditApi, address } from "../api";
import type {
  ClassAnswer,
  ClassesAnswer,
  HoldBody,
  JournalAnswer,
  MysteryAnswer,
  MysteryFlag,
  PlanBody,
  PoliciesAnswer,
  PolicyBody,
  PreviewAnswer,
  PreviewBody,
  RedrawnAnswer,
  RequestAnswer,
  RequestBody,
  RequestsAnswer,
  RetentionBody,
  RunAnswer,
  RunBody,
  SamplingAnswer,
  SamplingPlan,
  ScheduleAnswer,
  ScheduledAnswer,
  Scorecard,
  ScorecardCheckAnswer,
  SessionAnswer,
  SessionsAnswer,
  SiemAnswer,
  SiemTargetAnswer,
  StateAnswer,
  StratumPreview,
} from "../api_types";

export class DeskAdministration {
  readonly #api: AuditApi;

  constructor(api: AuditApi) {
    this.#api = api;
  }

  // ── retention ──

  async classes(): Promise<readonly ClassAnswer[]> {
    return (await this.#api.ask<ClassesAnswer>("GET", "/v1/retention")).classes;
  }

  async due(): Promise<readonly SessionAnswer[]> {
    return (await this.#api.ask<SessionsAnswer>("GET", "/v1/retention/due")).sessions;
  }

  async held(): Promise<readonly SessionAnswer[]> {
    return (await this.#api.ask<SessionsAnswer>("GET", "/v1/retention/held")).sessions;
  }

  setRetention(sessionId: string, body: RetentionBody): Promise<SessionAnswer> {
    return this.#api.ask("POST", `/v1/sessions/${sessionId}/retention`, body);
  }

  setHold(sessionId: string, body: HoldBody): Promise<SessionAnswer> {
    return this.#api.ask("POST", `/v1/sessions/${sessionId}/hold`, body);
  }

  requests(): Promise<RequestsAnswer> {
    return this.#api.ask("GET", address("/v1/requests", { limit: 200 }));
  }

  request(body: RequestBody): Promise<RequestAnswer> {
    return this.#api.ask("POST", "/v1/requests", body);
  }

  answer(requestId: number, verb: "confirm" | "refuse"): Promise<RequestAnswer> {
    return this.#api.ask("POST", `/v1/requests/${requestId}/${verb}`, {});
  }

  // ── erasing by itself ──

  policies(): Promise<PoliciesAnswer> {
    return this.#api.ask("GET", "/v1/retention/policies");
  }

  async askPolicy(retention: PolicyBody["retention"], reason: string): Promise<void> {
    await this.#api.ask("POST", "/v1/retention/policies", { retention, erase_when_due: true, reason });
  }

  async answerPolicy(policyId: number, verb: "confirm" | "refuse" | "end"): Promise<void> {
    await this.#api.ask("POST", `/v1/retention/policies/${policyId}/${verb}`, {});
  }

  async schedule(): Promise<readonly ScheduledAnswer[]> {
    return (await this.#api.ask<ScheduleAnswer>("GET", "/v1/retention/schedule")).sessions;
  }

  // ── how the service is, and what was decided ──

  journal(choice: JournalChoice, before: number | null): Promise<JournalAnswer> {
    return this.#api.ask("GET", address("/v1/journal", { ...choice, before }));
  }

  async monitors(): Promise<readonly SiemTargetAnswer[]> {
    return (await this.#api.ask<SiemAnswer>("GET", "/v1/siem")).targets;
  }

  state(): Promise<StateAnswer> {
    return this.#api.ask("GET", "/v1/state");
  }

  // ── scorecards ──

  checkScorecard(text: string): Promise<ScorecardCheckAnswer> {
    return this.#api.ask("POST", "/v1/scorecards/check", { text });
  }

  async addScorecard(scorecard: Scorecard): Promise<void> {
    await this.#api.ask("POST", "/v1/scorecards", scorecard);
  }

  async retireScorecard(id: string, retired: boolean): Promise<void> {
    await this.#api.ask(retired ? "PUT" : "DELETE", `/v1/scorecards/${id}/retired`);
  }

  // ── sampling ──

  sampling(): Promise<SamplingAnswer> {
    return this.#api.ask("GET", "/v1/sampling");
  }

  addPlan(body: PlanBody): Promise<SamplingPlan> {
    return this.#api.ask("POST", "/v1/sampling", body);
  }

  async preview(body: PreviewBody): Promise<readonly StratumPreview[]> {
    return (await this.#api.ask<PreviewAnswer>("POST", "/v1/sampling/preview", body)).strata;
  }

  async previewKept(name: string, body: RunBody): Promise<readonly StratumPreview[]> {
    return (await this.#api.ask<PreviewAnswer>("POST", `/v1/sampling/${name}/preview`, body)).strata;
  }

  draw(name: string, body: RunBody): Promise<RunAnswer> {
    return this.#api.ask("POST", `/v1/sampling/${name}/runs`, body);
  }

  redraw(runId: string): Promise<RedrawnAnswer> {
    return this.#api.ask("GET", `/v1/sampling/runs/${runId}/check`);
  }

  async mysteries(): Promise<readonly MysteryFlag[]> {
    return (await this.#api.ask<MysteryAnswer>("GET", "/v1/mystery")).flags;
  }

  async flagMystery(sessionId: string, note: string): Promise<void> {
    await this.#api.ask("PUT", `/v1/mystery/${sessionId}`, { note });
  }

  async unflagMystery(sessionId: string): Promise<void> {
    await this.#api.ask("DELETE", `/v1/mystery/${sessionId}`);
  }
}

/** Which entries of the journal; what is left out or empty is not asked for. */
export interface JournalChoice {
  readonly kind?: string;
  readonly source?: "" | "broker" | "audit";
  readonly who?: string;
  readonly session_id?: string;
  readonly since_ms?: number | null;
  readonly until_ms?: number | null;
}
