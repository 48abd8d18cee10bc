import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const shim = (name: string) => new URL(`./src/ssh/shims/${name}.ts`, import.meta.url).pathname;

/** How much a browser loads at first, and how much when a terminal opens: printed by every build. */
function sizes(): Plugin {
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
      process.stdout.write(`console: ${shown(kilobytes.first)} gzip at first, ${shown(kilobytes.later)} on demand\n`);
    },
  };
}

const isLater = (name: string) => /terminal|ssh/i.test(name);

export default defineConfig({
  base: "/console/",
  plugins: [svelte(), sizes()],
  resolve: {
    alias: [
      // dev-tunnels-ssh was written for Node: in a browser it needs these few things of it, and not the rest.
      { find: /^buffer$/, replacement: new URL("./node_modules/buffer/index.js", import.meta.url).pathname },
      { find: /^(stream|crypto|diffie-hellman|node-rsa)$/, replacement: shim("absent") },
      { find: /^vscode-jsonrpc$/, replacement: shim("jsonrpc") },
      { find: /^\.\/node\/node\w+$/, replacement: shim("absent") },
    ],
  },
  build: {
    outDir: "../broker/console/site",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    license: { fileName: "licenses.md" },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node", setupFiles: ["tests/setup.ts"] },
});
