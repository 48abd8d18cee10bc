/** The few choices that a browser keeps for its user: language, theme, and the organisation's root key. No secrets. */

type Choice = "language" | "theme" | "root-key";

export function recall(choice: Choice): string | null {
  try {
    return localStorage.getItem(`consentry-${choice}`);
  } catch {
    return null; // storage is switched off: nothing is remembered, everything works
  }
}

export function remember(choice: Choice, value: string): void {
  try {
    localStorage.setItem(`consentry-${choice}`, value);
  } catch {
    // As above.
  }
}
