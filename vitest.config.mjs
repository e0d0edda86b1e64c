/**
 * Test projects: `npx vitest run --project NAME`.
 *
 * unit     beside the code, and goldens through memfs
 * binary   through the executable, in terminals and odd environments too (PROCG_BINARY, dist/procg unless set)
 * compat   against the installed procps, coreutils, sysstat
 * e2e      real containers (root and Docker)
 * kernel   Debian's kernels in QEMU, cgroup v2, v1, hybrid
 * release  what `npm run release` makes: twice, taken apart, installed in small roots
 * full     long ones: fuzzing, soaks; only by `npm run test:full`
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { viteToolsPlugin } from "./build/tools_plugin.mjs";

const exclude = ["**/node_modules/**", ".cache/**", "dist/**"];

/** procg:tools and procg:version, as in the build. */
const plugins = [viteToolsPlugin(fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, ""))];

export default defineConfig({
  test: {
    projects: [
      {
        plugins,
        test: {
          name: "unit",
          include: [
            "{lib,tools,host,build}/**/*.test.ts",
            "test/{fixtures,truth,golden,docs,bench}/**/*.test.ts",
          ],
          exclude,
          // Nothing here waits; 5 s are too few on a machine that is busy with something else.
          testTimeout: 30_000,
        },
      },
      {
        plugins,
        test: {
          name: "binary",
          include: ["test/{binary,tmux,environments,fuzz}/**/*.test.ts"],
          exclude,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins,
        test: {
          name: "compat",
          include: ["test/compat/**/*.test.ts"],
          exclude,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude,
          globalSetup: ["test/e2e/global_setup.ts"],
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        plugins,
        test: {
          name: "kernel",
          include: ["test/kernel/**/*.test.ts"],
          exclude,
          globalSetup: ["test/kernel/global_setup.ts"],
          fileParallelism: false,
          testTimeout: 240_000,
        },
      },
      {
        plugins,
        test: {
          name: "release",
          include: ["test/release/**/*.test.ts"],
          exclude,
          globalSetup: ["test/release/global_setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins,
        test: {
          name: "full",
          include: ["test/full/**/*.test.ts"],
          exclude,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
