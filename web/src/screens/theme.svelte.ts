/** Light, dark, or as the system says. */

import { recall, remember } from "./remembered";

const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const recalled = THEMES.find((theme) => theme === recall("theme"));
const chosen = $state<{ theme: Theme }>({ theme: recalled ?? "auto" });

// Many a system changes in the evening: what was painted has to follow.
const darkness = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
const system = $state({ isDark: darkness?.matches ?? false });
darkness?.addEventListener("change", ({ matches }) => {
  system.isDark = matches;
});

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
  return chosen.theme === "dark" || (chosen.theme === "auto" && system.isDark);
}
