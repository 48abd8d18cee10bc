/** The broker's HTTP API, as far as the console needs it. The cookie says who asks; JavaScript never sees it. */

import { ServerRefused } from "../http/api";
import { SignInApi } from "../http/signIn";
import { fromBase64Url, toBase64Url } from "../protocol/bytes";
import { openProfile, type Profile } from "../protocol/profile";
import type {
  CertificateAnswer,
  MeAnswer,
  NoteAnswer,
  NotesAnswer,
  QueueAnswer,
  QueueFiguresAnswer,
  RequestAnswer,
  RequestBody,
  SessionAnswer,
  SessionDetails,
  SessionsAnswer,
  SshGatewayAnswer,
  SshGatewayBody,
  WhisperAnswer,
  WhispersAnswer,
} from "./api_types";

export { ServerRefused as BrokerRefused } from "../http/api";

const ROOT_KEY_HEADER = "Consentry-Root-Key";

/** The profile, and the root key that signed it. */
export interface Organisation {
  readonly profile: Profile;
  readonly rootKey: Uint8Array;
}

export class BrokerApi extends SignInApi<MeAnswer> {
  async sessions(): Promise<readonly SessionAnswer[]> {
    return (await this.ask<SessionsAnswer>("GET", "/v1/sessions")).sessions;
  }

  /** One's own; with the last answer's `change`, when something has changed since, or after so many seconds. */
  sessionsNow(after: string | null, waitSeconds: number, signal: AbortSignal): Promise<SessionsAnswer> {
    return this.#news(`/v1/sessions?after=${after ?? ""}`, waitSeconds, signal);
  }

  session(sessionId: string, signal?: AbortSignal): Promise<SessionDetails> {
    return this.ask("GET", `/v1/sessions/${sessionId}`, undefined, undefined, signal);
  }

  /** With the last answer's `change`, when something has changed since, or after so many seconds. */
  sessionNow(
    sessionId: string,
    after: string | null,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<SessionDetails> {
    return this.#news(`/v1/sessions/${sessionId}?after=${after ?? ""}`, waitSeconds, signal);
  }

  async endSession(sessionId: string): Promise<void> {
    await this.ask("POST", `/v1/sessions/${sessionId}/end`, {});
  }

  /** Of everybody: for supervisors. */
  runningSessions(after: string | null, waitSeconds: number, signal: AbortSignal): Promise<SessionsAnswer> {
    return this.#news(`/v1/sessions?whose=all&state=open&after=${after ?? ""}`, waitSeconds, signal);
  }

  /** Ends the session of others; `why` is read by its customer and engineers. */
  async stopSession(sessionId: string, why: string): Promise<void> {
    await this.ask("POST", `/v1/sessions/${sessionId}/end`, { why });
  }

  /** What was whispered after that number; waits so long for something to be. */
  whispers(sessionId: string, after: number, waitSeconds: number): Promise<WhispersAnswer> {
    return this.ask("GET", `/v1/sessions/${sessionId}/whispers?after=${after}&wait=${waitSeconds}`);
  }

  /** Asks the session's engineer for a code. */
  askToJoin(sessionId: string): Promise<WhisperAnswer> {
    return this.ask("POST", `/v1/sessions/${sessionId}/join`, {});
  }

  whisper(sessionId: string, text: string): Promise<WhisperAnswer> {
    return this.ask("POST", `/v1/sessions/${sessionId}/whispers`, { text });
  }

  /** Who waits for help; with the last answer's `change`, when something has changed since, or after so many seconds. */
  queue(after: number | null, waitSeconds: number, signal: AbortSignal): Promise<QueueAnswer> {
    return this.#news(`/v1/requests?after=${after ?? 0}`, waitSeconds, signal);
  }

  #news<T>(path: string, waitSeconds: number, signal: AbortSignal): Promise<T> {
    return this.ask("GET", `${path}&wait=${waitSeconds}`, undefined, undefined, signal);
  }

  askForHelp(body: RequestBody): Promise<RequestAnswer> {
    return this.ask("POST", "/v1/requests", body);
  }

  takeRequest(requestId: number): Promise<RequestAnswer> {
    return this.ask("POST", `/v1/requests/${requestId}/take`, {});
  }

  giveBackRequest(requestId: number): Promise<RequestAnswer> {
    return this.ask("POST", `/v1/requests/${requestId}/give-back`, {});
  }

  /** `sessionId`: in which session they were helped. */
  async endRequest(requestId: number, served: boolean, sessionId: string | null = null): Promise<void> {
    await this.ask("POST", `/v1/requests/${requestId}/end`, { served, session_id: sessionId });
  }

  queueFigures(sinceMs: number): Promise<QueueFiguresAnswer> {
    return this.ask("GET", `/v1/requests/figures?since_ms=${sinceMs}`);
  }

  async notes(sessionId: string): Promise<readonly NoteAnswer[]> {
    return (await this.ask<NotesAnswer>("GET", `/v1/sessions/${sessionId}/notes`)).notes;
  }

  /** With the last answer's `change`, when something has changed since, or after so many seconds. */
  notesNow(sessionId: string, after: string | null, waitSeconds: number, signal: AbortSignal): Promise<NotesAnswer> {
    return this.#news(`/v1/sessions/${sessionId}/notes?after=${after ?? ""}`, waitSeconds, signal);
  }

  addNote(sessionId: string, text: string): Promise<NoteAnswer> {
    return this.ask("POST", `/v1/sessions/${sessionId}/notes`, { text });
  }

  /** One's own note, from the text that is known of it. Refused with `note-changed` where there is another by now. */
  changeNote(sessionId: string, note: NoteAnswer, text: string): Promise<NoteAnswer> {
    const headers = { "If-Match": `"${note.version}"` };
    return this.ask("PUT", `/v1/sessions/${sessionId}/notes/${note.note_id}`, { text }, headers);
  }

  /** Names the SSH key that may reach this session through the gateway. */
  openSshGateway(sessionId: string, body: SshGatewayBody): Promise<SshGatewayAnswer> {
    return this.ask("PUT", `/v1/sessions/${sessionId}/ssh-gateway`, body);
  }

  async isSshGatewayOpen(sessionId: string): Promise<boolean> {
    try {
      await this.ask("GET", `/v1/sessions/${sessionId}/ssh-gateway`);
      return true;
    } catch (error) {
      if (error instanceof ServerRefused && error.status === 404) return false;
      throw error;
    }
  }

  async certificate(publicKey: Uint8Array): Promise<Uint8Array> {
    const body = { public_key: toBase64Url(publicKey) };
    return fromBase64Url((await this.ask<CertificateAnswer>("POST", "/v1/certificate", body)).certificate);
  }

  /** The profile as its root signed it. Throws ProfileError. Who the root is, the page's own origin says. */
  async organisation(): Promise<Organisation> {
    const answer = await this.http.send("GET", "/v1/profile");
    const rootKey = fromBase64Url(answer.headers.get(ROOT_KEY_HEADER) ?? "");
    return { rootKey, profile: openProfile(new Uint8Array(await answer.arrayBuffer()), rootKey) };
  }
}
