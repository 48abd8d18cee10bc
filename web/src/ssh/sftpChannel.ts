/** The subsystem `sftp` on an SSH connection of its own, as the pipe of bytes that `files/` speaks through. */

import "./globals";
import { ChannelOpenMessage, type SshChannel, type SshClientSession, type Stream } from "@microsoft/dev-tunnels-ssh";
import type { ByteChannel } from "../files/sftp";
import { ChannelSender } from "./channelData";
import { connectSsh, SshFailed } from "./connection";
import type { SshIdentity } from "./identity";
import { SubsystemRequest } from "./library";

/** What may be on its way to us: more than all that a transfer asks for at once, so that the window never holds it up. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const PACKET_BYTES = 256 * 1024;

export class SftpChannel implements ByteChannel {
  onData: (data: Uint8Array) => void = () => undefined;
  readonly closed: Promise<void>;
  readonly #session: SshClientSession;
  readonly #sender: ChannelSender;

  private constructor(session: SshClientSession, channel: SshChannel) {
    this.#session = session;
    this.#sender = new ChannelSender(session, channel);
    channel.onDataReceived((view) => {
      channel.adjustWindow(view.length);
      this.onData(view);
    });
    channel.onExtendedDataReceived(({ data }) => channel.adjustWindow(data.length));
    this.closed = new Promise((resolve) => {
      channel.onClosed(() => resolve());
      session.onClosed(() => resolve());
    });
  }

  /** Throws HostKeyWrong, and SshFailed where files are not allowed. */
  static async open(
    stream: Stream,
    hostKey: Uint8Array,
    identity: SshIdentity,
    bytesPerKey?: number,
  ): Promise<SftpChannel> {
    const session = await connectSsh(stream, hostKey, identity, bytesPerKey);
    try {
      const opening = new ChannelOpenMessage();
      opening.channelType = "session";
      opening.maxWindowSize = WINDOW_BYTES;
      opening.maxPacketSize = PACKET_BYTES;
      const channel = await session.openChannel(opening);
      const opened = new SftpChannel(session, channel);
      if (!(await channel.request(new SubsystemRequest("sftp")))) throw new SshFailed();
      return opened;
    } catch {
      session.dispose();
      throw new SshFailed();
    }
  }

  send(pieces: readonly Uint8Array[]): Promise<void> {
    return this.#sender.send(pieces);
  }

  close(): void {
    this.#session.dispose();
  }
}
