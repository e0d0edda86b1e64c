/**
 * A short run of every fuzz target, from the seeds: nothing is found, and the code has been reached. `npm run fuzz` takes longer.
 * PROCG_FUZZ_HOST_SECONDS.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildTargets, findClang, targetNames } from "./build_targets.ts";
import { fuzzTargets, summary, type TargetReport } from "./run_targets.ts";

const SECONDS = Number(process.env.PROCG_FUZZ_HOST_SECONDS ?? (process.env.PROCG_FULL === "1" ? 180 : 12));
const TARGETS = targetNames();

/** What the seeds and a second reach on a slow machine; much less than that would be a harness that does not reach the host. */
const LEAST: Readonly<Record<string, { readonly runs: number; readonly edges: number }>> = {
  arena: { runs: 200, edges: 80 },
  below: { runs: 500, edges: 150 },
  calls: { runs: 400, edges: 900 },
  inflate: { runs: 1000, edges: 80 },
  kernel_files: { runs: 1000, edges: 300 },
  text: { runs: 500, edges: 200 },
};

const clang = await findClang();
if (clang === null)
  process.stdout.write(
    "fuzzing of the host is skipped: no clang with libFuzzer (apt-get install clang-14 libclang-rt-14-dev)\n",
  );

describe.skipIf(clang === null)("the C host under libFuzzer, ASan and UBSan", () => {
  const reports = new Map<string, TargetReport>();
  beforeAll(
    async () => {
      if (clang === null) return;
      const programs = await buildTargets(clang, TARGETS);
      for (const report of await fuzzTargets(programs, { seconds: SECONDS, jobs: 2, keep: false }))
        reports.set(report.name, report);
    },
    SECONDS * TARGETS.length * 1000 + 240_000,
  );
  afterAll(() => {
    for (const report of reports.values()) process.stdout.write(`${summary(report)}\n`);
  });

  test.each(TARGETS)("%s", (name) => {
    const report = reports.get(name);
    expect(report).toMatchObject({ code: 0, signal: null, finding: "", inputs: [] });
    expect(report?.runs).toBeGreaterThanOrEqual(LEAST[name]?.runs ?? Number.NaN);
    expect(report?.edges).toBeGreaterThanOrEqual(LEAST[name]?.edges ?? Number.NaN);
  });
});
