/** The customer's local page, which their agent serves. Its addresses are relative: they begin with a random path. */

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { build, sizes } from "./vite.shared.ts";

export default defineConfig({
  root: "local",
  base: "./",
  logLevel: "warn",
  plugins: [svelte({ configFile: false }), sizes("local page")],
  build: { ...build, outDir: "../../agent_client/page/site" },
});
