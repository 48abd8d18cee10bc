import { defineConfig } from "vitest/config";

/** Against real processes that the Python suite starts: tests/web/ says which. */
export default defineConfig({
  test: {
    include: ["end_to_end/**/*.test.ts"],
    environment: "node",
    setupFiles: ["tests/setup.ts"],
    testTimeout: 300_000, // twice the Python suite's patience: a whole session is many waits
  },
});
