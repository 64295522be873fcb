import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  build: {
    target: "es2022",
    // The first that know light-dark(); older ones would get it resolved once for the whole page.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    // The policy of the loopback host allows no inlined scripts and styles.
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  // Some stories are many: on a busy machine they take their time.
  test: { include: ["test/**/*.test.ts", "src/**/*.test.ts"], testTimeout: 30_000 },
});
