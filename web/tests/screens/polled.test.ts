/** What is asked for again and again: the newest question's answer stands. */

import { expect, test, vi } from "vitest";
import { polled } from "../../src/screens/polled.svelte";

/** Answers in an order of its own. */
class ServerAtTest {
  readonly questions: { readonly answer: (value: string) => void; readonly refuse: (failure: Error) => void }[] = [];
  readonly ask = (): Promise<string> => new Promise((answer, refuse) => this.questions.push({ answer, refuse }));
}

test("an answer from before a change does not take it off the page again", async () => {
  vi.stubGlobal("document", { hidden: false });
  const server = new ServerAtTest();
  const people = polled(server.ask, 1000);
  const [before, after] = [people.again(), people.again()];
  server.questions[1]?.answer("with Li Na");
  await after;
  server.questions[0]?.answer("without her");
  await before;
  expect(people.value).toBe("with Li Na");

  const [failing, good] = [people.again(), people.again()];
  server.questions[3]?.answer("with Wang Wei, too");
  await good;
  server.questions[2]?.refuse(new Error("away"));
  await failing;
  expect([people.value, people.failure]).toEqual(["with Wang Wei, too", null]);
  vi.unstubAllGlobals();
});

test("what was there stays beside a failure, until there is an answer again", async () => {
  vi.stubGlobal("document", { hidden: false });
  const server = new ServerAtTest();
  const people = polled(server.ask, 1000);
  const answers = [people.again(), people.again(), people.again()];
  server.questions[0]?.answer("one");
  server.questions[1]?.refuse(new Error("away"));
  await Promise.all(answers.slice(0, 2));
  expect([people.value, String(people.failure)]).toEqual(["one", "Error: away"]);
  server.questions[2]?.answer("two");
  await answers[2];
  expect([people.value, people.failure]).toEqual(["two", null]);
  vi.unstubAllGlobals();
});
