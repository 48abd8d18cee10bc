/** The connection that files go through: opened when it is needed, and again when it has gone. */

import type { LiveSession } from "../../engineer/pairedSession";
import type { OpenFiles } from "../../files/open";
import type { SftpClient } from "../../files/sftp";
import { loadPart } from "../../http/parts";

export class FilesConnection {
  /** Whether the network carries it at this moment; it lives on without, for a while. */
  isConnected = $state(true);
  #opening: Promise<OpenFiles> | null = null;

  constructor(readonly session: LiveSession) {}

  /** Throws HostKeyWrong, SshFailed, FilesGone. */
  async sftp(): Promise<SftpClient> {
    this.#opening ??= this.#open();
    return (await this.#opening).sftp;
  }

  async #open(): Promise<OpenFiles> {
    try {
      const { openFiles } = await loadPart(() => import("../../files/open"));
      const files = await openFiles(this.session, (connected) => {
        this.isConnected = connected;
      });
      void files.sftp.closed.then(() => this.#forget());
      return files;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#opening = null;
    this.isConnected = true;
  }

  retryNow(): void {
    void this.#opening?.then((files) => files.retryNow()).catch(() => undefined);
  }

  close(): void {
    void this.#opening?.then((files) => files.close()).catch(() => undefined);
  }
}
