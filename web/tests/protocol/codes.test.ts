import { expect, test } from "vitest";
import { dammDigit, groupedDigits, parseCode } from "../../src/protocol/codes";
import { vectors } from "../vectors";

const { damm, codes } = vectors("codes");

test.each<{ digits: string; check: string }>(damm)(
  "the check digit of $digits is $check",
  ({ digits, check }: { digits: string; check: string }) => {
    expect(dammDigit(digits)).toBe(check);
  },
);

test.each<Record<string, string>>(codes)(
  "$typed is read as the Python side reads it",
  ({ typed, error, nameplate, secret, shown }: Record<string, string>) => {
    if (typed === undefined) throw new Error("a case without text");
    if (error) {
      expect(() => parseCode(typed)).toThrow(expect.objectContaining({ name: error }));
    } else {
      expect(parseCode(typed)).toEqual({ nameplate, secret });
      expect(groupedDigits(typed)).toBe(shown);
    }
  },
);

test("an error never holds what was typed", () => {
  const typed = "482-9137-755x";
  expect(() => parseCode(typed)).toThrow(expect.not.objectContaining({ message: expect.stringContaining("9137") }));
});

test.each([
  ["4829", "482-9"],
  ["48291377551", "482-9137-7551"],
  ["482191377556", "4821-9137-7556"],
  ["４８２ 9137", "482-9137"],
])("%s is grouped while one types: %s", (typed, shown) => {
  expect(groupedDigits(typed)).toBe(shown);
});
