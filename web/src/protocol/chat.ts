/** A line of chat, as `protocol/chat.py`: plain text of some length, without controls but the line feed. */

import { ConsentryError } from "./errors";
import { LINE_LIMIT_CHARACTERS } from "./generated";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is left out.
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Nothing, or more than a line holds. */
export class LineUnusable extends ConsentryError {
  constructor() {
    super("console-error-line", { limit: LINE_LIMIT_CHARACTERS });
    this.name = "LineUnusable";
  }
}

/** What was typed or pasted, as it may be sent. Throws LineUnusable. */
export function chatLine(typed: string): string {
  const plain = typed.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replaceAll("\t", "    ");
  const line = plain.replace(CONTROLS, "").trim();
  const length = [...line].length;
  if (length === 0 || length > LINE_LIMIT_CHARACTERS) throw new LineUnusable();
  return line;
}
