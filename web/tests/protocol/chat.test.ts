import { describe, expect, test } from "vitest";
import { toHex } from "../../src/protocol/bytes";
import { chatLine, LineUnusable } from "../../src/protocol/chat";
import { LINE_LIMIT_CHARACTERS, type Said } from "../../src/protocol/generated";
import { decodeFromAgent, encodeMessage } from "../../src/protocol/messages";
import { safeText } from "../../src/wording/safeText";
import { bytes, vectors } from "../vectors";

const chat = vectors("chat");

test("what goes to the agent is Python's to the byte", () => {
  const messages = [
    { type: "follow-session", after: 0 },
    { type: "follow-session", after: 41 },
    { type: "say", text: "I restart it now.\n现在重启。" },
  ] as const;
  expect(messages.map((message) => toHex(encodeMessage(message)))).toEqual(chat.to_agent);
});

test("what comes from the agent is read as it was meant", () => {
  const [still, paused, customers, mine, taken, refused] = chat.to_engineer.map((one: string) =>
    decodeFromAgent(bytes(one)),
  );
  expect(still).toEqual({ type: "session-moved", pausedBy: [], newestLine: 0 });
  expect(paused).toEqual({ type: "session-moved", pausedBy: ["customer", "question"], newestLine: 41 });
  expect(customers).toMatchObject({ number: 42, participant: 0, name: "", text: "谢谢 \u202e\x1b[2J", mine: false });
  expect((mine as Said).text).toBe("👩\u200d🔧");
  expect(taken).toEqual({ type: "say-taken", number: 43 });
  expect(refused).toEqual({ type: "say-refused", reason: "too-fast" });
});

describe("a line that was typed", () => {
  test("is made plain, and as long as Python's at most", () => {
    expect(chatLine(" one\r\ntwo\tthree\x1b[2J\x07\x00 ")).toBe("one\ntwo    three[2J");
    expect([...chatLine(chat.longest_line)]).toHaveLength(LINE_LIMIT_CHARACTERS);
    for (const typed of ["", " \n ", "\x1b", `${chat.longest_line}x`])
      expect(() => chatLine(typed)).toThrow(LineUnusable);
  });
});

test("what the decoder of the agent refuses is never sent as a line", () => {
  for (const text of chat.no_lines) {
    let line = "";
    try {
      line = chatLine(text);
    } catch {
      continue;
    }
    expect(line).not.toBe(text);
    expect(chat.no_lines).not.toContain(line);
  }
});

test("what draws nothing or turns text round is written as Python writes it", () => {
  for (const { text, shown } of vectors("safe_text")) expect(safeText(text)).toBe(shown);
});
