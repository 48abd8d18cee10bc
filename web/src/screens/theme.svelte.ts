/** Light, dark, or as the system says. */

import { recall, remember } from "./remembered";

const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const recalled = THEMES.find((theme) => theme === recall("theme"));
const chosen = $state<{ theme: Theme }>({ theme: recalled ?? "auto" });

export function theme(): Theme {
  return chosen.theme;
}

export function nextTheme(): void {
  chosen.theme = THEMES[(THEMES.indexOf(chosen.theme) + 1) % THEMES.length] ?? "auto";
  remember("theme", chosen.theme);
  applyTheme();
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = chosen.theme;
}

export function isDark(): boolean {
  return chosen.theme === "dark" || (chosen.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
}
