/** The broker's HTTP API, as far as the console needs it. The cookie says who asks; JavaScript never sees it. */

import { fromBase64Url, toBase64Url } from "../protocol/bytes";
import { ConsentryError } from "../protocol/errors";
import { openProfile, type Profile } from "../protocol/profile";
import type {
  CertificateAnswer,
  LoginBody,
  MeAnswer,
  NoteAnswer,
  NotesAnswer,
  SessionAnswer,
  SessionDetails,
  SessionsAnswer,
  SshGatewayAnswer,
  SshGatewayBody,
} from "./api_types";

const ROOT_KEY_HEADER = "Consentry-Root-Key";

/** No connection, or no answer that makes sense. */
export class BrokerUnreachable extends ConsentryError {
  constructor() {
    super("console-error-unreachable");
    this.name = "BrokerUnreachable";
  }
}

/** The broker understood and said no. `code` is stable for programs; `sentence` is the broker's own, in English. */
export class BrokerRefused extends ConsentryError {
  constructor(
    readonly code: string,
    sentence: string,
    readonly status: number,
  ) {
    super(`console-refused-${code}`, { sentence });
    this.name = "BrokerRefused";
  }
}

/** The profile, and the root key that signed it. */
export interface Organisation {
  readonly profile: Profile;
  readonly rootKey: Uint8Array;
}

type Method = "GET" | "POST" | "PUT";

export type Fetch = (path: string, options: RequestInit) => Promise<Response>;

export class BrokerApi {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch = (path, options) => globalThis.fetch(path, options)) {
    this.#fetch = fetch;
  }

  login(body: LoginBody): Promise<MeAnswer> {
    return this.#ask("POST", "/v1/browser-login", body);
  }

  async logout(): Promise<void> {
    await this.#ask("POST", "/v1/logout", {});
  }

  /** Who is signed in; null for nobody. */
  async me(): Promise<MeAnswer | null> {
    try {
      return await this.#ask("GET", "/v1/me");
    } catch (error) {
      if (error instanceof BrokerRefused && error.status === 401) return null;
      throw error;
    }
  }

  async sessions(): Promise<readonly SessionAnswer[]> {
    return (await this.#ask<SessionsAnswer>("GET", "/v1/sessions")).sessions;
  }

  session(sessionId: string): Promise<SessionDetails> {
    return this.#ask("GET", `/v1/sessions/${sessionId}`);
  }

  async endSession(sessionId: string): Promise<void> {
    await this.#ask("POST", `/v1/sessions/${sessionId}/end`, {});
  }

  async notes(sessionId: string): Promise<readonly NoteAnswer[]> {
    return (await this.#ask<NotesAnswer>("GET", `/v1/sessions/${sessionId}/notes`)).notes;
  }

  addNote(sessionId: string, text: string): Promise<NoteAnswer> {
    return this.#ask("POST", `/v1/sessions/${sessionId}/notes`, { text });
  }

  /** Names the SSH key that may reach this session through the gateway. */
  openSshGateway(sessionId: string, body: SshGatewayBody): Promise<SshGatewayAnswer> {
    return this.#ask("PUT", `/v1/sessions/${sessionId}/ssh-gateway`, body);
  }

  async isSshGatewayOpen(sessionId: string): Promise<boolean> {
    try {
      await this.#ask("GET", `/v1/sessions/${sessionId}/ssh-gateway`);
      return true;
    } catch (error) {
      if (error instanceof BrokerRefused && error.status === 404) return false;
      throw error;
    }
  }

  async certificate(publicKey: Uint8Array): Promise<Uint8Array> {
    const body = { public_key: toBase64Url(publicKey) };
    return fromBase64Url((await this.#ask<CertificateAnswer>("POST", "/v1/certificate", body)).certificate);
  }

  /** The profile as its root signed it. Throws ProfileError. Who the root is, the page's own origin says. */
  async organisation(): Promise<Organisation> {
    const answer = await this.#send("GET", "/v1/profile");
    const rootKey = fromBase64Url(answer.headers.get(ROOT_KEY_HEADER) ?? "");
    return { rootKey, profile: openProfile(new Uint8Array(await answer.arrayBuffer()), rootKey) };
  }

  async #ask<T>(method: Method, path: string, body?: object): Promise<T> {
    const answer = await this.#send(method, path, body);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  async #send(method: Method, path: string, body?: object): Promise<Response> {
    const options: RequestInit = { method, credentials: "same-origin", cache: "no-store", redirect: "error" };
    if (body) Object.assign(options, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
    let answer: Response;
    try {
      answer = await this.#fetch(path, options);
    } catch {
      throw new BrokerUnreachable();
    }
    if (!answer.ok) throw await refusalOf(answer);
    return answer;
  }
}

/** Problem details, RFC 9457: `detail` is for people; the last part of `type` is the code. */
async function refusalOf(answer: Response): Promise<BrokerRefused> {
  const problem: unknown = await answer.json().catch(() => null);
  const { type = "", detail = "" } = (problem ?? {}) as { type?: unknown; detail?: unknown };
  const code = String(type).split(/[:/]/).at(-1) || "unknown";
  return new BrokerRefused(code, String(detail) || `HTTP ${answer.status}`, answer.status);
}
