/** Every system call of every tool failing in turn: all of them, where test/environments takes a sample. */
import { describe, expect, test } from "vitest";
import { isRoot, start, temporaryDirectory } from "../binary/spawn.ts";
import { PROGRAMS, tryFaults } from "../environments/fault_runs.ts";
import { hasBinary } from "../golden/run.ts";

const canTrace = isRoot && start("strace", ["-qq", "-o", "/dev/null", "true"], "strace").code === 0;

describe.skipIf(!hasBinary() || !canTrace)("all system calls that fail (needs root and strace)", () => {
  test.each(PROGRAMS)("$args on $fixture", async (program) => {
    const report = await tryFaults(temporaryDirectory(), program, (faults) => faults);
    process.stdout.write(`${program.args.join(" ")}: ${report.runs} faults\n`);
    expect(report.wrong).toEqual([]);
  });
});
