/** Two runs of `npm run release`, for all files of this project. Without a cross compiler that can be had: without arm64. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

function release(folder: string, flags: readonly string[]): SpawnSyncReturns<string> {
  // Another commit between the two runs must not count as a difference.
  const env = { ...process.env, SOURCE_DATE_EPOCH: "1790000000" };
  const script = join(ROOT, "build/release.mjs");
  return spawnSync(process.execPath, [script, "--out", folder, ...flags], { encoding: "utf8", env });
}

export function setup(): () => void {
  const folder = join(ROOT, `.cache/release-${process.pid}`);
  let flags: string[] = [];
  let run = release(join(folder, "first"), flags);
  if (run.status !== 0 && process.env.CI !== "true" && run.stderr.includes("no cross compiler")) {
    flags = ["--skip-arm64"];
    process.env.PROCG_RELEASE_NO_ARM64 = run.stderr.trim();
    run = release(join(folder, "first"), flags);
  }
  if (run.status === 0) run = release(join(folder, "second"), flags);
  if (run.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`npm run release: ${run.stderr}`);
  }
  process.env.PROCG_RELEASE = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
