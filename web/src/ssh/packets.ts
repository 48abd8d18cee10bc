/**
 * SSH's packets (RFC 4253, section 6), many at once on their way through WebCrypto, which takes turns with another thread.
 *
 * The library waits for each packet before it looks at the next: on a busy machine most of a transfer is that waiting. Here
 * packets are sealed and opened as they come, and handed on in their order. Its place in the library is private to it: see
 * `library.ts`, and end_to_end/.
 */

import "./globals";
import {
  SshConnectionError,
  SshDataWriter,
  SshDisconnectReason,
  SshMessage,
  type SshSessionConfiguration,
  type Stream,
} from "@microsoft/dev-tunnels-ssh";
import { Buffer } from "buffer";
import { type Bytes, concat, randomBytes, readU32, u32 } from "../protocol/bytes";
import { CHANNEL_DATA, DATA_LIMIT_BYTES } from "./channelData";
import { BLOCK_BYTES, GcmCipher, LENGTH_BYTES, TAG_BYTES } from "./gcm";

/** As the library has it; RFC 4253 asks for 35,000 bytes. */
const PACKET_LIMIT_BYTES = 1024 * 1024;
const LEAST_PADDING_BYTES = 4;
/** Messages of the transport itself, and of a key exchange: all that may pass while keys are exchanged (RFC 4253, 7.1). */
const UNIMPLEMENTED = 3;
const LAST_OF_TRANSPORT = 4;
const FIRST_OF_KEY_EXCHANGE = 20;
const LAST_OF_KEY_EXCHANGE = 49;
/** Enough to keep the other thread busy, little enough to hold. */
const BYTES_AT_ONCE = 4 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
/** More than all that a packet of data has besides, or a packet of anything else. */
const SPARE_BYTES = 1024;

/** What this file uses of the library's protocol, which does not declare it. */
export interface Protocol {
  readonly algorithms: { readonly cipher: unknown; readonly decipher: unknown } | null;
  readonly kexService: { readonly exchanging: boolean };
  readonly stream: Stream | null;
  readonly config: SshSessionConfiguration;
  readonly messageContext: string | null;
  inboundPacketSequence: number;
  outboundPacketSequence: number;
  inboundFlow: number;
  outboundFlow: number;
  sendMessage(message: SshMessage): Promise<boolean>;
  receiveMessage(): Promise<SshMessage | null>;
  considerReExchange(isInitial: boolean): Promise<void>;
}

/**
 * Takes the place of the protocol's own sending and receiving, as soon as there are keys. `heldBack` is the session's own
 * list of what waits for the end of a key exchange.
 */
export function usePackets(protocol: Protocol, heldBack: SshMessage[]): void {
  const inTheClear = { send: protocol.sendMessage.bind(protocol), receive: protocol.receiveMessage.bind(protocol) };
  const considerReExchange = protocol.considerReExchange.bind(protocol);
  // What was held back goes first: new keys asked for in the middle of it would hold it back again, without an end.
  protocol.considerReExchange = async (isInitial) => {
    if (!heldBack.length) await considerReExchange(isInitial);
  };
  const sender = new Sender(protocol, heldBack);
  let receiver: Receiver | null = null;
  protocol.sendMessage = (message) => {
    const cipher = protocol.algorithms?.cipher;
    return cipher instanceof GcmCipher ? sender.send(message, cipher) : inTheClear.send(message);
  };
  protocol.receiveMessage = () => {
    const { algorithms, stream } = protocol;
    if (!(algorithms?.decipher instanceof GcmCipher) || !stream) return inTheClear.receive();
    receiver ??= new Receiver(protocol, stream);
    return receiver.receive(algorithms.decipher);
  };
}

class Sender {
  #written: Promise<unknown> = Promise.resolve();
  #isBroken = false;
  #bytesOnTheirWay = 0;
  /** One for all packets, for WebCrypto takes a copy at once. */
  readonly #writer = new SshDataWriter(Buffer.alloc(DATA_LIMIT_BYTES + SPARE_BYTES));
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly protocol: Protocol,
    private readonly heldBack: SshMessage[],
  ) {}

  /** Resolves when there is room for more, data aside: that has been written then. False when the stream is gone. */
  async send(message: SshMessage, cipher: GcmCipher): Promise<boolean> {
    const { protocol } = this;
    if (protocol.kexService.exchanging && !mayPassKeyExchange(message.messageType)) {
      this.heldBack.push(message);
      return true;
    }
    const packet = packetOf(message, this.#writer);
    protocol.outboundPacketSequence += 1;
    protocol.outboundFlow += packet.length - LENGTH_BYTES;
    const written = this.#write(new Uint8Array(packet.subarray(0, LENGTH_BYTES)), packet.length, cipher.seal(packet));
    await protocol.considerReExchange(false);
    if (message.messageType !== CHANNEL_DATA) await written;
    while (this.#bytesOnTheirWay > BYTES_AT_ONCE && !this.#isBroken)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return !this.#isBroken;
  }

  #write(length: Bytes, packetBytes: number, sealing: Promise<ArrayBuffer>): Promise<void> {
    this.#bytesOnTheirWay += packetBytes;
    const before = this.#written;
    const written = (async () => {
      try {
        const [sealed] = await Promise.all([sealing, before]);
        const { stream } = this.protocol;
        const pieces = [Buffer.from(length.buffer), Buffer.from(sealed)];
        // Both are written in this turn, and leave together.
        if (stream && !this.#isBroken) await Promise.all(pieces.map((piece) => stream.write(piece)));
        else this.#isBroken = true;
      } catch {
        this.#isBroken = true;
      }
      this.#bytesOnTheirWay -= packetBytes;
      for (const wake of this.#waiting.splice(0)) wake();
    })();
    this.#written = written;
    return written;
  }
}

function mayPassKeyExchange(type: number): boolean {
  return type <= LAST_OF_TRANSPORT || (type >= FIRST_OF_KEY_EXCHANGE && type <= LAST_OF_KEY_EXCHANGE);
}

/** Length, length of the padding, message, padding; good until `writer` is used again. */
function packetOf(message: SshMessage, writer: SshDataWriter): Bytes {
  const ahead = LENGTH_BYTES + 1;
  writer.position = ahead;
  message.write(writer);
  const spare = BLOCK_BYTES - ((writer.position - LENGTH_BYTES) % BLOCK_BYTES);
  const paddingBytes = spare < LEAST_PADDING_BYTES ? spare + BLOCK_BYTES : spare;
  const messageBytes = writer.position - ahead;
  writer.write(Buffer.from(randomBytes(paddingBytes).buffer));
  writer.position = 0;
  writer.writeUInt32(1 + messageBytes + paddingBytes);
  writer.writeByte(paddingBytes);
  writer.position = ahead + messageBytes + paddingBytes;
  return writer.toBuffer() as Uint8Array as Bytes;
}

/** Throws Error for a padding that is longer than its packet, and what the library throws for what it cannot read. */
function messageIn(content: Bytes, { config, messageContext, inboundPacketSequence }: Protocol): SshMessage {
  const messageBytes = content.length - 1 - (content[0] ?? 0);
  const type = content[1];
  if (messageBytes < 1 || type === undefined) throw new Error("a packet that is nothing but padding");
  const message = SshMessage.create(config, type, messageContext, Buffer.from(content.buffer, 1, messageBytes));
  if (message) return message;
  // RFC 4253, section 11.4: whoever sent what we do not know is told so. The library answers with what it is given here.
  const answer = Buffer.from(concat(Uint8Array.of(UNIMPLEMENTED), u32(inboundPacketSequence)).buffer);
  const unknown = SshMessage.create(config, UNIMPLEMENTED, null, answer);
  if (!unknown) throw new Error("the SSH library has lost a message");
  return Object.assign(unknown, { unimplementedMessageType: type });
}

interface Opening {
  readonly sealed: Bytes;
  opened: Promise<Bytes>;
}

class Receiver {
  readonly #stream: Stream;
  readonly #openings: Opening[] = [];
  #cipher: GcmCipher | null = null;
  #bytesOnTheirWay = 0;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #failure: Error | null = null;
  #hasEnded = false;
  #stirred: () => void = () => undefined;
  #hasRoom: () => void = () => undefined;

  constructor(
    private readonly protocol: Protocol,
    stream: Stream,
  ) {
    this.#stream = stream;
  }

  /** The next message, as the library wants it; null at the end. `cipher` is the one of this moment. */
  async receive(cipher: GcmCipher): Promise<SshMessage | null> {
    if (!this.#cipher) void this.#readAll();
    if (this.#cipher !== cipher) this.#renew(cipher);
    while (!this.#openings.length) {
      if (this.#failure) throw this.#failure;
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => {
        this.#stirred = resolve;
      });
    }
    const [next] = this.#openings;
    if (!next) return null;
    const content = await next.opened.catch(() => {
      throw new SshConnectionError("Invalid MAC", SshDisconnectReason.macError);
    });
    this.#openings.shift();
    this.#bytesOnTheirWay -= next.sealed.length;
    this.#hasRoom();
    const { protocol } = this;
    const message = messageIn(content, protocol);
    protocol.inboundPacketSequence += 1;
    protocol.inboundFlow += content.length;
    await protocol.considerReExchange(false);
    return message;
  }

  /** What came behind the other end's NEWKEYS was tried with the keys before, in vain: it begins anew. */
  #renew(cipher: GcmCipher): void {
    this.#cipher = cipher;
    for (const opening of this.#openings) opening.opened = opened(opening.sealed, cipher);
  }

  async #readAll(): Promise<void> {
    try {
      for (;;) {
        const piece = await this.#stream.read(READ_BYTES);
        if (!piece) break;
        this.#pieces.push(piece);
        this.#pieceBytes += piece.length;
        for (let packet = this.#nextPacket(); packet; packet = this.#nextPacket()) this.#begin(packet);
        while (this.#bytesOnTheirWay > BYTES_AT_ONCE)
          await new Promise<void>((resolve) => {
            this.#hasRoom = resolve;
          });
      }
    } catch (error) {
      if (!this.#stream.isDisposed) this.#failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#hasEnded = true;
    this.#stirred();
  }

  #begin(sealed: Bytes): void {
    if (!this.#cipher) return;
    this.#openings.push({ sealed, opened: opened(sealed, this.#cipher) });
    this.#bytesOnTheirWay += sealed.length;
    this.#stirred();
  }

  #nextPacket(): Bytes | null {
    if (this.#pieceBytes < LENGTH_BYTES) return null;
    const length = readU32(this.#take(LENGTH_BYTES, false), 0);
    if (length < BLOCK_BYTES || length > PACKET_LIMIT_BYTES || length % BLOCK_BYTES)
      throw new SshConnectionError("Invalid packet length.", SshDisconnectReason.protocolError);
    const whole = LENGTH_BYTES + length + TAG_BYTES;
    return this.#pieceBytes < whole ? null : this.#take(whole, true);
  }

  /** The first `length` bytes of what came, as one copy; `isUsed` takes them away. */
  #take(length: number, isUsed: boolean): Bytes {
    const taken = new Uint8Array(length);
    let at = 0;
    for (const piece of this.#pieces) {
      const part = piece.subarray(0, length - at);
      taken.set(part, at);
      at += part.length;
      if (at === length) break;
    }
    if (!isUsed) return taken;
    this.#pieceBytes -= length;
    let left = length;
    while (left) {
      const first = this.#pieces[0];
      if (!first) break;
      if (first.length > left) this.#pieces[0] = first.subarray(left);
      else this.#pieces.shift();
      left -= Math.min(left, first.length);
    }
    return taken;
  }
}

function opened(sealed: Bytes, cipher: GcmCipher): Promise<Bytes> {
  const opening = cipher.open(sealed);
  opening.catch(() => undefined); // heard of when its turn comes, if it ever does
  return opening;
}
