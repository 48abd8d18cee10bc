/** What xterm.js leaves to the page: copying by keys, and text that comes without any key. */

import type { Terminal } from "@xterm/xterm";

/**
 * Ctrl+Shift+C copies, as in the terminals of Linux; a browser would open its inspector. Ctrl+C stays the shell's, and
 * Ctrl+Shift+V the browser's own way to paste.
 */
export function copyByKeys(terminal: Terminal): void {
  terminal.attachCustomKeyEventHandler((event) => {
    if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey || event.code !== "KeyC") return true;
    event.preventDefault();
    if (event.type === "keydown" && terminal.hasSelection())
      void navigator.clipboard.writeText(terminal.getSelection()).catch(() => undefined);
    return false;
  });
}

/**
 * Emoji pickers, handwriting and dictation insert text with no key and no composition. For screen readers' sake xterm.js lets
 * such events go by: with a key it has sent the text already.
 */
export function takeTextWithoutKeys(terminal: Terminal): void {
  const area = terminal.textarea;
  if (!area) return;
  let isKeyDown = false;
  let isComposing = false;
  area.addEventListener("keydown", () => {
    isKeyDown = true;
  });
  for (const released of ["keyup", "blur"] as const)
    area.addEventListener(released, () => {
      isKeyDown = false;
    });
  area.addEventListener("compositionstart", () => {
    isComposing = true;
  });
  // Browsers insert what was composed on either side of this event.
  area.addEventListener("compositionend", () => setTimeout(() => (isComposing = false)));
  area.addEventListener("input", (event) => {
    const { inputType, data } = event as InputEvent;
    if (inputType === "insertText" && data && !isKeyDown && !isComposing) terminal.input(data);
  });
}
