/**
 * Every parser through the executable: damaged captures, seed by seed, until the time is up. PROCG_FUZZ_SECONDS, PROCG_FUZZ_SEED.
 * The sanitizer's build (dist/procg-sanitize) takes part where it is.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "../binary/spawn.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";
import { type Finding, tryTree } from "./trees.ts";

const SANITIZED = resolve(import.meta.dirname, "../../dist/procg-sanitize");
const SECONDS = Number(process.env.PROCG_FUZZ_SECONDS ?? (process.env.PROCG_FULL === "1" ? 300 : 15));
const FIRST_SEED = Number(process.env.PROCG_FUZZ_SEED ?? 1);
/** A damaged file that takes this long is a finding: undamaged ones take milliseconds. */
const TIMEOUT_MS = 30_000;

describe.skipIf(!hasBinary())("damaged captures", () => {
  test(
    `${SECONDS} seconds of them`,
    async () => {
      const programs = [...new Set([binaryPath(), ...(existsSync(SANITIZED) ? [SANITIZED] : [])])];
      const folder = temporaryDirectory();
      const findings: Finding[] = [];
      const end = performance.now() + SECONDS * 1000;
      let seed = FIRST_SEED;
      const work = async (): Promise<void> => {
        while (performance.now() < end && findings.length < 10)
          findings.push(...(await tryTree(folder, seed++, programs, TIMEOUT_MS)));
      };
      await Promise.all([work(), work(), work()]);
      process.stdout.write(`seeds ${FIRST_SEED} to ${seed - 1}, ${programs.length} programs\n`);
      expect(findings).toEqual([]);
      expect(seed).toBeGreaterThan(FIRST_SEED + 5);
    },
    (SECONDS + 120) * 1000,
  );
});
