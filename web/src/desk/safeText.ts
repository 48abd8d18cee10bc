/**
 * Text of somebody else's, made fit to stand in a sentence: names, paths, reasons and commands come from the other end
 * of a session. A bidirectional override could turn a name round, a control character hide in a path. Both are shown as
 * what they are instead, as `wording/safe_text.py` does it.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

export function safeText(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x100) return `\\x${point.toString(16).padStart(2, "0")}`;
    return point < 0x10000 ? `\\u${point.toString(16).padStart(4, "0")}` : `\\U${point.toString(16).padStart(8, "0")}`;
  });
}
