/** xterm.js as a screen that is looked at, never typed into. Loaded when a recording is opened, and not before. */

import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { DARK, LIGHT } from "../../screens/terminalColours";
import type { Output, Picture, Size } from "../lines";
import type { Screen } from "./playback";

const FONT_PX = 15;
/** A screen that is read shrinks to this and is then scrolled sideways; one that is for a glance, as far as it must. */
const SMALLEST_SCALE = 0.6;
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
  const terminal = new Terminal({
    fontFamily: getComputedStyle(place).getPropertyValue("--mono"),
    fontSize: FONT_PX,
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
  const stage = document.createElement("div");
  stage.style.transformOrigin = "0 0";
  place.replaceChildren(stage);
  terminal.open(stage);
  terminal.textarea?.setAttribute("aria-label", label);

  /** By scaling what is drawn: letters of a few pixels would not stand in their columns. */
  function scaleToFit(): void {
    const drawn = stage.querySelector<HTMLElement>(".xterm-screen");
    const available = place.parentElement?.clientWidth ?? 0;
    if (!drawn?.offsetWidth || !available) return;
    const padding = place.parentElement ? 2 * Number.parseFloat(getComputedStyle(place.parentElement).paddingLeft) : 0;
    const scale = Math.min(1, Math.max((available - padding) / drawn.offsetWidth, isSilent ? 0 : SMALLEST_SCALE));
    stage.style.width = `${drawn.offsetWidth}px`;
    stage.style.transform = scale === 1 ? "" : `scale(${scale})`;
    place.style.height = `${Math.ceil(drawn.offsetHeight * scale)}px`;
  }

  function resize(columns: number, rows: number): void {
    if (terminal.cols !== columns || terminal.rows !== rows) terminal.resize(columns, rows);
  }

  const watched = new ResizeObserver(scaleToFit);
  watched.observe(place.parentElement ?? place);
  terminal.onRender(scaleToFit);
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
