/** Limits of a container, what it uses, and what a namespace hides of both, against the kernel's own files. */
import { describe, expect, it } from "vitest";
import type { FreeDocument } from "../../tools/free/json.ts";
import type { NprocDocument } from "../../tools/nproc/json.ts";
import type { TopDocument } from "../../tools/top/json.ts";
import type { UptimeDocument } from "../../tools/uptime/json.ts";
import type { VmstatDocument } from "../../tools/vmstat/json.ts";
import { guestsWith } from "./guests.ts";
import { guestResults, M, SKIP } from "./results.ts";

describe.skipIf(SKIP !== undefined).each(guestsWith("limits"))("$name", (options) => {
  const guest = guestResults(options);
  const free = (scenario: string) => guest.json<FreeDocument>(`${scenario}/free.json`);
  const nproc = (scenario: string) => guest.json<NprocDocument>(`${scenario}/nproc.json`);

  it.each(["limits", "limits-private"])(
    "%s: the limit, the quota, the CPU set, with a load that is known",
    (scenario) => {
      const { memory, swap } = free(scenario);
      const v2 = guest.has(`${scenario}/truth/memory.max`);
      const kernel = (onV2: string, onV1: string) => guest.number(`${scenario}/truth/${v2 ? onV2 : onV1}`);
      const stat = (key: string) => guest.keyed(`${scenario}/truth/memory.stat`, v2 ? key : `total_${key}`);
      expect(memory.limitBytes).toBe(64 * M);
      expect(memory.totalBytes).toBe(kernel("memory.max", "memory.limit_in_bytes"));
      // The load holds 20 MB; what the shell and our own tools hold comes and goes between the two readings.
      expect(memory.usedBytes).toBeGreaterThanOrEqual(20 * M);
      expect(memory.usedBytes).toBeLessThan(26 * M);
      const usage = kernel("memory.current", "memory.usage_in_bytes");
      const file = stat("active_file") + stat("inactive_file");
      expect(Math.abs((memory.availableBytes ?? 0) - (64 * M - usage + file))).toBeLessThan(4 * M);
      expect(swap.totalBytes).toBe(0);
      expect(nproc(scenario)).toMatchObject({
        cpus: 1,
        quotaCores: 0.5,
        capacityCores: 0.5,
        cpusetCpus: [1],
        hostCpus: options.cpus,
      });
      // An own quota is exact on v1; on v2 a hidden parent may be tighter.
      const hidden = scenario.endsWith("private");
      expect(nproc(scenario).quotaComplete).toBe(!hidden || !guest.has(`${scenario}/truth/cpu.max`));
      expect(memory.limitComplete).toBe(!hidden || !v2);
    },
  );

  it("limits changed while it runs show at once", () => {
    expect(free("changed").memory.totalBytes).toBe(96 * M);
    expect(nproc("changed")).toMatchObject({ cpus: 2, quotaCores: 1.5, cpusetCpus: [0, 1] });
  });

  it("limits taken away while it runs leave the machine's memory and the CPU set", () => {
    const total = Number(/^MemTotal: +(\d+) kB$/m.exec(guest.text("unlimited/truth/meminfo"))?.[1]) * 1024;
    expect(free("unlimited").memory).toMatchObject({
      totalBytes: total,
      limitBytes: "max",
      limitComplete: true,
    });
    expect(free("unlimited").memory.usedBytes).toBeLessThan(30 * M);
    expect(nproc("unlimited")).toMatchObject({
      cpus: 2,
      quotaCores: "max",
      quotaComplete: true,
      capacityCores: 2,
    });
  });

  it("lxcfs' own check: 65536 kB, one CPU, an uptime of its own, never an empty answer", () => {
    expect(guest.text("one-cpu/runs")).toBe("1\n".repeat(25));
    expect(guest.text("one-cpu/slow-pipe")).toMatch(/^ +total.*\nMem: +65536 .*\nSwap: +0 +0 +0\n$/);
    // At once after its start; slack for a starved machine.
    expect(guest.json<UptimeDocument>("one-cpu/uptime.json").uptimeSeconds).toBeLessThan(3);
    expect(guest.json<TopDocument>("one-cpu/top.json")).toMatchObject({
      cpu: { capacityCores: 1 },
      memory: { totalBytes: 64 * M },
      container: { cpusetCpus: [0], hostCpus: options.cpus },
    });
    expect(guest.json<VmstatDocument>("one-cpu/vmstat.json").cpu.capacityCores).toBe(1);
  });
});

describe.skipIf(SKIP !== undefined).each(guestsWith("nested"))("$name, a tighter parent", (options) => {
  const guest = guestResults(options);
  const free = (scenario: string) => guest.json<FreeDocument>(`${scenario}/free.json`);
  const nproc = (scenario: string) => guest.json<NprocDocument>(`${scenario}/nproc.json`);
  const memoryOnV2 = guest.has("nested/truth/memory.max");
  const cpuOnV2 = guest.has("nested/truth/cpu.max");

  it("binds where it is visible", () => {
    expect(free("nested").memory).toMatchObject({ totalBytes: 48 * M, limitComplete: true });
    expect(nproc("nested")).toMatchObject({ quotaCores: 0.3, quotaComplete: true, cpus: 1 });
  });

  it("where the namespace hides it: v1 tells its memory limit, v2 leaves an upper bound", () => {
    expect(free("nested-private").memory).toMatchObject(
      memoryOnV2 ? { limitBytes: 64 * M, limitComplete: false } : { limitBytes: 48 * M, limitComplete: true },
    );
    expect(nproc("nested-private")).toMatchObject(
      cpuOnV2 ? { quotaCores: 0.5, quotaComplete: false } : { quotaCores: "max", quotaComplete: false },
    );
  });

  it("a registration completes what is hidden; one of another boot is ignored", () => {
    expect(free("registered").memory).toMatchObject({ limitBytes: 48 * M, limitComplete: true });
    expect(nproc("registered")).toMatchObject({ quotaCores: 0.3, quotaComplete: true });
    expect(nproc("stale").quotaCores).toBe(nproc("nested-private").quotaCores);
    expect(guest.text("stale/doctor.json")).toContain("written in another boot");
  });

  it("the uptime is the container's", () => {
    const { uptimeSeconds } = guest.json<UptimeDocument>("nested/uptime.json");
    expect(uptimeSeconds).toBeGreaterThanOrEqual(0);
    expect(uptimeSeconds).toBeLessThan(guest.uptime("nested/truth") / 2);
  });
});

describe.skipIf(SKIP !== undefined).each(guestsWith("levels"))("$name, seven levels", (options) => {
  const guest = guestResults(options);
  const at = (level: number, tool: string) => guest.json<unknown>(`levels/${level}/${tool}.json`);
  const v2 = options.mode === "v2";

  it("each shows the tightest memory limit above it, and the own swap limit with it", () => {
    const memory = [100, 100, 100, 80, 80, 80, 80];
    const swap = [48, 48, 48, 48, 48, 48, 48];
    memory.forEach((megabytes, i) => {
      const { memory: shown, swap: swapShown } = at(i + 1, "free") as FreeDocument;
      expect([i + 1, shown.totalBytes, shown.limitComplete]).toEqual([i + 1, megabytes * M, true]);
      if (v2) expect([i + 1, swapShown.totalBytes]).toEqual([i + 1, (swap[i] ?? 0) * M]);
    });
  });

  const quotas = v2
    ? "each shows the tightest quota and the CPUs that are left"
    : "no quota where none is set (v1 refuses these)";
  it(quotas, () => {
    if (!v2) return expect(guest.json<NprocDocument>("levels/nproc.json").quotaCores).toBe("max");
    const quota = [1.5, 1.5, 1.5, 0.5, 0.5, 0.5, 0.5];
    const cpus = [[0, 2], [0, 2], [0, 2], [0], [0], [0], [0]];
    quota.forEach((quotaCores, i) => {
      const kernel = guest.text(`levels/${i + 1}/truth/cpuset.cpus.effective`).trim();
      expect(kernel).toBe((cpus[i] ?? []).join(","));
      expect([i + 1, at(i + 1, "nproc")]).toMatchObject([
        i + 1,
        { quotaCores, quotaComplete: true, cpusetCpus: cpus[i] },
      ]);
    });
  });

  it("a container at the innermost", () => {
    expect(guest.json<FreeDocument>("levels/free.json").memory.totalBytes).toBe(80 * M);
  });
});
