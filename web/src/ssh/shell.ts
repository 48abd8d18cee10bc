/** One shell on the customer's machine, its output counted. */

import "./globals";
import { ChannelRequestMessage, type SshChannel, type SshClientSession, type Stream } from "@microsoft/dev-tunnels-ssh";
import { sha256 } from "@noble/hashes/sha2.js";
import { Buffer } from "buffer";
import { connectSsh, SshFailed } from "./connection";
import type { SshIdentity } from "./identity";
import { copied, PtyRequest, type TerminalSize, WindowChange } from "./library";

/** What the shell put out, exactly: what an engineer's client signs for. */
export interface OutputFigures {
  readonly outputBytes: number;
  readonly outputSha256: Uint8Array;
}

export interface ShellEnd {
  /** null where the connection, not the shell, is what ended. */
  readonly exitStatus: number | null;
  readonly output: OutputFigures;
}

/** Takes output; calls `done` when it was shown, which lets the other end send more. */
export type Show = (data: Uint8Array, done: () => void) => void;

export class Shell {
  /** Resolves when the shell has ended or its connection has gone. */
  readonly ended: Promise<ShellEnd>;
  readonly #session: SshClientSession;
  readonly #channel: SshChannel;
  readonly #hash = sha256.create();
  #outputBytes = 0;

  private constructor(session: SshClientSession, channel: SshChannel, show: Show) {
    this.#session = session;
    this.#channel = channel;
    channel.onDataReceived((view) => {
      const data = copied(view);
      this.#hash.update(data);
      this.#outputBytes += data.length;
      show(data, () => channel.adjustWindow(data.length));
    });
    // Why a shell was refused comes this way, in words.
    channel.onExtendedDataReceived(({ data: view }) => {
      const data = copied(view);
      show(data, () => channel.adjustWindow(data.length));
    });
    this.ended = new Promise((resolve) => {
      const end = (exitStatus: number | null) => resolve({ exitStatus, output: this.#figures() });
      channel.onClosed(({ exitStatus }) => end(exitStatus ?? null));
      session.onClosed(() => end(null));
    });
  }

  /** A seat in the session's one shared room. Throws HostKeyWrong and SshFailed. */
  static async open(
    stream: Stream,
    hostKey: Uint8Array,
    identity: SshIdentity,
    size: TerminalSize,
    show: Show,
  ): Promise<Shell> {
    const session = await connectSsh(stream, hostKey, identity);
    try {
      const shell = new Shell(session, await session.openChannel(), show);
      const isGiven = await shell.#request(new PtyRequest(size));
      if (!isGiven || !(await shell.#request(new ChannelRequestMessage("shell", true)))) throw new SshFailed();
      return shell;
    } catch {
      session.dispose();
      throw new SshFailed();
    }
  }

  /** What was typed. Keys that come while the connection is going are dropped with it. */
  type(data: Uint8Array): void {
    if (data.length) this.#channel.send(Buffer.from(data)).catch(() => undefined);
  }

  resize(size: TerminalSize): void {
    if (!this.#channel.isClosed) this.#request(new WindowChange(size)).catch(() => undefined);
  }

  close(): void {
    this.#session.dispose();
  }

  #request(message: ChannelRequestMessage): Promise<boolean> {
    return this.#channel.request(message);
  }

  #figures(): OutputFigures {
    return { outputBytes: this.#outputBytes, outputSha256: this.#hash.clone().digest() };
  }
}
