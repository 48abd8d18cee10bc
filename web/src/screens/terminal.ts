/** xterm.js in front of a shell on the customer's machine. Loaded when a terminal is opened, and not before. */

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { LiveSession } from "../engineer/pairedSession";
import { signAttestation } from "../protocol/accessRequest";
import { StreamKind } from "../protocol/generated";
import { answeredInTime, TunnelStream } from "../ssh/connection";
import { Shell } from "../ssh/shell";
import { StreamConnection } from "../tunnel/streamConnection";
import { DARK, LIGHT } from "./terminalColours";
import { copyByKeys, takeTextWithoutKeys } from "./terminalKeys";
import { TypeAhead } from "./typeAhead";

const SCROLLBACK_LINES = 10_000;
const FONT_SIZE_PX = 14;
const ATTEST_TIMEOUT_MS = 5000;

export interface TerminalEnd {
  readonly exitStatus: number | null;
  /** Did the customer's agent record the same output as was shown here? */
  readonly attested: "same" | "different" | "none";
}

export interface TerminalListener {
  readonly label: string;
  readonly onconnected: (connected: boolean) => void;
  readonly onended: (end: TerminalEnd) => void;
}

export interface TerminalSession {
  focus(): void;
  paint(isDark: boolean): void;
  retryNow(): void;
  /** The session is over: what was shown stays. */
  close(): void;
  dispose(): void;
}

/** A shell in `place`. Throws HostKeyWrong, SshFailed and SshSilent. */
export async function openTerminal(
  session: LiveSession,
  place: HTMLElement,
  isDark: boolean,
  { label, onconnected, onended }: TerminalListener,
): Promise<TerminalSession> {
  const fontFamily = getComputedStyle(place).getPropertyValue("--mono");
  const terminal = new Terminal({
    fontFamily,
    fontSize: FONT_SIZE_PX,
    scrollback: SCROLLBACK_LINES,
    screenReaderMode: true,
    theme: isDark ? DARK : LIGHT,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  place.replaceChildren();
  terminal.open(place);
  terminal.textarea?.setAttribute("aria-label", label);
  fit.fit();
  copyByKeys(terminal);
  takeTextWithoutKeys(terminal);
  const keys = new TypeAhead();
  const encoder = new TextEncoder();
  terminal.onData((text) => keys.type(encoder.encode(text)));
  terminal.onBinary((text) => keys.type(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  terminal.focus();
  const stream = new StreamConnection(session.route, StreamKind.SSH);
  stream.onConnected = onconnected;
  const size = () => ({ columns: terminal.cols, rows: terminal.rows });
  const show = (data: Uint8Array, done: () => void) => terminal.write(data, done);
  const hostKey = session.paired.agent.ecdsaHostKey;
  const opening = Shell.open(new TunnelStream(stream), hostKey, session.identity, size(), show);
  const shell = await answeredInTime(stream, opening).catch((error) => {
    stream.close();
    terminal.dispose();
    throw error;
  });
  keys.arrived((data) => shell.type(data));
  terminal.onResize(() => shell.resize(size()));
  const resized = new ResizeObserver(() => fit.fit());
  resized.observe(place);
  // Connecting takes a while: whoever writes elsewhere by now goes on there.
  if (document.activeElement === document.body) terminal.focus();
  void shell.ended.then(async (end) => {
    terminal.options.disableStdin = true;
    stream.close();
    onended({ exitStatus: end.exitStatus, attested: await attest(session, stream.streamId, end.output) });
  });
  return {
    focus: () => terminal.focus(),
    paint: (isDark) => {
      terminal.options.theme = isDark ? DARK : LIGHT;
    },
    retryNow: () => stream.retryNow(),
    close: () => shell.close(),
    dispose: () => {
      resized.disconnect();
      shell.close();
      terminal.dispose();
    },
  };
}

/** Signs for what was shown, and hears whether the customer's recording has the same. */
async function attest(
  { conversation, engineerKey, paired }: LiveSession,
  streamId: Uint8Array,
  { outputBytes, outputSha256 }: { readonly outputBytes: number; readonly outputSha256: Uint8Array },
): Promise<TerminalEnd["attested"]> {
  const word = await signAttestation(engineerKey, paired.sessionId, streamId, outputBytes, outputSha256);
  const matches = await conversation.attest(word, ATTEST_TIMEOUT_MS);
  return matches === null ? "none" : matches ? "same" : "different";
}
