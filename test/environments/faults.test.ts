/**
 * System calls that fail, one in each run (test/full/faults.test.ts: all of them): nothing hangs, nothing dies, one line says what
 * failed, and no number is another one in silence.
 */
import { describe, expect, test } from "vitest";
import { isRoot, start, temporaryDirectory } from "../binary/spawn.ts";
import { hasBinary } from "../golden/run.ts";
import { PROGRAMS, sample, tryFaults } from "./fault_runs.ts";
import { faultRoot, faultsOf, runWithFault } from "./faults.ts";

const canTrace = isRoot && start("strace", ["-qq", "-o", "/dev/null", "true"], "strace").code === 0;

describe.skipIf(!hasBinary() || !canTrace)("system calls that fail (needs root and strace)", () => {
  test.each(PROGRAMS)("$args on $fixture", async (program) => {
    const report = await tryFaults(temporaryDirectory(), program, (faults) =>
      sample(faults, program.slow === true ? 20 : 40),
    );
    expect(report.wrong).toEqual([]);
    expect(report.runs).toBeGreaterThan(10);
  });
});

describe.skipIf(!hasBinary() || !canTrace)(
  "one process's stat cannot be read (needs root and strace)",
  () => {
    test.each([
      [["top", "-b", "-n1"], /^top: .*Input\/output error\n$/],
      [["vmstat"], /^$/],
    ])("%j: it is not left out in silence", async (args, stderr) => {
      const root = faultRoot(temporaryDirectory(), "docker-v1-private");
      const { trace } = await runWithFault(root, args, null);
      const opened = trace.split("\n").filter((line) => /^\d+ +openat\(/.test(line));
      const index = opened.findIndex((line) => /"\d+\/stat"/.test(line));
      expect(index).toBeGreaterThanOrEqual(0);
      const fault = { call: "openat", errno: "EIO", when: `${index + 1}` };
      const after = await runWithFault(root, args, fault);
      expect(after.stderr).toMatch(stderr);
      // r and b are not known.
      if (args[0] === "vmstat") expect(after.stdout).toMatch(/\n +- +- [^\n]+\n$/);
      else expect(after.stdout).toBe("");
    });
  },
);

test("faults are counted from the program's own start on", () => {
  const trace = '1 chroot("/x") = 0\n1 read(3) = 1\n1 execve("/procg") = 0\n1 read(3) = 1\n1 read(3) = 0\n';
  expect(() => faultsOf(`${trace}1 frobnicate(1) = 0\n`)).toThrow("frobnicate");
  const whens = faultsOf(`1 execve("/odd_exec") = 0\n${trace}`).map(
    ({ call, errno, when }) => `${call} ${errno} ${when}`,
  );
  expect(whens).toEqual([
    ...["read EIO 2", "read EIO 3", "read EIO 2+", "read ENOMEM 2", "read ENOMEM 3", "read ENOMEM 2+"],
    ...["read EINTR 2", "read EINTR 3"],
  ]);
});
