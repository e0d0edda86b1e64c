/**
 * `npm run fuzz`: the C host's entry points under libFuzzer, ASan and UBSan.
 *
 *   npm run fuzz -- [--seconds 180] [--only calls,below] [--jobs 2]
 *
 * --seconds is for each target. What was found interesting stays below .cache/fuzz/corpus for the next time; inputs that found a defect
 * go to .cache/fuzz/findings, and are run again by giving one to the program below .cache/fuzz/programs.
 */
import { parseArgs } from "node:util";
import { buildTargets, findClang, targetNames } from "./build_targets.ts";
import { fuzzTargets, summary } from "./run_targets.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string" }, only: { type: "string" }, jobs: { type: "string" } },
});
const seconds = Number(values.seconds ?? 180);
const jobs = Number(values.jobs ?? 2);
const names = targetNames().filter(
  (name) => values.only === undefined || values.only.split(",").includes(name),
);
const clang = await findClang();
if (clang === null || names.length === 0 || !(seconds > 0) || !(jobs > 0)) {
  process.stderr.write(
    clang === null
      ? "fuzz: no clang with libFuzzer: apt-get install clang-14 libclang-rt-14-dev\n"
      : `fuzz: --seconds and --jobs above 0, --only of ${targetNames().join(",")}\n`,
  );
  process.exit(2);
}
const programs = await buildTargets(clang, names);
const reports = await fuzzTargets(programs, { seconds, jobs, keep: true });
for (const report of reports) process.stdout.write(`${summary(report)}\n`);
process.exit(reports.every(({ code }) => code === 0) ? 0 : 1);
