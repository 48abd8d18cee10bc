/** How pages of ours ask the server that they came from. The cookie says who asks; JavaScript never sees it. */

import { ConsentryError } from "../protocol/errors";

/** No connection, or no answer that makes sense. */
export class ServerUnreachable extends ConsentryError {
  constructor() {
    super("console-error-unreachable");
    this.name = "ServerUnreachable";
  }
}

/** The server understood and said no. `code` is stable for programs; `sentence` is the server's own, in the reader's language. */
export class ServerRefused extends ConsentryError {
  constructor(
    readonly code: string,
    sentence: string,
    readonly status: number,
  ) {
    super(`console-refused-${code}`, { sentence });
    this.name = "ServerRefused";
  }
}

const FAILED_FROM = 500;

export type Fetch = (path: string, options: RequestInit) => Promise<Response>;
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Throws ServerUnreachable and ServerRefused, whatever is asked. */
export class HttpApi {
  readonly #fetch: Fetch;
  readonly #onRefused: (refusal: ServerRefused) => void;
  #logins = 0;

  /** `onRefused` is told of each refusal before whoever asked is, unless it is about a login of before. */
  constructor(
    fetch: Fetch = (path, options) => globalThis.fetch(path, options),
    onRefused: (refusal: ServerRefused) => void = () => undefined,
  ) {
    this.#fetch = fetch;
    this.#onRefused = onRefused;
  }

  /** Somebody has signed in. What was asked before that, and is still to be answered, was asked under another login. */
  signedIn(): void {
    this.#logins += 1;
  }

  async ask<T>(
    method: Method,
    path: string,
    body?: object,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<T> {
    const answer = await this.send(method, path, body, headers, signal);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** Null where nobody is signed in. */
  async askWhoever<T>(path: string): Promise<T | null> {
    try {
      return await this.ask("GET", path);
    } catch (error) {
      if (error instanceof ServerRefused && error.status === 401) return null;
      throw error;
    }
  }

  async send(
    method: Method,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    // What the server says of a refusal comes in the language of the page, whatever the browser's is.
    const language = globalThis.document?.documentElement.lang;
    if (language) headers = { "Accept-Language": language, ...headers };
    const options: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store", redirect: "error" };
    if (body) {
      options.body = JSON.stringify(body);
      options.headers = { ...headers, "Content-Type": "application/json" };
    }
    if (signal) options.signal = signal;
    const login = this.#logins;
    let answer: Response;
    try {
      answer = await this.#fetch(path, options);
    } catch {
      throw new ServerUnreachable();
    }
    if (answer.ok) return answer;
    const refusal = await refusalOf(answer);
    if (login === this.#logins) this.#onRefused(refusal);
    throw refusal;
  }
}

/** Problem details, RFC 9457: `detail` is for people; the last part of `type` is the code. */
async function refusalOf(answer: Response): Promise<ServerRefused> {
  const problem: unknown = await answer.json().catch(() => null);
  const { type = "", detail = "" } = (problem ?? {}) as { type?: unknown; detail?: unknown };
  // A server that has failed, or whatever stands before it, explains nothing that a person could act on.
  const hasFailed = !type && answer.status >= FAILED_FROM;
  const code = hasFailed ? "server-failed" : String(type).split(/[:/]/).at(-1) || "unknown";
  return new ServerRefused(code, String(detail) || `HTTP ${answer.status}`, answer.status);
}
