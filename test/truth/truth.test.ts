/** Limits, memory and CPU rates of every capture against what was measured outside. The executable: test/binary/truth.test.ts. */
import { describe, expect, test } from "vitest";
import { openContainer } from "../../lib/container/container.ts";
import { cpuRate, readCpuUsage } from "../../lib/container/cpu_usage.ts";
import { readPids } from "../../lib/container/pids.ts";
import { type NodeFsLike, nodeSystem } from "../../lib/system/node/node_system.ts";
import { replaySystem } from "../../lib/system/replay.ts";
import type { System } from "../../lib/system/system.ts";
import { captureVolume, REPLAY_ROOT, realCaptureNames } from "../fixtures/captures.ts";
import { runInNode } from "../golden/run.ts";
import { checkTruth } from "./checks.ts";
import { expectedFor, truthOf } from "./expected.ts";

checkTruth("in Node", runInNode);

const OWN = { host: false, cgroup: null };

function replayOf(name: string): System {
  const live = nodeSystem({ fs: captureVolume(name) as unknown as NodeFsLike, env: {} });
  return replaySystem(live, `${REPLAY_ROOT}/${name}`);
}

/** The outside readings enclose both looks and count the capturing program too, which a nearly idle container feels. */
const NEARLY_IDLE = ["v1-crun-swap", "v2-oom", "v2-pagecache-io", "v2-swap"];

const TOLERANCE_CORES = 0.02;

/** No cgroup can be seen. */
const NO_USAGE = ["v2-limit-nomount"];

describe("CPU rate between the two looks", () => {
  test.each(realCaptureNames())("%s", async (name) => {
    const system = replayOf(name);
    const before = readCpuUsage(openContainer(system, OWN));
    await system.sleep(3);
    const after = readCpuUsage(openContainer(system, OWN));
    if (NO_USAGE.includes(name)) {
      expect(before.usageUsec).toBeNull();
      return;
    }
    const { samples, measured_outside } = truthOf(name);
    const usedSeconds = ((after.usageUsec ?? Number.NaN) - (before.usageUsec ?? Number.NaN)) / 1e6;
    // A walk takes time: the counters were read somewhere between its start and its end.
    const least = usedSeconds / (samples.root2.mono_end - samples.root.mono_start);
    const most = usedSeconds / (samples.root2.mono_start - samples.root.mono_end);
    const rate = cpuRate(before, after).usageCores;
    expect(rate).toBeGreaterThanOrEqual(least);
    expect(rate).toBeLessThanOrEqual(most);
    if (NEARLY_IDLE.includes(name)) return;
    expect(measured_outside.cores).toBeGreaterThanOrEqual(least - TOLERANCE_CORES);
    expect(measured_outside.cores).toBeLessThanOrEqual(most + TOLERANCE_CORES);
  });
});

describe("pids limit", () => {
  test.each(realCaptureNames())("%s", (name) => {
    const { pids } = expectedFor(name);
    const { limit } = readPids(openContainer(replayOf(name), OWN));
    if (pids !== undefined) expect(limit.value).toBe(pids);
  });
});
