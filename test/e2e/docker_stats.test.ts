/** docs/differences.md: what `docker stats` shows of a container is its working set, which is not what free calls used. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Container, docker, MIB, startContainer } from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;

describe.skipIf(SKIP !== undefined)("docker stats, of a container with active file pages", () => {
  let container: Container;
  let docker1: { MemUsage: string; CPUPerc: string; PIDs: string };

  beforeAll(async () => {
    container = startContainer({ flags: ["-m", "128m"] });
    await container.load("-m", "20", "-t", "60");
    // Read again and again: its pages become active.
    container.output(
      "sh",
      "-c",
      "dd if=/dev/zero of=/tmp/f bs=1M count=30; sync; for i in 1 2 3; do cat /tmp/f >/dev/null; done",
    );
    docker1 = JSON.parse(docker("stats", "--no-stream", "--format", "{{json .}}", container.id));
  });
  afterAll(() => container?.remove());

  test("MEM USAGE is workingSetBytes, the limit is totalBytes", () => {
    const { memory } = container.json("procg", "free", "--json") as { memory: Record<string, number> };
    const [, usage = "", limit = ""] = /^([\d.]+)MiB \/ ([\d.]+)MiB$/.exec(docker1.MemUsage) ?? [];
    // Between the two looks a process of ours has come and gone.
    expect(Math.abs(Number(usage) - (memory.workingSetBytes ?? Number.NaN) / MIB)).toBeLessThan(2);
    expect(Number(limit)).toBe((memory.totalBytes ?? Number.NaN) / MIB);
  });

  test("free's used is less by the active file pages", () => {
    const { memory } = container.json("procg", "metric") as {
      memory: Record<string, number> & { stat: Record<string, number> };
    };
    const { activeFileBytes = Number.NaN, workingSetBytes = Number.NaN, usedBytes = Number.NaN } = memory;
    expect(activeFileBytes).toBeGreaterThan(10 * MIB);
    // v1 publishes no slab.
    expect(workingSetBytes - usedBytes).toBe(activeFileBytes + (memory.stat.slab_reclaimable ?? 0));
  });
});
