/** One shell on the customer's machine: SSH over one stream, the host key pinned by the pairing, output counted. */

import "./globals";
import {
  BaseStream,
  ChannelRequestMessage,
  type SshChannel,
  SshClientSession,
  type Stream,
} from "@microsoft/dev-tunnels-ssh";
import { sha256 } from "@noble/hashes/sha2.js";
import { Buffer } from "buffer";
import { areEqual } from "../protocol/bytes";
import { ConsentryError } from "../protocol/errors";
import type { StreamConnection } from "../tunnel/streamConnection";
import type { SshIdentity } from "./identity";
import { allowServerRekey, copied, PtyRequest, sshConfiguration, type TerminalSize, WindowChange } from "./library";

/** The other end of the SSH connection is not the machine that proved the code. Nothing of ours was sent to it. */
export class HostKeyWrong extends ConsentryError {
  constructor() {
    super("console-error-host-key");
    this.name = "HostKeyWrong";
  }
}

/** The SSH connection inside the stream could not be made, or a shell was refused. */
export class SshFailed extends ConsentryError {
  constructor() {
    super("console-error-ssh");
    this.name = "SshFailed";
  }
}

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

/** A stream of ours as the library wants one. */
export class TunnelStream extends BaseStream {
  constructor(private readonly connection: StreamConnection) {
    super();
    connection.onData = (data) => this.onData(Buffer.from(data));
    void connection.closed.then(() => {
      this.onEnd();
      this.fireOnClose();
    });
  }

  override async write(data: Buffer): Promise<void> {
    await this.connection.drained();
    this.connection.write(copied(data));
  }

  override async close(): Promise<void> {
    this.disposed = true;
    this.connection.close();
  }
}

/** An SSH connection that has proved itself, and us. Throws HostKeyWrong before any credential is sent, and SshFailed. */
export async function connectSsh(
  stream: Stream,
  hostKey: Uint8Array,
  identity: SshIdentity,
): Promise<SshClientSession> {
  const session = new SshClientSession(sshConfiguration());
  allowServerRekey(session);
  session.onAuthenticating((event) => {
    const isPinned = async () => {
      const shown = await event.publicKey?.getPublicKeyBytes();
      return shown && areEqual(copied(shown), hostKey) ? {} : null;
    };
    event.authenticationPromise = isPinned();
  });
  try {
    await session.connect(stream);
    if (!(await session.authenticateServer())) throw new HostKeyWrong();
    const isAdmitted = await session.authenticateClient({ username: "consentry", publicKeys: [identity.keyPair] });
    if (!isAdmitted) throw new SshFailed();
    return session;
  } catch (error) {
    session.dispose();
    throw error instanceof ConsentryError ? error : new SshFailed();
  }
}

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
