/** The customer's local page, which their agent serves. Its addresses are relative: they begin with a random path. */

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { licenses } from "./vite.licenses.ts";
import { build, sizes } from "./vite.shared.ts";

const { page, thread } = licenses();

export default defineConfig({
  root: "local",
  base: "./",
  logLevel: "warn",
  plugins: [svelte({ configFile: false }), sizes("local page"), page],
  worker: { plugins: () => [thread] },
  build: { ...build, outDir: "../../agent_client/page/site" },
});
