/** The few choices that a browser keeps for its user: language, theme, the organisation's root key, a public SSH key. No secrets. */

type Choice = "language" | "theme" | "root-key" | "ssh-public-key";

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
