/** Keys that are typed before the shell is there: none is lost or turned round, and what is too much leaves no gap. */

import { expect, test } from "vitest";
import { KEPT_LIMIT_BYTES, TypeAhead } from "../../src/screens/typeAhead";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A shell that remembers what was typed into it. */
class ShellAtTest {
  typed = "";
  readonly type = (data: Uint8Array) => {
    this.typed += new TextDecoder().decode(data);
  };
}

test("the shell gets what was typed before it came, and goes on with what is typed then", () => {
  const shell = new ShellAtTest();
  const keys = new TypeAhead();
  for (const key of "ls -l") keys.type(bytes(key));
  expect(shell.typed).toBe("");
  keys.arrived(shell.type);
  expect(shell.typed).toBe("ls -l");
  keys.type(bytes("\r"));
  expect(shell.typed).toBe("ls -l\r");
});

test("what does not fit is dropped, and so is all that follows it until the shell is there", () => {
  const shell = new ShellAtTest();
  const keys = new TypeAhead();
  keys.type(bytes("rm "));
  keys.type(new Uint8Array(KEPT_LIMIT_BYTES));
  keys.type(bytes("/"));
  keys.arrived(shell.type);
  keys.type(bytes("old.log"));
  expect(shell.typed).toBe("rm old.log");
});
