/** xterm.js as the customer's window into the shared terminal. What it shows is hostile: it may draw, and nothing else. */

import { type IParser, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { DARK, LIGHT } from "../screens/terminalColours";
import type { RoomViewer } from "./roomFeed";

const FONT_SIZE_PX = 15;
const SCALES = { smallest: 0.5, largest: 1.2 };
const SCROLLBACK_LINES = 2000;

/** What may wait to be drawn. Under a flood the newest is drawn, and the page says how much was not. */
const UNDRAWN_LIMIT_BYTES = 512 * 1024;

/** They turn text round: what a program printed would not be what stands there. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** CAN ends a sequence of which the rest was left out. */
const CANCEL = "\x18";

export interface RoomWindow extends RoomViewer {
  /** The shared terminal has this size; it is drawn as large as fits. */
  fit(columns: number, rows: number): void;
  paint(isDark: boolean): void;
  /** Who types, types into the shared terminal. */
  letType(on: boolean): void;
  dispose(): void;
}

export interface RoomListener {
  readonly label: string;
  readonly ontyped: (data: Uint8Array) => void;
  readonly onleave: () => void;
  readonly onskipped: (bytes: number) => void;
}

export function openRoom(place: HTMLElement, { label, ontyped, onleave, onskipped }: RoomListener): RoomWindow {
  const terminal = new Terminal({
    fontFamily: getComputedStyle(place).getPropertyValue("--mono"),
    fontSize: FONT_SIZE_PX,
    scrollback: SCROLLBACK_LINES,
    disableStdin: true,
    screenReaderMode: true,
    // A link that a program prints leads nowhere from here.
    linkHandler: { activate: () => undefined },
  });
  terminal.open(place);
  leaveUnanswered(terminal.parser);
  terminal.textarea?.setAttribute("aria-label", label);
  let mayType = false;
  const encoder = new TextEncoder();
  terminal.onData((text) => mayType && ontyped(encoder.encode(text)));
  terminal.onBinary((text) => mayType && ontyped(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  terminal.attachCustomKeyEventHandler((event) => {
    // Ctrl-] leaves, as at the terminal; and without typing no key is kept, so that Tab goes on to the next control.
    if (mayType && event.ctrlKey && event.key === "]") onleave();
    else if (mayType) return true;
    return false;
  });
  const resized = keepScaled(place);
  const ink = new Ink(terminal, onskipped);
  const letType = (on: boolean) => {
    mayType = on;
    terminal.options.disableStdin = !on;
    terminal.options.cursorBlink = on;
    if (terminal.textarea) terminal.textarea.tabIndex = on ? 0 : -1;
    if (on) terminal.focus();
    else terminal.blur();
  };
  letType(false);
  return {
    write: (data) => ink.write(data),
    reset: () => ink.reset(),
    fit: (columns, rows) => terminal.resize(columns, rows),
    paint: (isDark) => {
      terminal.options.theme = isDark ? DARK : LIGHT;
    },
    letType,
    dispose: () => {
      resized.disconnect();
      terminal.dispose();
    },
  };
}

/** Drawn in one size and scaled as a whole: the room is as large as its engineer made it, on a telephone, too. */
function keepScaled(place: HTMLElement): ResizeObserver {
  const scale = () => {
    const screen = place.querySelector<HTMLElement>(".xterm-screen");
    const frame = place.parentElement;
    if (!screen?.offsetWidth || !frame?.clientWidth) return;
    const fitting = (frame.clientWidth - 2 * place.offsetLeft) / screen.offsetWidth;
    const factor = Math.min(SCALES.largest, Math.max(SCALES.smallest, fitting));
    place.style.setProperty("--scale", String(factor));
    place.style.width = `${screen.offsetWidth}px`;
    place.style.height = `${screen.offsetHeight}px`;
    place.style.marginBottom = `${screen.offsetHeight * (factor - 1)}px`;
    place.style.marginRight = `${screen.offsetWidth * (factor - 1)}px`;
  };
  const resized = new ResizeObserver(scale);
  for (const element of [place.parentElement, place.querySelector(".xterm-screen")])
    if (element) resized.observe(element);
  return resized;
}

/** What is drawn: all that comes, as text that stands in the order in which it was printed; under a flood the newest. */
class Ink {
  #decoder = new TextDecoder();
  #undrawnBytes = 0;

  constructor(
    readonly terminal: Terminal,
    readonly onskipped: (bytes: number) => void,
  ) {}

  write(data: Uint8Array): void {
    if (this.#undrawnBytes > UNDRAWN_LIMIT_BYTES) {
      this.#decoder = new TextDecoder();
      this.terminal.write(CANCEL);
      this.onskipped(data.length);
      return;
    }
    this.#undrawnBytes += data.length;
    this.terminal.write(this.#decoder.decode(data, { stream: true }).replace(DIRECTIONS, "\ufffd"), () => {
      this.#undrawnBytes -= data.length;
    });
  }

  reset(): void {
    this.#decoder = new TextDecoder();
    this.terminal.reset();
  }
}

/** Programs ask terminals who they are, where the cursor is, which colours they have. The engineer's own one answers. */
function leaveUnanswered(parser: IParser): void {
  const swallow = () => true;
  for (const id of [
    { final: "c" },
    { prefix: ">", final: "c" },
    { prefix: "=", final: "c" },
    { final: "n" },
    { prefix: "?", final: "n" },
    { intermediates: "$", final: "p" },
    { prefix: "?", intermediates: "$", final: "p" },
    { final: "t" },
  ])
    parser.registerCsiHandler(id, swallow);
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, swallow);
  for (const colour of [4, 10, 11, 12]) parser.registerOscHandler(colour, swallow);
}
