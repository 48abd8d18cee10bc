import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { licenses } from "./vite.licenses.ts";
import { build, sizes } from "./vite.shared.ts";

const shim = (name: string) => new URL(`./src/ssh/shims/${name}.ts`, import.meta.url).pathname;

const { page, thread } = licenses();

export default defineConfig({
  base: "/console/",
  logLevel: "warn",
  plugins: [svelte({ configFile: false }), sizes("console"), page],
  worker: { plugins: () => [thread] },
  resolve: {
    alias: [
      // dev-tunnels-ssh was written for Node: in a browser it needs these few things of it, and not the rest.
      { find: /^buffer$/, replacement: new URL("./node_modules/buffer/index.js", import.meta.url).pathname },
      { find: /^(stream|crypto|diffie-hellman|node-rsa)$/, replacement: shim("absent") },
      { find: /^vscode-jsonrpc$/, replacement: shim("jsonrpc") },
      { find: /^\.\/node\/node\w+$/, replacement: shim("absent") },
    ],
  },
  build: { ...build, outDir: "../broker/console/site" },
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
    setupFiles: ["tests/setup.ts"],
    testTimeout: 90_000, // as patient as the Python suite: a busy machine is no fault
  },
});
