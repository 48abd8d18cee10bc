/** xterm.js as a screen that is looked at, never typed into. Loaded when a recording is opened, and not before. */

import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { DARK, LIGHT } from "../../screens/terminalColours";
import type { Output, Picture, Size } from "../lines";
import type { Screen } from "./playback";

const LARGEST_FONT_PX = 15;
/** To be read. A screen that is for a glance shrinks as far as it must; one that is read is scrolled sideways. */
const SMALLEST_FONT_PX = 9;
const SMALLEST_GLANCE_FONT_PX = 3;
const MEASURED_AT_PX = 100;
const SCROLLBACK_LINES = 2000;

export interface TerminalScreen extends Screen {
  /** Selects the words where they stand on the screen, if they do: a search is to be seen. */
  point(words: string): void;
  paint(isDark: boolean): void;
  dispose(): void;
}

/** A screen in `place`, of one channel, as large as the recorded terminal was; its letters fit the place. */
export function openScreen(
  place: HTMLElement,
  { label, channel, isDark, isSilent = false }: { label: string; channel: number; isDark: boolean; isSilent?: boolean },
): TerminalScreen {
  const fontFamily = getComputedStyle(place).getPropertyValue("--mono");
  const terminal = new Terminal({
    fontFamily,
    cols: 80,
    rows: 24,
    scrollback: SCROLLBACK_LINES,
    screenReaderMode: !isSilent,
    disableStdin: true,
    cursorInactiveStyle: "block",
    theme: colours(isDark),
    linkHandler: null,
  });
  // Nothing is typed here: keys are the page's, so that nobody is caught within the terminal.
  terminal.attachCustomKeyEventHandler(() => false);
  place.replaceChildren();
  terminal.open(place);
  terminal.textarea?.setAttribute("aria-label", label);
  const letterWidth = widthOfLetter(fontFamily);

  function fitLetters(): void {
    const width = place.clientWidth - 2;
    const byWidth = width / (terminal.cols * letterWidth);
    const smallest = isSilent ? SMALLEST_GLANCE_FONT_PX : SMALLEST_FONT_PX;
    const size = Math.max(smallest, Math.min(LARGEST_FONT_PX, Math.floor(byWidth * 4) / 4));
    if (width > 0 && terminal.options.fontSize !== size) terminal.options.fontSize = size;
  }

  function resize(columns: number, rows: number): void {
    if (terminal.cols !== columns || terminal.rows !== rows) terminal.resize(columns, rows);
    fitLetters();
  }

  const watched = new ResizeObserver(fitLetters);
  watched.observe(place);
  fitLetters();
  return {
    show(picture: Picture) {
      terminal.reset();
      const shown = picture.terminals.find((one) => one.channel === channel);
      resize(shown?.columns ?? 80, shown?.rows ?? 24);
      if (shown) terminal.write(shown.text);
    },
    write(line: Output | Size) {
      if (line.channel !== channel) return;
      if (line.kind === "size") resize(line.columns, line.rows);
      else terminal.write(line.text);
    },
    point(words) {
      // Behind whatever is still to be drawn.
      terminal.write("", () => select(terminal, words));
    },
    paint(dark) {
      terminal.options.theme = colours(dark);
    },
    dispose() {
      watched.disconnect();
      terminal.dispose();
    },
  };
}

/** What a search found is to be seen wherever the cursor of the page stands. */
function colours(isDark: boolean): ITheme {
  const theme = isDark ? DARK : LIGHT;
  return { ...theme, selectionInactiveBackground: theme.selectionBackground };
}

function select(terminal: Terminal, words: string): void {
  const wanted = words.toLowerCase();
  const buffer = terminal.buffer.active;
  for (let row = buffer.length - 1; row >= 0 && wanted; row -= 1) {
    const column = buffer.getLine(row)?.translateToString(true).toLowerCase().indexOf(wanted) ?? -1;
    if (column < 0) continue;
    terminal.select(column, row, words.length);
    terminal.scrollToLine(Math.max(0, row - Math.floor(terminal.rows / 2)));
    return;
  }
}

/** Of one letter, in pixels for each pixel of the font's size. */
function widthOfLetter(fontFamily: string): number {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return 0.6;
  context.font = `${MEASURED_AT_PX}px ${fontFamily}`;
  return context.measureText("W").width / MEASURED_AT_PX || 0.6;
}
