import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
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
  "live",
  "lti",
  "lti-send",
  "profile",
  "author",
  "rules",
  "groups",
  "support",
];

const TELEMETRY_URL = "https://odml.pa.googleapis.com/v1/log";

/**
 * Removes the URL to which MediaPipe's tasks send telemetry, which cannot be switched off. The build
 * fails for a version with another URL.
 */
function removeTelemetry(): Plugin {
  return {
    name: "remove-telemetry",
    transform(code, id) {
      if (!id.includes("@mediapipe/tasks-vision/vision_bundle")) return null;
      const addresses = code.match(/https?:\/\/[a-z0-9.-]*googleapis\.com[^"]*/g) ?? [];
      if (addresses.length !== 1 || addresses[0] !== TELEMETRY_URL)
        throw new Error(
          `tasks-vision: unexpected telemetry URLs: ${addresses.join(", ") || "none"}`,
        );
      return { code: code.replace(TELEMETRY_URL, "about:blank"), map: null };
    },
  };
}

/** Writes `modules.json`: the source files of each entry, which decide the texts of its pages. */
function listModules(): Plugin {
  return {
    name: "list-modules",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
      const modulesOf: Record<string, string[]> = {};
      for (const entry of chunks.filter((chunk) => chunk.isEntry && chunk.facadeModuleId)) {
        const reached = new Set([entry]);
        for (const chunk of reached)
          for (const name of [...chunk.imports, ...chunk.dynamicImports]) {
            const imported = byName.get(name);
            if (imported) reached.add(imported);
          }
        const modules = [...reached].flatMap((chunk) => chunk.moduleIds.map(toSourcePath));
        modulesOf[toSourcePath(entry.facadeModuleId ?? "")] = modules
          .filter((path) => path.startsWith("src/"))
          .sort();
      }
      this.emitFile({
        type: "asset",
        fileName: "modules.json",
        source: JSON.stringify(modulesOf),
      });
    },
  };
}

function toSourcePath(id: string): string {
  return relative(import.meta.dirname, id);
}

const MIN_COMPRESSED_BYTES = 100_000;

/** Writes `file.br` beside large files, which WhiteNoise serves to browsers that accept it. */
function compressLargeFiles(): Plugin {
  return {
    name: "compress-large-files",
    apply: "build",
    writeBundle({ dir }) {
      const assets = join(dir ?? "dist", "assets");
      for (const name of readdirSync(assets)) {
        const content = readFileSync(join(assets, name));
        if (!/\.(js|wasm)$/.test(name) || content.length < MIN_COMPRESSED_BYTES) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(content, { params }));
      }
    },
  };
}

export default defineConfig({
  // Relative, so that the files work under any static URL.
  base: "./",
  build: {
    manifest: "manifest.json",
    target: "es2022",
    // The content security policy forbids data: URLs.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: entries.map((name) => `src/${name}.ts`) },
  },
  plugins: [compressLargeFiles(), listModules()],
  worker: { format: "es", plugins: () => [removeTelemetry()] },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
