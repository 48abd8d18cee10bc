/**
 * dev-tunnels-ssh, as far as we let it: the algorithms that we offer, two faults mended, packets that go our way, and the
 * requests that it lacks.
 *
 * The library is pinned exactly (package.json): what stands here about its inside, end_to_end/ proves anew.
 */

import "./globals";
import {
  ChannelRequestMessage,
  SshAlgorithms,
  type SshClientSession,
  type SshDataWriter,
  type SshMessage,
  type SshSession,
  SshSessionConfiguration,
} from "@microsoft/dev-tunnels-ssh";
import type { Buffer } from "buffer";
import type { Bytes } from "../protocol/bytes";
import { Gcm } from "./gcm";
import { type Protocol, usePackets } from "./packets";

/** After so many bytes, both ways together, this end asks for new keys: RFC 4253, section 9, wants it after a gigabyte. */
const BYTES_PER_KEY = 512 * 1024 * 1024;

/**
 * One of each: what the agent offers to browsers. AES-GCM alone, because the library knows no strict key exchange and
 * Terrapin (CVE-2023-48795) does not touch GCM. The MAC is named and never used: GCM brings its own.
 */
export function sshConfiguration(bytesPerKey = BYTES_PER_KEY): SshSessionConfiguration {
  const configuration = new SshSessionConfiguration();
  Object.assign(configuration, { keyRotationThreshold: bytesPerKey }); // the library has it, and does not declare it
  const { keyExchange, publicKey, hmac } = SshAlgorithms;
  replace(configuration.keyExchangeAlgorithms, keyExchange.ecdhNistp384Sha384);
  replace(configuration.publicKeyAlgorithms, publicKey.ecdsaSha2Nistp256);
  replace(configuration.encryptionAlgorithms, new Gcm());
  replace(configuration.hmacAlgorithms, hmac.hmacSha512Etm);
  replace<string>(configuration.authenticationMethods, "publickey");
  replace(configuration.protocolExtensions, "server-sig-algs");
  return configuration;
}

function replace<T>(list: T[], only: T): void {
  list.splice(0, list.length, only);
}

/** The parts of the library's key exchange that it does not declare. */
interface KeyExchange {
  readonly exchanging: boolean;
  startKeyExchange(isInitial: boolean): Promise<[SshMessage, SshMessage | null]>;
  handleInitMessage(message: SshMessage, cancellation?: unknown): Promise<void>;
}

/**
 * Lets the server renew keys. The library fails when the other end begins ("Key exchange was not started"); RFC 4253,
 * section 9, lets either. The answer to an unexpected SSH_MSG_KEXINIT is our own, and from there on all is as if we had
 * begun.
 */
export function allowServerRekey(session: SshClientSession): void {
  const { kexService } = session as unknown as { readonly kexService: KeyExchange };
  const handleInitMessage = kexService.handleInitMessage.bind(kexService);
  kexService.handleInitMessage = async (message, cancellation) => {
    if (!kexService.exchanging) {
      const [init] = await kexService.startKeyExchange(false);
      await session.sendMessage(init);
    }
    await handleInitMessage(message, cancellation);
  };
}

/** For a session that has just begun to connect: packets go our way. */
export function useOwnPackets(session: SshSession): void {
  const { protocol, blockedMessages } = session as unknown as {
    readonly protocol: Protocol;
    readonly blockedMessages: SshMessage[];
  };
  usePackets(protocol, blockedMessages);
}

/** A copy, for data in buffers of the library that it uses again: before there are keys, packets are written from one. */
export function copied(data: Buffer): Bytes {
  return new Uint8Array(data);
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** RFC 4254, section 6.2. */
export class PtyRequest extends ChannelRequestMessage {
  constructor(private readonly size: TerminalSize) {
    super("pty-req", true);
  }

  protected override onWrite(writer: SshDataWriter): void {
    super.onWrite(writer);
    writer.writeString("xterm-256color", "utf8");
    writeSize(writer, this.size);
    writer.writeString("\0", "ascii"); // TTY_OP_END: no modes
  }
}

/** RFC 4254, section 6.7. */
export class WindowChange extends ChannelRequestMessage {
  constructor(private readonly size: TerminalSize) {
    super("window-change", false);
  }

  protected override onWrite(writer: SshDataWriter): void {
    super.onWrite(writer);
    writeSize(writer, this.size);
  }
}

function writeSize(writer: SshDataWriter, { columns, rows }: TerminalSize): void {
  for (const figure of [columns, rows, 0, 0]) writer.writeUInt32(figure);
}

/** RFC 4254, section 6.5. */
export class SubsystemRequest extends ChannelRequestMessage {
  constructor(private readonly subsystem: string) {
    super("subsystem", true);
  }

  protected override onWrite(writer: SshDataWriter): void {
    super.onWrite(writer);
    writer.writeString(this.subsystem, "ascii");
  }
}
