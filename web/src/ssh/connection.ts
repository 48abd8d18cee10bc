/** An SSH connection over one stream: the host key pinned by the pairing, checked before anything of ours is sent. */

import "./globals";
import { BaseStream, SshClientSession, type Stream } from "@microsoft/dev-tunnels-ssh";
import { Buffer } from "buffer";
import { areEqual } from "../protocol/bytes";
import { ConsentryError } from "../protocol/errors";
import type { StreamConnection } from "../tunnel/streamConnection";
import type { SshIdentity } from "./identity";
import { allowServerRekey, copied, sshConfiguration, useOwnPackets } from "./library";

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

/** The line is there, and nothing comes of an SSH connection that was begun on it. */
export class SshSilent extends ConsentryError {
  constructor() {
    super("console-error-ssh-silent");
    this.name = "SshSilent";
  }
}

/** For some ten packets there and back, on the busiest of machines. SSH itself would wait for ever. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 1000;

/** What `opening` brings. Throws SshSilent; but a line that is away is waited for as long as the stream itself waits. */
export async function answeredInTime<T>(
  stream: Pick<StreamConnection, "isConnected">,
  opening: Promise<T>,
): Promise<T> {
  let waitedMs = 0;
  let looks: ReturnType<typeof setInterval> | undefined;
  const silence = new Promise<never>((_, reject) => {
    looks = setInterval(() => {
      if (stream.isConnected) waitedMs += LOOK_EVERY_MS;
      if (waitedMs >= PATIENCE_MS) reject(new SshSilent());
    }, LOOK_EVERY_MS);
  });
  try {
    return await Promise.race([opening, silence]);
  } finally {
    clearInterval(looks);
  }
}

/** A stream of ours as the library wants one. */
export class TunnelStream extends BaseStream {
  constructor(private readonly connection: StreamConnection) {
    super();
    // A view: each of a websocket's messages is a buffer of its own.
    connection.onData = (data) => this.onData(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    void connection.closed.then(() => {
      this.onEnd();
      this.fireOnClose();
    });
  }

  override async write(data: Buffer): Promise<void> {
    await this.connection.drained();
    // Packets of our own have buffers of their own; before there are keys, the library writes from one that it uses again.
    const isWhole = data.byteLength === data.buffer.byteLength;
    this.connection.write(isWhole ? data : copied(data));
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
  bytesPerKey?: number,
): Promise<SshClientSession> {
  const session = new SshClientSession(sshConfiguration(bytesPerKey));
  allowServerRekey(session);
  session.onAuthenticating((event) => {
    const isPinned = async () => {
      const shown = await event.publicKey?.getPublicKeyBytes();
      return shown && areEqual(copied(shown), hostKey) ? {} : null;
    };
    event.authenticationPromise = isPinned();
  });
  try {
    const connected = session.connect(stream);
    useOwnPackets(session);
    await connected;
    if (!(await session.authenticateServer())) throw new HostKeyWrong();
    if (!(await isAdmitted(session, identity))) throw new SshFailed();
    return session;
  } catch (error) {
    session.dispose();
    throw error instanceof ConsentryError ? error : new SshFailed();
  }
}

/**
 * Whether the other end takes our key. Rejects where the connection ends before it has said so: where it has ended before it was
 * asked, the library's own promise would stay open for ever, as nobody hears what its asking throws.
 */
function isAdmitted(session: SshClientSession, { keyPair }: SshIdentity): Promise<boolean> {
  const credentials = { username: "consentry", publicKeys: [keyPair] };
  return new Promise((resolve, reject) => {
    const answered = (error?: Error, result?: boolean) => (error ? reject(error) : resolve(result === true));
    session.authenticateClient(credentials, answered).catch(reject);
  });
}
