/** Enter alone sends; not with Shift, and not the Enter that ends the choice of a Chinese character. */
export function sendsLine(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing;
}
