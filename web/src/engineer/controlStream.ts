/** A sealed control stream to the customer's agent: messages go in and come out in order. */

import { ControlChannel } from "../protocol/controlChannel";
import { ConsentryError } from "../protocol/errors";
import { type AgentToEngineer, CloseCode, type EngineerToAgent, StreamKind } from "../protocol/generated";
import { type RelayRoute, StreamConnection } from "../tunnel/streamConnection";

export class ControlStream {
  /** Resolves when the stream has ended, whoever ended it. */
  readonly closed: Promise<unknown>;
  readonly #stream: StreamConnection;
  readonly #channel: ControlChannel;
  readonly #take: (message: AgentToEngineer) => void;

  /** `take` is called for each message; a ConsentryError that it throws ends the stream, as a bad frame does. */
  constructor(route: RelayRoute, controlKey: Uint8Array, take: (message: AgentToEngineer) => void) {
    this.#take = take;
    this.#stream = new StreamConnection(route, StreamKind.CONTROL);
    this.#channel = new ControlChannel(controlKey, this.#stream.streamId);
    this.#stream.onData = (data) => void this.#receive(data);
    this.closed = this.#stream.closed;
  }

  async send(message: EngineerToAgent): Promise<void> {
    this.#stream.write(await this.#channel.seal(message));
  }

  retryNow(): void {
    this.#stream.retryNow();
  }

  /** In order: what was sent is delivered first. */
  close(): void {
    this.#stream.close();
  }

  async #receive(data: Uint8Array): Promise<void> {
    try {
      for (const message of await this.#channel.receiveData(data.slice())) this.#take(message);
    } catch (error) {
      if (!(error instanceof ConsentryError)) throw error;
      this.#stream.kill(CloseCode.PROTOCOL);
    }
  }
}
