/** What the builds of all our pages have in common. */

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

export const build = {
  emptyOutDir: true,
  target: "es2022",
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
  reportCompressedSize: false,
  license: { fileName: "licenses.md" },
};

const isLater = (name: string) => /terminal|ssh|^plot|\/plot-/i.test(name);

/** How much a browser loads at first, and how much when a terminal or a plot opens: printed by every build. */
export function sizes(page: string): Plugin {
  return {
    name: "consentry-sizes",
    writeBundle(_, bundle) {
      const kilobytes = { first: 0, later: 0 };
      for (const file of Object.values(bundle)) {
        if (file.fileName.endsWith(".md")) continue;
        const content = file.type === "chunk" ? file.code : file.source;
        const isFirst = file.type === "chunk" ? !file.isDynamicEntry && !isLater(file.name) : !isLater(file.fileName);
        kilobytes[isFirst ? "first" : "later"] += gzipSync(content).length / 1000;
      }
      const shown = (value: number) => `${value.toFixed(0)} kB`;
      process.stdout.write(`${page}: ${shown(kilobytes.first)} gzip at first, ${shown(kilobytes.later)} on demand\n`);
    },
  };
}
