/** Two runs of `npm run release`, in different surroundings, for all files of this project. Without a cross compiler that can be had: without arm64. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

function release(
  folder: string,
  flags: readonly string[],
  surroundings: { readonly umask: string; readonly env: NodeJS.ProcessEnv },
): SpawnSyncReturns<string> {
  // Another commit between the two runs must not count as a difference.
  const env = { ...process.env, ...surroundings.env, SOURCE_DATE_EPOCH: "1790000000" };
  const command = [process.execPath, join(ROOT, "build/release.mjs"), "--out", folder, ...flags];
  const shell = ["-c", `umask ${surroundings.umask} && exec "$@"`, "sh", ...command];
  return spawnSync("sh", shell, { encoding: "utf8", env, cwd: surroundings.env.PWD ?? ROOT });
}

/** What must leave no trace in the products. */
const PLAIN = { umask: "022", env: { TZ: "UTC", LC_ALL: "C" } };
const OTHER = { umask: "077", env: { TZ: "Pacific/Apia", LC_ALL: "C.UTF-8", LANG: "de_DE.UTF-8", PWD: "/" } };

export function setup(): () => void {
  const folder = join(ROOT, `.cache/release-${process.pid}`);
  let flags: string[] = [];
  let run = release(join(folder, "first"), flags, PLAIN);
  if (run.status !== 0 && process.env.CI !== "true" && run.stderr.includes("no cross compiler")) {
    flags = ["--skip-arm64"];
    process.env.PROCG_RELEASE_NO_ARM64 = run.stderr.trim();
    run = release(join(folder, "first"), flags, PLAIN);
  }
  if (run.status === 0) run = release(join(folder, "second"), flags, OTHER);
  if (run.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`npm run release: ${run.stderr}`);
  }
  process.env.PROCG_RELEASE = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
