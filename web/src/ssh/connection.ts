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
    const isAdmitted = await session.authenticateClient({ username: "consentry", publicKeys: [identity.keyPair] });
    if (!isAdmitted) throw new SshFailed();
    return session;
  } catch (error) {
    session.dispose();
    throw error instanceof ConsentryError ? error : new SshFailed();
  }
}
