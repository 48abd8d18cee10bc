/** Errors carry the id of a sentence in the catalogues, and what fills it in; screens say it in the reader's language. */

export type Fields = Readonly<Record<string, string | number>>;

export class ConsentryError extends Error {
  constructor(
    readonly id: string,
    readonly fields: Fields = {},
  ) {
    super(Object.keys(fields).length ? `${id} ${JSON.stringify(fields)}` : id);
    this.name = "ConsentryError";
  }
}

/** The other end broke the protocol: an attack, or a mistake in a program. `problem` is for a log, not for a person. */
export class PeerError extends ConsentryError {
  constructor(readonly problem: string) {
    super("console-error-peer", { problem });
    this.name = "PeerError";
  }
}
