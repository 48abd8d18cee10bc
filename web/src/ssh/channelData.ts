/**
 * What goes into an SSH channel, without the library's copies: pieces stay where they are until a packet is put together.
 *
 * The library copies everything once more than that, for connections that are taken up again, which ours are not: the stream
 * under them is. What it keeps to itself about the other end's window is leaned on here; end_to_end/ proves it anew.
 */

import "./globals";
import { ChannelMessage, type SshChannel, type SshDataWriter, type SshMessage } from "@microsoft/dev-tunnels-ssh";
import { Buffer } from "buffer";

export const CHANNEL_DATA = 94;
/** Of data in one packet, whatever the other end takes: each waits until it is sealed as a whole. */
export const DATA_LIMIT_BYTES = 256 * 1024;

/** RFC 4254, section 5.2. */
export class ChannelData extends ChannelMessage {
  readonly lengthBytes: number;

  constructor(
    channel: number,
    private readonly pieces: readonly Uint8Array[],
  ) {
    super();
    this.recipientChannel = channel;
    this.lengthBytes = pieces.reduce((size, { length }) => size + length, 0);
  }

  override get messageType(): number {
    return CHANNEL_DATA;
  }

  protected override onWrite(writer: SshDataWriter): void {
    super.onWrite(writer);
    writer.writeUInt32(this.lengthBytes);
    for (const { buffer, byteOffset, byteLength } of this.pieces)
      writer.write(Buffer.from(buffer, byteOffset, byteLength));
  }
}

/** What this file uses of the library's channel, which does not declare it. */
export interface Sendable {
  readonly remoteChannelId: number;
  /** How much the other end still takes, and how much of it in one packet. */
  remoteWindowSize: number;
  readonly openConfirmationMessage: { readonly maxPacketSize?: number };
  adjustRemoteWindow(bytes: number): void;
}

/** The only one who sends data into its channel: the library's own `send` would not wait for it. */
export class ChannelSender {
  readonly #channel: Sendable;
  readonly #packetBytes: number;
  #turn: Promise<void> = Promise.resolve();
  #windowOpens: () => void = () => undefined;

  /** Throws Error for a channel that takes none. */
  constructor(
    private readonly session: { sendMessage(message: SshMessage): Promise<void> },
    channel: SshChannel | Sendable,
  ) {
    this.#channel = channel as unknown as Sendable;
    this.#packetBytes = Math.min(this.#channel.openConfirmationMessage.maxPacketSize ?? 0, DATA_LIMIT_BYTES);
    if (!this.#packetBytes) throw new Error("the channel takes no data");
    const adjust = this.#channel.adjustRemoteWindow.bind(channel);
    this.#channel.adjustRemoteWindow = (bytes) => {
      adjust(bytes);
      this.#windowOpens();
    };
  }

  /** In order, as one. Resolves when there is room for more; until then no piece may change. */
  send(pieces: readonly Uint8Array[]): Promise<void> {
    const sent = this.#turn.then(() => this.#send([...pieces]));
    this.#turn = sent.catch(() => undefined);
    return sent;
  }

  async #send(pieces: Uint8Array[]): Promise<void> {
    const channel = this.#channel;
    while (pieces.length) {
      while (channel.remoteWindowSize <= 0)
        await new Promise<void>((resolve) => {
          this.#windowOpens = resolve;
        });
      const room = Math.min(channel.remoteWindowSize, this.#packetBytes);
      const message = new ChannelData(channel.remoteChannelId, taken(pieces, room));
      channel.remoteWindowSize -= message.lengthBytes;
      await this.session.sendMessage(message);
    }
  }
}

/** The first `lengthBytes` of the pieces, or all of them; they are no longer among those. */
function taken(pieces: Uint8Array[], lengthBytes: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let left = lengthBytes, first = pieces[0]; left && first; first = pieces[0]) {
    const part = first.subarray(0, left);
    out.push(part);
    left -= part.length;
    if (part.length < first.length) pieces[0] = first.subarray(part.length);
    else pieces.shift();
  }
  return out;
}
