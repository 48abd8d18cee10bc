/** The desk of reviewers and supervisors: a page of its own, which the audit service serves. */

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { licenses } from "./vite.licenses.ts";
import { build, sizes } from "./vite.shared.ts";

const { page, thread } = licenses();

export default defineConfig({
  root: "desk",
  base: "/desk/",
  logLevel: "warn",
  plugins: [svelte({ configFile: false }), sizes("desk"), page],
  worker: { plugins: () => [thread] },
  build: { ...build, outDir: "../../audit/service/site" },
});
