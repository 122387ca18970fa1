import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const entries = [
  "site",
  "demo",
  "student",
  "my-page",
  "lessons",
  "report",
  "lti",
  "lti-send",
  "profile",
  "author",
  "rules",
  "groups",
  "support",
];

const REPORTS_TO = "https://odml.pa.googleapis.com/v1/log";

/**
 * MediaPipe's tasks report their use to Google once a minute, and offer no way to say no. The
 * address is taken out; a version that reports elsewhere does not build.
 */
function noReports(): Plugin {
  return {
    name: "no-reports",
    transform(code, id) {
      if (!id.includes("@mediapipe/tasks-vision/vision_bundle")) return null;
      const addresses = code.match(/https?:\/\/[a-z0-9.-]*googleapis\.com[^"]*/g) ?? [];
      if (addresses.length !== 1 || addresses[0] !== REPORTS_TO)
        throw new Error(`tasks-vision talks to ${addresses.join(", ") || "nobody it did before"}`);
      return { code: code.replace(REPORTS_TO, "about:blank"), map: null };
    },
  };
}

const LARGE_BYTES = 100_000;

/** WhiteNoise hands out `file.br` in place of `file` where the browser takes it. */
function compressLargeFiles(): Plugin {
  return {
    name: "compress-large-files",
    apply: "build",
    writeBundle({ dir }) {
      const assets = join(dir ?? "dist", "assets");
      for (const name of readdirSync(assets)) {
        const content = readFileSync(join(assets, name));
        if (!/\.(js|wasm)$/.test(name) || content.length < LARGE_BYTES) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(content, { params }));
      }
    },
  };
}

export default defineConfig({
  // Relative, so that the files work under any static address.
  base: "./",
  build: {
    manifest: "manifest.json",
    target: "es2022",
    // Content security policy: nothing may come from a data: address.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: entries.map((name) => `src/${name}.ts`) },
  },
  plugins: [compressLargeFiles()],
  worker: { format: "es", plugins: () => [noReports()] },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
