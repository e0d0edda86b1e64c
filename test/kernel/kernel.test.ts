/**
 * The shipped executable on real kernels, in every cgroup mode, against the kernel's own files.
 *
 * What each scenario does is in guest/run.sh; M below is a mebibyte.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { FreeDocument } from "../../tools/free/json.ts";
import type { NprocDocument } from "../../tools/nproc/json.ts";
import type { UptimeDocument } from "../../tools/uptime/json.ts";
import { type GuestOptions, type GuestRun, runGuest } from "./vm.ts";

const M = 1024 * 1024;

const GUESTS: readonly GuestOptions[] = [
  { kernel: "6.1", mode: "v2" },
  { kernel: "6.1", mode: "v1" },
  { kernel: "6.1", mode: "hybrid" },
  { kernel: "6.12", mode: "v2" },
];

const missing = ["qemu-system-x86_64", "busybox", "apt-get", "dpkg"].filter(
  (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0,
);
if (missing.length > 0 && process.env.CI === "true") throw new Error(`missing: ${missing.join(", ")}`);

describe.skipIf(missing.length > 0).each(GUESTS)("kernel $kernel, cgroup $mode", (options) => {
  let run: GuestRun | null = null;
  const guest = (): GuestRun => {
    if (run === null) throw new Error("the guest did not end well: see the first test");
    return run;
  };
  const text = (path: string): string => {
    const found = guest().files.get(path);
    if (found === undefined) throw new Error(`no ${path} in ${[...guest().files.keys()].join(" ")}`);
    return found;
  };
  const free = (scenario: string) => JSON.parse(text(`${scenario}/free.json`)) as FreeDocument;
  const nproc = (scenario: string) => JSON.parse(text(`${scenario}/nproc.json`)) as NprocDocument;
  const v2 = options.mode === "v2";

  /** A number of the kernel's own files, copied outside the container. */
  const kernel = (scenario: string, onV2: string, onV1: string): number =>
    Number(text(`${scenario}/truth/${v2 ? onV2 : onV1}`).trim());
  const stat = (scenario: string, key: string): number => {
    const line = text(`${scenario}/truth/memory.stat`)
      .split("\n")
      .find((one) => one.startsWith(`${key} `));
    if (line === undefined) throw new Error(`no ${key}`);
    return Number(line.slice(key.length + 1));
  };

  it("boots, runs the case and powers off", { timeout: 240_000 }, () => {
    run = runGuest(options);
    expect(run.console).toContain("guest: rc 0");
  });

  it.each(["limits", "limits-private"])(
    "%s: the limit, the quota, the CPU set, with a load that is known",
    (scenario) => {
      const { memory, swap } = free(scenario);
      expect(memory.limitBytes).toBe(64 * M);
      expect(memory.totalBytes).toBe(kernel(scenario, "memory.max", "memory.limit_in_bytes"));
      // The load holds 20 MB; what the shell and our own tools hold comes and goes between the two readings.
      expect(memory.usedBytes).toBeGreaterThanOrEqual(20 * M);
      expect(memory.usedBytes).toBeLessThan(26 * M);
      const usage = kernel(scenario, "memory.current", "memory.usage_in_bytes");
      const file = v2
        ? stat(scenario, "active_file") + stat(scenario, "inactive_file")
        : stat(scenario, "total_active_file") + stat(scenario, "total_inactive_file");
      expect(Math.abs((memory.availableBytes ?? 0) - (64 * M - usage + file))).toBeLessThan(4 * M);
      expect(swap.totalBytes).toBe(0);
      expect(nproc(scenario)).toMatchObject({
        cpus: 1,
        quotaCores: 0.5,
        capacityCores: 0.5,
        cpusetCpus: [1],
        hostCpus: 2,
      });
      // An own quota is exact on v1; on v2 a hidden parent may be tighter.
      const hidden = scenario.endsWith("private") && v2;
      expect(nproc(scenario).quotaComplete).toBe(!hidden);
      expect(memory.limitComplete).toBe(!hidden);
    },
  );

  it("limits changed while it runs show at once", () => {
    expect(free("changed").memory.totalBytes).toBe(96 * M);
    expect(nproc("changed")).toMatchObject({ cpus: 2, quotaCores: 1.5, cpusetCpus: [0, 1] });
  });

  it("a visible parent that is tighter binds", () => {
    expect(free("nested").memory).toMatchObject({ totalBytes: 48 * M, limitComplete: true });
    expect(nproc("nested")).toMatchObject({ quotaCores: 0.3, quotaComplete: true, cpus: 1 });
  });

  it("a parent that the namespace hides: v1 tells its memory limit, v2 leaves an upper bound", () => {
    const { memory } = free("nested-private");
    expect(memory).toMatchObject(
      v2 ? { limitBytes: 64 * M, limitComplete: false } : { limitBytes: 48 * M, limitComplete: true },
    );
    expect(nproc("nested-private")).toMatchObject(
      v2 ? { quotaCores: 0.5, quotaComplete: false } : { quotaCores: "max", quotaComplete: false },
    );
  });

  it("a registration completes what is hidden; one of another boot is ignored", () => {
    expect(free("registered").memory).toMatchObject({ limitBytes: 48 * M, limitComplete: true });
    expect(nproc("registered")).toMatchObject({ quotaCores: 0.3, quotaComplete: true });
    expect(nproc("stale").quotaCores).toBe(nproc("nested-private").quotaCores);
    expect(text("stale/doctor.json")).toContain("written in another boot");
  });

  it("an OOM kill leaves the container's numbers right", () => {
    const kills = v2 ? text("oom/truth/memory.events") : text("oom/truth/memory.oom_control");
    expect(kills).toMatch(/^oom_kill 1$/m);
    expect(free("oom").memory.totalBytes).toBe(64 * M);
    expect(free("oom").memory.usedBytes).toBeLessThan(8 * M);
  });

  it("swap: 32 MiB of its own, where the guest has 64", () => {
    expect(free("swap").swap.totalBytes).toBe(32 * M);
    expect(free("swap").swap.usedBytes).toBe(0);
  });

  it("a frozen container answers", () => {
    expect(free("frozen").memory.totalBytes).toBe(96 * M);
    expect(nproc("frozen").quotaCores).toBe(1.5);
  });

  it("an offline CPU is not counted", () => {
    expect(nproc("offline")).toMatchObject({ cpus: 1, hostCpus: 1, cpusetCpus: [0] });
  });

  it("the uptime is the container's", () => {
    const { uptimeSeconds } = JSON.parse(text("nested/uptime.json")) as UptimeDocument;
    expect(uptimeSeconds).toBeGreaterThanOrEqual(0);
    expect(uptimeSeconds).toBeLessThan(5);
  });

  it("the guest itself is the machine", () => {
    const total = Number(/^MemTotal: +(\d+) kB$/m.exec(text("machine/meminfo"))?.[1]) * 1024;
    expect(free("machine").memory).toMatchObject({
      totalBytes: total,
      limitBytes: "max",
      totalSource: "machine",
    });
    expect(nproc("machine")).toMatchObject({ cpus: 2, quotaCores: "max", quotaComplete: true });
  });
});
