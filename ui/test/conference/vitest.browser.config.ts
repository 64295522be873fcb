import { defineConfig } from "vitest/config";

/** The checks that need real browsers: `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ["test/**/*.browser.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
