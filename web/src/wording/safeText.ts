/**
 * Text of somebody else's, made fit to be shown: names, paths, reasons, commands and messages come from the other end of
 * a session. A bidirectional override could turn a name round, a control character hide in a path. What draws nothing, or
 * does something, is written as an escape, as `wording/safe_text.py` does it; `tests/vectors/safe_text.json` says how.
 */

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

export function safeText(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const point = character.codePointAt(0) ?? 0;
    const digits = point < 0x100 ? 2 : point < 0x10000 ? 4 : 8;
    return `\\${{ 2: "x", 4: "u", 8: "U" }[digits]}${point.toString(16).padStart(digits, "0")}`;
  });
}
