/**
 * `npm run bench`: every file of test/bench but those that run by name only, one after the other. Names of files (`npm run bench -- top lxcfs`)
 * choose. Exit 1 when a budget is missed anywhere.
 *
 *   --markdown FILE   also writes all rows and the conditions there: docs/benchmarks.md is made so. Of what runs by name only the part that
 *                     is there is kept; alone (`npm run bench -- lxcfs-v2 --markdown FILE`) it replaces its own part
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { APART, conditions, loadNow, pageOf } from "./bench_page.mjs";
import { ROOT } from "./setup.mjs";

const BENCHES = join(ROOT, "test/bench");

/** The command line; null when it cannot be read. */
function parse(words) {
  const at = words.indexOf("--markdown");
  const markdown = at < 0 ? null : words[at + 1];
  const names = at < 0 ? words : words.filter((_, i) => i !== at && i !== at + 1);
  const known = readdirSync(BENCHES)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => basename(file, ".ts"))
    .sort();
  const wrong = names.find((name) => !known.includes(name));
  if (markdown === undefined || wrong !== undefined) {
    process.stderr.write(
      `bench: ${wrong === undefined ? "--markdown wants a file" : `no bench ${wrong}; there are ${known.join(", ")}`}\n`,
    );
    return null;
  }
  return { markdown, chosen: names.length === 0 ? known.filter((name) => !APART.includes(name)) : names };
}

/** Runs one bench; its output goes to the terminal, its rows come back. */
function run(name, folder) {
  process.stdout.write(`\n=== ${name}\n`);
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, "");
  const { status } = spawnSync(
    process.execPath,
    [join(ROOT, "build/run_ts.mjs"), join(BENCHES, `${name}.ts`)],
    {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...process.env, PROCG_BENCH_ROWS: file },
    },
  );
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return { name, status, rows: lines.map((line) => JSON.parse(line)) };
}

/** More load than CPUs before anything was started. */
const warning = (before) =>
  Number(before.split(" ")[0]) < cpus().length
    ? ""
    : ". **The machine was in use by others: wall times, and verdicts on them, say little**";

function main() {
  const parsed = parse(process.argv.slice(2));
  if (parsed === null) return 2;
  const folder = mkdtempSync(join(tmpdir(), "procg-bench-rows-"));
  const where = conditions();
  const before = loadNow();
  try {
    const benches = parsed.chosen.map((name) => run(name, folder));
    if (parsed.markdown !== null) {
      const noise = [
        "noise: load averages before, after",
        `${before}, ${loadNow()} (the benches' own load is in it)${warning(before)}`,
      ];
      const file = resolve(parsed.markdown);
      const old = existsSync(file) ? readFileSync(file, "utf8") : "";
      writeFileSync(file, pageOf([...where, noise], benches, old));
      process.stdout.write(`\n${parsed.markdown} is written\n`);
    }
    return benches.every(({ status }) => status === 0) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = main();
