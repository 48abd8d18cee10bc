/** A recording in pieces, from the audit service's moments: each request is one entry of who saw what. */

import type { AuditApi } from "../api";
import type { Output, Picture, Size } from "../lines";
import type { Piece, Source } from "./playback";

/** Of recording in one piece, unless it holds too much. */
const PIECE_SECONDS = 600;
const PIECE_LIMIT_CHARACTERS = 4 * 1024 * 1024;

const NOTHING: Picture = { kind: "picture", t_ms: 0, terminals: [], people: [], marks: [] };

export class MomentSource implements Source {
  readonly #api: Pick<AuditApi, "moment">;
  readonly #sessionId: string;
  readonly #purpose: string;

  constructor(
    api: Pick<AuditApi, "moment">,
    sessionId: string,
    purpose: string,
    readonly channel: number,
  ) {
    this.#api = api;
    this.#sessionId = sessionId;
    this.#purpose = purpose;
  }

  async piece(tMs: number): Promise<Piece> {
    const which = { purpose: this.#purpose, t_ms: tMs, seconds: PIECE_SECONDS, channel: this.channel };
    let picture: Picture = { ...NOTHING, t_ms: tMs };
    const lines: (Output | Size)[] = [];
    let characters = 0;
    for await (const line of this.#api.moment(this.#sessionId, which)) {
      if (line.kind === "picture") picture = line;
      else if (line.kind === "end") return { beginsMs: tMs, untilMs: line.t_ms, isLast: true, picture, lines };
      else if (line.kind === "more") return { beginsMs: tMs, untilMs: line.t_ms, isLast: false, picture, lines };
      else if (line.kind === "output" || line.kind === "size") {
        // A flood: what is here is played, and the rest asked for when it is due. Lines of one moment stay together.
        if (characters > PIECE_LIMIT_CHARACTERS && line.t_ms > (lines.at(-1)?.t_ms ?? tMs)) {
          return { beginsMs: tMs, untilMs: lines.at(-1)?.t_ms ?? tMs, isLast: false, picture, lines };
        }
        characters += line.kind === "output" ? line.text.length : 0;
        lines.push(line);
      }
    }
    return { beginsMs: tMs, untilMs: lines.at(-1)?.t_ms ?? tMs, isLast: true, picture, lines };
  }
}
