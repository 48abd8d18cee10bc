/** The audit service's HTTP API, as far as the desk needs it. Whatever shows contents asks for a purpose, and is noted. */

import { SignInApi } from "../http/signIn";
import type {
  AssignBody,
  Assignment,
  BehindAnswer,
  CalibrationBody,
  CalibrationsAnswer,
  DecisionBody,
  DisputeBody,
  FoundPage,
  MarkRuleAnswer,
  MarkRulesAnswer,
  MeAnswer,
  PeopleAnswer,
  PersonEntry,
  ReportAnswer,
  ReviewBody,
  ReviewerAnswer,
  ReviewersAnswer,
  ReviewsAnswer,
  ScorecardsAnswer,
  SearchBody,
  SessionAnswer,
  SessionsAnswer,
  VerifyAnswer,
  ViewAnswer,
  ViewsAnswer,
  WholeReviewAnswer,
} from "./api_types";
import { type Entry, type FileOperation, type Line, readLines, type WallLine } from "./lines";

type Words = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;

export class AuditApi extends SignInApi<MeAnswer> {
  // ── sessions ──

  async sessions(which: {
    readonly before?: string;
    readonly limit?: number;
    readonly running?: boolean;
    readonly id?: readonly string[];
  }): Promise<readonly SessionAnswer[]> {
    return (await this.ask<SessionsAnswer>("GET", address("/v1/sessions", which))).sessions;
  }

  session(sessionId: string): Promise<SessionAnswer> {
    return this.ask("GET", `/v1/sessions/${sessionId}`);
  }

  verify(sessionId: string, language: string): Promise<VerifyAnswer> {
    return this.ask("GET", address(`/v1/sessions/${sessionId}/verify`, { language }));
  }

  timeline(sessionId: string, purpose: string): Promise<Entry[]> {
    return this.#all(address(`/v1/sessions/${sessionId}/timeline`, { purpose }));
  }

  files(sessionId: string, purpose: string): Promise<FileOperation[]> {
    return this.#all(address(`/v1/sessions/${sessionId}/files`, { purpose }));
  }

  moment(
    sessionId: string,
    which: { readonly purpose: string; readonly t_ms: number; readonly seconds: number; readonly channel: number },
  ): AsyncGenerator<Line> {
    return this.#lines(address(`/v1/sessions/${sessionId}/moment`, which));
  }

  wall(ids: readonly string[], purpose: string, signal: AbortSignal): AsyncGenerator<WallLine> {
    return this.#lines(address("/v1/live", { id: ids, purpose }), signal);
  }

  search(body: SearchBody): Promise<FoundPage> {
    return this.ask("POST", "/v1/search", body);
  }

  async markRules(): Promise<readonly MarkRuleAnswer[]> {
    return (await this.ask<MarkRulesAnswer>("GET", "/v1/mark-rules")).rules;
  }

  async views(which: {
    readonly session_id?: string;
    readonly user_name?: string;
    readonly before_id?: number;
    readonly limit?: number;
    readonly action?: readonly string[];
    readonly since_ms?: number | null;
    readonly until_ms?: number | null;
  }): Promise<readonly ViewAnswer[]> {
    return (await this.ask<ViewsAnswer>("GET", address("/v1/views", which))).views;
  }

  // ── reviews ──

  scorecards(): Promise<ScorecardsAnswer> {
    return this.ask("GET", "/v1/scorecards");
  }

  /** A page of them: the last due first, or those that are open in the order in which they are due. */
  reviews(which: {
    readonly session_id?: readonly string[];
    readonly reviewer?: string;
    readonly state?: "open" | "done";
    readonly after?: string | null;
  }): Promise<ReviewsAnswer> {
    return this.ask("GET", address("/v1/reviews", which));
  }

  review(reviewId: string): Promise<WholeReviewAnswer> {
    return this.ask("GET", `/v1/reviews/${reviewId}`);
  }

  assign(body: AssignBody): Promise<Assignment> {
    return this.ask("POST", "/v1/reviews", body);
  }

  save(reviewId: string, body: ReviewBody): Promise<WholeReviewAnswer> {
    return this.ask("PUT", `/v1/reviews/${reviewId}`, body);
  }

  submit(reviewId: string, body: ReviewBody): Promise<WholeReviewAnswer> {
    return this.ask("POST", `/v1/reviews/${reviewId}/submit`, body);
  }

  dispute(reviewId: string, body: DisputeBody): Promise<WholeReviewAnswer> {
    return this.ask("POST", `/v1/reviews/${reviewId}/dispute`, body);
  }

  decide(reviewId: string, body: DecisionBody): Promise<WholeReviewAnswer> {
    return this.ask("POST", `/v1/reviews/${reviewId}/decision`, body);
  }

  async calibrate(body: CalibrationBody): Promise<void> {
    await this.ask("POST", "/v1/calibrations", body);
  }

  async reviewers(): Promise<readonly ReviewerAnswer[]> {
    return (await this.ask<ReviewersAnswer>("GET", "/v1/reviewers")).reviewers;
  }

  calibrations(): Promise<CalibrationsAnswer> {
    return this.ask("GET", "/v1/calibrations");
  }

  async people(): Promise<readonly PersonEntry[]> {
    return (await this.ask<PeopleAnswer>("GET", "/v1/people")).people;
  }

  // ── reports ──

  report(which: ReportQuestion): Promise<ReportAnswer> {
    return this.ask("GET", address("/v1/report", { ...which }));
  }

  /** A page of the sessions that a figure of the same report rests on, the newest first. */
  behind(which: ReportQuestion, figure: FigureQuestion): Promise<BehindAnswer> {
    return this.ask("GET", address("/v1/report/sessions", { ...which, ...figure }));
  }

  async *#lines<T = Line>(path: string, signal?: AbortSignal): AsyncGenerator<T> {
    yield* readLines<T>(await this.http.send("GET", path, undefined, {}, signal));
  }

  async #all<T>(path: string): Promise<T[]> {
    const found: T[] = [];
    for await (const line of this.#lines<T>(path)) found.push(line);
    return found;
  }
}

export interface ReportQuestion {
  readonly first?: string;
  readonly last?: string;
  readonly zone?: string;
  readonly by?: ReportAnswer["grouping"];
  readonly within_seconds?: number;
  readonly team?: string;
  readonly tier?: string;
}

export interface FigureQuestion {
  readonly figure: string;
  readonly group: string;
  readonly which: "all" | "hits" | "rest";
  readonly after: string | null;
}

/** What is left out, or null, is not asked for. A list names its word several times. */
export function address(path: string, words: Words): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) {
    if (value === undefined || value === null || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}
