/** Files of a session: a stream of its own, SSH in it, SFTP in that. Loaded when somebody looks at files. */

import type { LiveSession } from "../engineer/pairedSession";
import { StreamKind } from "../protocol/generated";
import { answeredInTime, TunnelStream } from "../ssh/connection";
import { SftpChannel } from "../ssh/sftpChannel";
import { StreamConnection } from "../tunnel/streamConnection";
import { SftpClient } from "./sftp";

export interface OpenFiles {
  readonly sftp: SftpClient;
  retryNow(): void;
  close(): void;
}

/** Throws HostKeyWrong, SshFailed, SshSilent, FilesGone. */
export async function openFiles(session: LiveSession, onConnected: (connected: boolean) => void): Promise<OpenFiles> {
  const stream = new StreamConnection(session.route, StreamKind.SSH);
  stream.onConnected = onConnected;
  try {
    const hostKey = session.paired.agent.ecdsaHostKey;
    const opening = SftpChannel.open(new TunnelStream(stream), hostKey, session.identity);
    const channel = await answeredInTime(stream, opening);
    const sftp = await SftpClient.open(channel);
    void sftp.closed.then(() => stream.close());
    return { sftp, retryNow: () => stream.retryNow(), close: () => sftp.close() };
  } catch (error) {
    stream.close();
    throw error;
  }
}
