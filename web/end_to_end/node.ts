/** What Node has to bring along to be a browser for these tests: a cookie jar, an Origin, trust in a certificate. */

import { readFileSync } from "node:fs";
import WebSocketOfNode from "ws";
import type { Fetch } from "../src/http/api";
import type { Dial } from "../src/tunnel/streamConnection";

export function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the Python suite runs this`);
  return value;
}

export class Browser {
  #cookie = "";
  readonly #sockets: WebSocketOfNode[] = [];

  constructor(readonly origin: string) {}

  readonly fetch: Fetch = async (path, options) => {
    const headers = new Headers(options.headers);
    headers.set("Origin", this.origin);
    if (this.#cookie) headers.set("Cookie", this.#cookie);
    const { method, body } = options;
    const answer = await fetch(this.origin + path, { method, headers, body: body ?? null });
    const set = answer.headers.getSetCookie()[0];
    if (set) this.#cookie = set.split(";")[0] ?? "";
    return answer;
  };

  readonly dial: Dial = (url, subprotocols) => {
    const ca = readFileSync(given("NODE_EXTRA_CA_CERTS"));
    const headers = { Cookie: this.#cookie };
    const socket = new WebSocketOfNode(url, subprotocols, { ca, headers, origin: this.origin });
    // A browser says so by closing; here an error that nobody hears would end the process.
    socket.on("error", () => undefined);
    this.#sockets.push(socket);
    return socket as unknown as WebSocket;
  };

  /** The network goes away under everything that is open. */
  cut(): void {
    for (const socket of this.#sockets.splice(0)) socket.terminate();
  }
}

if (!globalThis.WebSocket) Object.assign(globalThis, { WebSocket: WebSocketOfNode });
