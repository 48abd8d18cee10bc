/**
 * A session of this page for the engineer's own `ssh`, through the broker's gateway. The customer's agent is told first,
 * over the sealed channel: the key to admit, and what the gateway opens streams with. The broker is told afterwards.
 */

import { fromBase64, randomBytes, toBase64, toBase64Url } from "../protocol/bytes";
import { ConsentryError } from "../protocol/errors";
import type { BrokerApi } from "./api";
import type { SshGatewayAnswer } from "./api_types";
import type { LiveSession } from "./pairedSession";

const ED25519 = "ssh-ed25519";
const BLOB_BYTES = 51;
const ID_BYTES = 16;
const KEY_BYTES = 32;

export class SshKeyUnusable extends ConsentryError {
  constructor() {
    super("console-error-ssh-key");
  }
}

/** One line of a `.pub` file: its blob. Throws SshKeyUnusable for anything but an Ed25519 public key. */
export function parsePublicLine(line: string): Uint8Array {
  const [kind, base64] = line.trim().split(/\s+/);
  try {
    const blob = fromBase64(base64 ?? "");
    if (kind === ED25519 && blob.length === BLOB_BYTES && !/[\r\n]/.test(line.trim())) return blob;
  } catch {
    // Falls through to the one sentence for whatever is no such key.
  }
  throw new SshKeyUnusable();
}

/** What an engineer pastes, and then types. */
export interface SshRecipe {
  /** For `known_hosts`: the gateway as the broker names it, the customer's machine as the pairing proved it. */
  readonly knownHosts: string;
  /** For `~/.ssh/config`. */
  readonly config: string;
  readonly commands: readonly string[];
}

export function recipeOf(session: LiveSession, gateway: SshGatewayAnswer): SshRecipe {
  const { sessionId, granted, paired } = session;
  const alias = `consentry-${sessionId.slice(0, 8)}`;
  const place = gateway.port === 22 ? gateway.host : `[${gateway.host}]:${gateway.port}`;
  const jump = `${gateway.user_name}@${gateway.host.includes(":") ? `[${gateway.host}]` : gateway.host}:${gateway.port}`;
  return {
    knownHosts: [
      `${place} ${gateway.host_key}`,
      `${sessionId} ${ED25519} ${toBase64(paired.agent.ed25519HostKey)}`,
    ].join("\n"),
    config: [
      `Host ${alias}`,
      `    HostName ${sessionId}`,
      `    User ${sshWord(granted.userName)}`,
      `    ProxyJump ${jump}`,
      "    HostKeyAlgorithms ssh-ed25519",
      "    StrictHostKeyChecking yes",
    ].join("\n"),
    commands: [`ssh ${alias}`, `scp file ${alias}:`, `sftp ${alias}`, `rsync -a folder/ ${alias}:folder/`],
  };
}

/** The agent does not care what it is called; `ssh` has to be able to read it. */
function sshWord(name: string): string {
  return /^[\w.][\w.-]*$/.test(name) ? name : "customer";
}

export class OwnSsh {
  readonly #api: BrokerApi;
  readonly #session: LiveSession;
  readonly #gatewayId = randomBytes(ID_BYTES);
  readonly #gatewayKey = randomBytes(KEY_BYTES);

  constructor(api: BrokerApi, session: LiveSession) {
    this.#api = api;
    this.#session = session;
  }

  /** Lets a key in, in place of the one before. Throws SshKeyUnusable, AccessDenied, BrokerRefused. */
  async admit(line: string): Promise<SshRecipe> {
    const sshUserKey = parsePublicLine(line);
    await this.#session.conversation.admitSshKey({
      type: "admit-ssh-key",
      sshUserKey,
      gatewayId: this.#gatewayId,
      gatewayKey: this.#gatewayKey,
    });
    return recipeOf(this.#session, await this.#tellBroker(line));
  }

  /** A broker that was started again has forgotten the key: it is told once more. */
  async keepAdmitted(line: string): Promise<void> {
    if (!(await this.#api.isSshGatewayOpen(this.#session.sessionId))) await this.#tellBroker(line);
  }

  #tellBroker(line: string): Promise<SshGatewayAnswer> {
    return this.#api.openSshGateway(this.#session.sessionId, {
      ssh_public_key: line.trim(),
      gateway_id: toBase64Url(this.#gatewayId),
      gateway_key: toBase64Url(this.#gatewayKey),
    });
  }
}
