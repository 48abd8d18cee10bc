import { expect, test } from "vitest";
import { BrokerApi } from "../src/engineer/api";
import { Following } from "../src/engineer/following";
import type { LiveSession, Step } from "../src/engineer/pairedSession";
import { usePairingCode } from "../src/engineer/session";
import { signAttestation } from "../src/protocol/accessRequest";
import { parseCode } from "../src/protocol/codes";
import { type Said, StreamKind } from "../src/protocol/generated";
import { HostKeyWrong, TunnelStream } from "../src/ssh/connection";
import { newSshIdentity } from "../src/ssh/identity";
import { Shell } from "../src/ssh/shell";
import { StreamConnection } from "../src/tunnel/streamConnection";
import { Browser, given } from "./node";

const SIZE = { columns: 100, rows: 30 };

async function signedIn(): Promise<{ readonly browser: Browser; readonly api: BrokerApi }> {
  const browser = new Browser(given("CONSENTRY_ORIGIN"));
  const api = new BrokerApi(browser.fetch);
  await api.login({ user_name: given("CONSENTRY_USER"), password: given("CONSENTRY_PASSWORD") });
  return { browser, api };
}

/** Output so far, and a promise of more. */
class Screen {
  text = "";
  #stirred: () => void = () => undefined;

  readonly show = (data: Uint8Array, done: () => void): void => {
    this.text += new TextDecoder().decode(data);
    done();
    this.#stirred();
  };

  async until(wanted: string | RegExp): Promise<void> {
    while (!(typeof wanted === "string" ? this.text.includes(wanted) : wanted.test(this.text)))
      await new Promise<void>((resolve) => {
        this.#stirred = resolve;
      });
  }
}

async function openShell(live: LiveSession, screen: Screen) {
  const stream = new StreamConnection(live.route, StreamKind.SSH);
  const hostKey = live.paired.agent.ecdsaHostKey;
  const shell = await Shell.open(new TunnelStream(stream), hostKey, live.identity, SIZE, screen.show);
  return { shell, stream };
}

test("from a code to a shell, through the real broker to the real agent, and a signed word about its output", async () => {
  const { browser, api } = await signedIn();
  expect(await api.me()).toMatchObject({ user_name: given("CONSENTRY_USER") });
  const steps: Step[] = [];
  const wish = {
    reason: given("CONSENTRY_REASON"),
    ticket: "8841",
    scopes: scopes(),
    minutes: 30,
    takesOver: null,
  } as const;
  const pairing = await usePairingCode(
    { api, dial: browser.dial, newIdentity: newSshIdentity },
    await api.organisation(),
    parseCode(given("CONSENTRY_CODE")),
    wish,
    (step) => steps.push(step),
  );
  const live = await pairing.ask(wish, (step) => steps.push(step));
  expect(steps).toEqual(["checking-code", "waiting-for-consent"]);
  expect(live.granted.scopes).toContain("shell");

  // Another machine than the one that proved the code: nothing of ours is shown to it.
  const wrong = new StreamConnection(live.route, StreamKind.SSH);
  const otherKey = live.paired.agent.ecdsaHostKey.slice().fill(7, 60);
  const refused = Shell.open(new TunnelStream(wrong), otherKey, live.identity, SIZE, () => undefined);
  await expect(refused).rejects.toThrow(HostKeyWrong);
  wrong.close();

  const screen = new Screen();
  const { shell, stream } = await openShell(live, screen);
  shell.type(new TextEncoder().encode("echo $((6*7))-needle; stty size\r"));
  await screen.until("42-needle");
  await screen.until(/30 100/);

  // The network goes, twice, with keys on the way: nothing is lost, nothing comes twice.
  for (const word of ["first", "second"]) {
    shell.type(new TextEncoder().encode(`echo cut-${word}-$((7*8))\r`));
    browser.cut();
    await screen.until(`cut-${word}-56`);
  }
  expect(screen.text.match(/^cut-first-56/gm)).toHaveLength(1);

  shell.resize({ columns: 132, rows: 50 });
  shell.type(new TextEncoder().encode("stty size; exit\r"));
  await screen.until(/50 132/);
  const { exitStatus, output } = await shell.ended;
  expect(exitStatus).toBe(0);
  const { outputBytes, outputSha256 } = output;
  const sessionId = live.paired.sessionId;
  const word = await signAttestation(live.engineerKey, sessionId, stream.streamId, outputBytes, outputSha256);
  expect(await live.conversation.attest(word, 90_000)).toBe(true);
  const heard: Said[] = [];
  const told = new Promise<void>((resolve) => {
    const following = Following.of(live.route, live.paired.keys.controlKey, {
      onsaid: (line) => heard.push(line),
      onpaused: () => void following.say("chat-needle 针\n<b>").then(resolve),
      onaway: () => undefined,
      onover: () => undefined,
    });
  });
  await told;
  expect(heard).toMatchObject([{ number: 1, participant: 1, text: "chat-needle 针\n<b>", mine: true }]);
  await api.addNote(live.sessionId, "replaced the cable");
  expect(await api.notes(live.sessionId)).toMatchObject([{ text: "replaced the cable" }]);
  await live.conversation.endSession();
  expect(await live.conversation.ended).toBe("engineer-ended");
});

function scopes() {
  return given("CONSENTRY_AS_ROOT") === "yes" ? (["shell", "root"] as const) : (["shell"] as const);
}
