/**
 * `npm run bench`: every file of test/bench, one after the other. Names of files (`npm run bench -- top`) choose. Exit 1 when a budget
 * is missed anywhere.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { ROOT } from "./setup.mjs";

const folder = join(ROOT, "test/bench");
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
let missed = 0;
for (const file of readdirSync(folder).sort()) {
  if (!file.endsWith(".ts") || (wanted.length > 0 && !wanted.includes(basename(file, ".ts")))) continue;
  process.stdout.write(`\n=== ${basename(file, ".ts")}\n`);
  const { status } = spawnSync(process.execPath, [join(ROOT, "build/run_ts.mjs"), join(folder, file)], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status !== 0) missed++;
}
process.exitCode = missed === 0 ? 0 : 1;
