import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  build: { target: "es2022", modulePreload: { polyfill: false }, sourcemap: false },
  test: { include: ["test/**/*.test.ts", "src/**/*.test.ts"] },
});
