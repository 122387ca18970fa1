import { defineConfig } from "vitest/config";

const entries = ["site", "demo", "student", "my-page", "lessons", "report"];

export default defineConfig({
  // Relative, so that the files work under any static address.
  base: "./",
  build: {
    manifest: "manifest.json",
    target: "es2022",
    // Content security policy: nothing may come from a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: entries.map((name) => `src/${name}.ts`) },
  },
  worker: { format: "es" },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
