/** Two readings of one container: tsar, iostat and vmstat say the same of the time between them. */
import { describe, expect, test } from "vitest";
import { runInNode } from "../golden/run.ts";

/** tsar keeps its clock in ms, so that rates differ by the rounding of one of them in the seconds between. */
const CLOCK = 0.001;

async function lastDocument(name: string, tool: string, ...args: string[]) {
  const { exitCode, stdout } = await runInNode(name, tool, args);
  expect(exitCode).toBe(0);
  return JSON.parse(stdout.trimEnd().split("\n").pop() ?? "");
}

describe.each(["v2-pagecache-io", "v2-odd-quota", "docker-v1-private"])("%s", (name) => {
  test("the same rates, the same memory", async () => {
    const tsar = (await lastDocument(name, "tsar", "-l", "--json", "--cpu", "--io", "--mem")).modules;
    const iostat = await lastDocument(name, "iostat", "--json", "1", "2");
    const vmstat = await lastDocument(name, "vmstat", "--json", "1", "2");

    expect(vmstat.cpu.userRatio).toBeCloseTo(iostat.cpu.userRatio, 12);
    expect(vmstat.cpu.systemRatio).toBeCloseTo(iostat.cpu.systemRatio, 12);
    expectNear(tsar.cpu.user, vmstat.cpu.userRatio * 100);
    expectNear(tsar.cpu.sys, vmstat.cpu.systemRatio * 100);
    expect(tsar.mem.free).toBe(vmstat.memory.freeBytes);

    let readBytesPerSec = 0;
    for (const device of iostat.devices) {
      readBytesPerSec += device.readBytesPerSec;
      const row = tsar.io[device.name];
      // tsar leaves out what has never done anything.
      if (row === undefined) continue;
      expectNear(row.rs, device.readsPerSec);
      expectNear(row.ws, device.writesPerSec);
      expectNear(row.rsecs * 512, device.readBytesPerSec);
      expectNear(row.wsecs * 512, device.writtenBytesPerSec);
    }
    if (vmstat.io.readBytesPerSec !== null) expectNear(vmstat.io.readBytesPerSec, readBytesPerSec);
  });
});

function expectNear(value: number, other: number): void {
  expect(Math.abs(value - other)).toBeLessThanOrEqual(CLOCK * Math.abs(other) + 1e-6);
}
