/** What the builds of all our pages have in common. */

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

export const build = {
  emptyOutDir: true,
  target: "es2022",
  assetsInlineLimit: 0,
  // One style for all parts, some kilobytes: a part whose style got lost on the way would be fetched again without it.
  cssCodeSplit: false,
  modulePreload: { polyfill: false },
  reportCompressedSize: false,
  rolldownOptions: { checks: { pluginTimings: false } },
};

/** How much a browser loads at first, and how much when a terminal, files or a plot open: printed by every build. */
export function sizes(page: string): Plugin {
  return {
    name: "consentry-sizes",
    writeBundle(_, bundle) {
      const first = new Set<string>();
      const loadedWith = (fileName: string): void => {
        const file = bundle[fileName];
        if (first.has(fileName)) return;
        first.add(fileName);
        if (file?.type !== "chunk") return;
        file.imports.forEach(loadedWith);
      };
      const kilobytes = { first: 0, later: 0 };
      const files = Object.values(bundle).filter(({ fileName }) => !fileName.endsWith(".md"));
      for (const file of files) {
        if (file.type === "chunk" && file.isEntry) loadedWith(file.fileName);
        // Pictures and the style; a thread's script comes when the thread begins.
        if (file.type === "asset" && !file.fileName.endsWith(".js")) loadedWith(file.fileName);
      }
      for (const file of files) {
        const content = file.type === "chunk" ? file.code : file.source;
        kilobytes[first.has(file.fileName) ? "first" : "later"] += gzipSync(content).length / 1000;
      }
      const shown = (value: number) => `${value.toFixed(0)} kB`;
      process.stdout.write(`${page}: ${shown(kilobytes.first)} gzip at first, ${shown(kilobytes.later)} on demand\n`);
    },
  };
}
