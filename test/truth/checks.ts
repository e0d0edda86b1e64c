/** The tools' JSON against the truth; the same checks in Node and through the executable. */
import { describe, expect, test } from "vitest";
import type { FreeDocument } from "../../tools/free/json.ts";
import type { NprocDocument } from "../../tools/nproc/json.ts";
import { realCaptureNames } from "../fixtures/captures.ts";
import { NPROC_QUOTA_CASES } from "../fixtures/synthetic/nproc_quota.ts";
import { syntheticNames } from "../fixtures/synthetic.ts";
import type { Runner } from "../golden/run.ts";
import { expectedFor, hostBytes, truthOf } from "./expected.ts";

const MIB = 1024 * 1024;

/** Memory outside the anonymous pages of the processes: kernel memory, page cache in use, batching. */
const OVERHEAD_BYTES = 16 * MIB;

export function checkTruth(label: string, run: Runner): void {
  async function document<T>(name: string, tool: string): Promise<T> {
    const result = await run(name, tool, ["--json"]);
    expect(result.exitCode, result.stderr).toBe(0);
    return JSON.parse(result.stdout) as T;
  }

  describe(`truth, ${label}`, () => {
    describe.each(realCaptureNames())("%s", (name) => {
      const expected = expectedFor(name);

      test("memory limit", async () => {
        const { memory } = await document<FreeDocument>(name, "free");
        const limit = expected.limitBytes;
        if (limit !== undefined) expect(memory.limitBytes).toBe(limit);
        expect(memory.limitComplete).toBe(expected.limitComplete);
        expect(memory.totalBytes).toBe(
          Math.min(typeof limit === "number" ? limit : Infinity, hostBytes(name, "MemTotal")),
        );
      });

      test("swap", async () => {
        const { swap } = await document<FreeDocument>(name, "free");
        const host = hostBytes(name, "SwapTotal");
        if (expected.swapTotalBytes !== undefined) {
          expect(swap.totalBytes).toBe(Math.min(expected.swapTotalBytes, host));
        } else if (swap.totalBytes !== null) {
          expect(swap.totalBytes).toBeLessThanOrEqual(host);
        }
      });

      test("memory in use lies between the processes' anonymous memory and a little more", async () => {
        const { memory } = await document<FreeDocument>(name, "free");
        if (memory.usedBytes === null || memory.totalSource !== "cgroup") return;
        const { outside_before: before, outside_after: after } = truthOf(name);
        const least = Math.min(before.anon_kib_total, after.anon_kib_total) * 1024;
        const most = Math.max(before.anon_kib_total, after.anon_kib_total) * 1024;
        expect(memory.usedBytes).toBeGreaterThanOrEqual(least - MIB);
        expect(memory.usedBytes).toBeLessThanOrEqual(most + OVERHEAD_BYTES);
      });

      test("cpu quota, cpuset and capacity", async () => {
        const cpu = await document<NprocDocument>(name, "nproc");
        if (expected.quotaCores !== undefined) expect(cpu.quotaCores).toBe(expected.quotaCores);
        expect(cpu.quotaComplete).toBe(expected.quotaComplete);
        if (expected.cpusetCpus !== undefined) expect(cpu.cpusetCpus).toEqual(expected.cpusetCpus);
        expect(cpu.capacityCores).toBe(expected.capacityCores);
        expect(cpu.hostCpus).toBe(truthOf(name).outside_before.cpus_online);
      });
    });

    test.each([...realCaptureNames(), ...syntheticNames()])("free adds up: %s", async (name) => {
      const result = await run(name, "free", ["--json"]);
      if (result.exitCode !== 0) return expect(result.stdout).toBe("");
      const { memory, swap }: FreeDocument = JSON.parse(result.stdout);
      for (const [key, value] of [...Object.entries(memory), ...Object.entries(swap)]) {
        if (typeof value === "number") expect(value, key).toBeGreaterThanOrEqual(0);
      }
      if (
        memory.availableBoundBy === "container" &&
        memory.usedBytes !== null &&
        !ABOVE_LIMIT.includes(name)
      ) {
        expect((memory.usedBytes ?? 0) + (memory.availableBytes ?? 0)).toBe(memory.totalBytes);
      }
      return undefined;
    });

    test("without a limit used is the container's, not the machine's", async () => {
      const { memory } = await document<FreeDocument>("v2-nolimit", "free");
      expect(memory.usedBytes).toBeGreaterThan(105e6);
      expect(memory.usedBytes).toBeLessThan(150e6);
    });

    test.each(NPROC_QUOTA_CASES)("$name: $cpuMax is $cpus", async ({ name, cpus }) => {
      const { stdout } = await run(name, "nproc", []);
      expect(stdout).toBe(`${cpus}\n`);
    });
  });
}

/** More in use than the limit: available is 0 and the sum is above the total. */
const ABOVE_LIMIT = ["v1-usage-above-limit", "v2-usage-above-limit"];
