/** The page's one websocket. The link's ticket opens the first one, a cookie that no script can read each later one. */

import type { Line, Notice } from "./events";

const SUBPROTOCOL = "consentry.page.v1";
const TICKET_PREFIX = "ticket.";
const RETRY_MS = 1000;

/** The agent closes in order when it has said its last word. */
const CLOSED_IN_ORDER = 1000;

export type Asked<Question> = Question & { readonly event: "consent-question"; readonly question: number };

/** What only the page is told, or only those who speak JSON. */
export type PageEvent =
  | Notice
  | { readonly event: "page-opened"; readonly now_ms: number; readonly language: "en" | "zh-CN" }
  | { readonly event: "page-refused" }
  | { readonly event: "room-output"; readonly data: string }
  | { readonly event: "room-output-skipped"; readonly bytes: number }
  | { readonly event: "rating-question" }
  | { readonly event: "receipt"; readonly name: string; readonly text: string }
  | Asked<import("./events").ConsentQuestion>
  | { readonly event: "consent-question-withdrawn"; readonly question: number }
  | { readonly event: "input-error"; readonly code: string; readonly detail: string };

export type ConnectionPhase = "connecting" | "connected" | "lost" | "over";

export class PageConnection {
  readonly #onEvent: (event: PageEvent) => void;
  readonly #onPhase: (phase: ConnectionPhase) => void;
  #ticket: string | null;
  #socket: WebSocket | null = null;

  constructor(onEvent: (event: PageEvent) => void, onPhase: (phase: ConnectionPhase) => void) {
    this.#onEvent = onEvent;
    this.#onPhase = onPhase;
    this.#ticket = location.hash.slice(1) || null;
    // Out of sight, out of the history, and out of what a bookmark would keep.
    if (this.#ticket) history.replaceState(null, "", location.pathname);
    this.#open();
  }

  say(line: Line): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(line));
  }

  #open(): void {
    const address = new URL("live", location.href);
    address.protocol = "ws:";
    const offered = this.#ticket ? [SUBPROTOCOL, TICKET_PREFIX + this.#ticket] : [SUBPROTOCOL];
    const socket = new WebSocket(address, offered);
    this.#socket = socket;
    socket.onopen = () => {
      this.#ticket = null;
      this.#onPhase("connected");
    };
    socket.onmessage = ({ data }) => this.#onEvent(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (code === CLOSED_IN_ORDER) {
        this.#onPhase("over");
      } else {
        this.#onPhase("lost");
        setTimeout(() => this.#open(), RETRY_MS);
      }
    };
  }
}
