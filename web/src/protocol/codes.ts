/** The one-time code `NNN-SSSS-SSSC`, as `protocol/codes.py`: what may be typed is generous, what comes out is exact. */

import { ConsentryError } from "./errors";
import { NAMEPLATE_DIGITS, SECRET_DIGITS, TYPED_LIMIT_CHARACTERS } from "./generated";

// The totally anti-symmetric quasigroup of order 10 from H. M. Damm's thesis (2004), p. 111.
const DAMM = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
] as const;

// Dashes of keyboards and chat programs that Unicode does not count as dashes; invisible marks (Cf) come along with
// what somebody pastes.
const SEPARATORS = /[\s\p{Pd}\p{Cf}\u00ad\u2043\u2212\u30fc\u2500]/gu;

/** What was typed does not have the shape of a code. Never holds what was typed: it may be nearly the secret. */
export class CodeShapeError extends ConsentryError {
  constructor(digits: number) {
    super("console-error-code-shape", { digits });
    this.name = "CodeShapeError";
  }
}

/** A digit was misheard or mistyped. Nothing was sent, the code is still good. */
export class CodeSlipError extends ConsentryError {
  constructor() {
    super("console-error-code-slip");
    this.name = "CodeSlipError";
  }
}

export interface OneTimeCode {
  readonly nameplate: string;
  readonly secret: string;
}

/** It catches every wrong digit and every swap of two neighbours. */
export function dammDigit(digits: string): string {
  let carried = 0;
  for (const digit of digits) carried = Number(DAMM[carried]?.[Number(digit)]);
  return String(carried);
}

/** The digits that were typed so far, in groups as they are read out: for a field that formats while one types. */
export function groupedDigits(text: string): string {
  const digits = digitsOf(text).slice(0, Math.max(...NAMEPLATE_DIGITS) + SECRET_DIGITS + 1);
  const nameplate = digits.length > Math.min(...NAMEPLATE_DIGITS) + SECRET_DIGITS + 1 ? 4 : 3;
  return [digits.slice(0, nameplate), digits.slice(nameplate, nameplate + 4), digits.slice(nameplate + 4)]
    .filter((group) => group)
    .join("-");
}

/** Reads what a person typed or pasted. Throws CodeShapeError (not 11 or 12 digits, a leading 0) and CodeSlipError. */
export function parseCode(text: string): OneTimeCode {
  const shape = () => new CodeShapeError(digitsOf(text.slice(0, TYPED_LIMIT_CHARACTERS)).length);
  if (text.length > TYPED_LIMIT_CHARACTERS) throw shape();
  const digits = text.normalize("NFKC").replaceAll(SEPARATORS, "");
  const nameplateDigits = digits.length - SECRET_DIGITS - 1;
  if (!/^[1-9][0-9]*$/.test(digits) || !NAMEPLATE_DIGITS.includes(nameplateDigits)) throw shape();
  if (dammDigit(digits.slice(0, -1)) !== digits.at(-1)) throw new CodeSlipError();
  return { nameplate: digits.slice(0, nameplateDigits), secret: digits.slice(nameplateDigits, -1) };
}

function digitsOf(text: string): string {
  return text.normalize("NFKC").replaceAll(/[^0-9]/g, "");
}
