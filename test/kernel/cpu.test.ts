/** Throttling, pressure, and CPUs that come and go, against the kernel's own files. */
import { describe, expect, it } from "vitest";
import type { ContainerDocument } from "../../lib/container/document.ts";
import type { FreeDocument } from "../../tools/free/json.ts";
import type { NprocDocument } from "../../tools/nproc/json.ts";
import type { TopDocument } from "../../tools/top/json.ts";
import type { VmstatDocument } from "../../tools/vmstat/json.ts";
import { type GuestOptions, guestsWith } from "./guests.ts";
import { expectRateWithin, type GuestResults, guestResults, M, SKIP } from "./results.ts";

interface TsarRow {
  readonly modules: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Each tool looked for 3 s, between the two looks of the kernel's files. */
function looks(guest: GuestResults, scenario: string) {
  return {
    top: guest.jsonLines<TopDocument>(`${scenario}/top.json`).at(-1),
    vmstat: guest.jsonLines<VmstatDocument>(`${scenario}/vmstat.json`).at(-1),
    metric: guest.json<ContainerDocument>(`${scenario}/metric.json`),
    tsar: guest.text(`${scenario}/tsar.json`),
  };
}

/** Between the two looks of the kernel's files. */
function seconds(guest: GuestResults, scenario: string): number {
  return guest.uptime(`${scenario}/after`) - guest.uptime(`${scenario}/before`);
}

/** Every tool looks for 3 s. */
const expectRate = (shown: number | null | undefined, rate: number, over: number, most: number) =>
  expectRateWithin(shown, rate * over, over, most, 3);

describe.skipIf(SKIP !== undefined).each(guestsWith("throttled"))("$name, throttled", (options) => {
  const guest = guestResults(options);
  const grown = (scenario: string, key: string): number =>
    guest.keyed(`${scenario}/after/cpu.stat`, key) - guest.keyed(`${scenario}/before/cpu.stat`, key);

  /** Cores between the two looks of the kernel's files. */
  const usedCores = (scenario: string): number => {
    const used = (when: string): number =>
      guest.has(`${scenario}/${when}/cpuacct.usage`)
        ? guest.number(`${scenario}/${when}/cpuacct.usage`) / 1e9
        : guest.keyed(`${scenario}/${when}/cpu.stat`, "usage_usec") / 1e6;
    return (used("after") - used("before")) / seconds(guest, scenario);
  };

  it("two busy threads in a fifth of a CPU: throttled in every period, all of the quota used", () => {
    const { top, vmstat, metric } = looks(guest, "throttled");
    const kernel = grown("throttled", "nr_throttled") / grown("throttled", "nr_periods");
    expect(kernel).toBeGreaterThan(0.9);
    for (const ratio of [
      top?.container?.throttledRatio,
      vmstat?.cpu.throttledRatio,
      metric.cpu.throttling.throttledRatio,
    ]) {
      expect(ratio).toBeGreaterThan(kernel - 0.1);
      expect(ratio).toBeLessThanOrEqual(1);
    }
    // The same cores as the kernel's own counter says; on a starved machine that is less than the quota.
    const cores = usedCores("throttled");
    expect(cores).toBeLessThan(0.23);
    for (const shown of [top?.container?.usedCores, vmstat?.cpu.usageCores, metric.cpu.usageRatio])
      expectRate(shown, cores, seconds(guest, "throttled"), 0.2);
    expect(top?.cpu.capacityCores).toBe(0.2);
    // A container that uses all of its quota is not idle.
    const idle = (used: number | null | undefined): number => Math.max(0, 1 - (used ?? 0) / 0.2);
    expect(top?.cpu.idleRatio).toBeCloseTo(idle(top?.container?.usedCores), 1);
    expect(vmstat?.cpu.idleRatio).toBeCloseTo(idle(vmstat?.cpu.usageCores), 1);
    expect(metric.cpu.usageRatioOfLimit).toBeCloseTo((metric.cpu.usageRatio ?? 0) / 0.2, 3);
  });

  it("the counters are the kernel's", () => {
    const { throttling } = looks(guest, "throttled").metric.cpu;
    const between = (value: number | null, key: string) => {
      expect(value).toBeGreaterThanOrEqual(guest.keyed("throttled/before/cpu.stat", key));
      expect(value).toBeLessThanOrEqual(guest.keyed("throttled/after/cpu.stat", key));
    };
    between(throttling.periods, "nr_periods");
    between(throttling.throttledPeriods, "nr_throttled");
  });

  it("tsar says the same", () => {
    const { throttle, cpu } = tsarValues(looks(guest, "throttled").tsar);
    expect(Number(throttle?.ratio)).toBeGreaterThan(90);
    const cores = (Number(cpu?.util) / 100) * 0.2;
    expectRate(cores, usedCores("throttled"), seconds(guest, "throttled"), 0.2);
  });

  it("a quota of five times as much shows in the next look", () => {
    const { top, vmstat } = looks(guest, "unthrottled");
    expect(top?.cpu.capacityCores).toBe(1);
    expect(vmstat?.cpu.capacityCores).toBe(1);
    expectRate(top?.container?.usedCores, usedCores("unthrottled"), seconds(guest, "unthrottled"), 1);
    expect(top?.container?.usedCores).toBeGreaterThan(0.2);
  });
});

/** Module -> column -> value of a live row. */
function tsarValues(text: string): Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> {
  return (JSON.parse(text.trim().split("\n").at(-1) ?? "") as TsarRow).modules;
}

const hasPressure = ({ mode }: GuestOptions): boolean => mode === "v2";

describe.skipIf(SKIP !== undefined).each(guestsWith("pressure", hasPressure))(
  "$name, pressure",
  (options) => {
    const guest = guestResults(options);
    const total = (scenario: string, when: string, resource: string, kind: string): number => {
      const line = new RegExp(`^${kind} .*total=(\\d+)$`, "m").exec(
        guest.text(`${scenario}/${when}/${resource}.pressure`),
      );
      return Number(line?.[1]);
    };

    it.each([
      ["throttled", "cpu"],
      ["pressure", "memory"],
      ["pressure", "io"],
    ] as const)("%s: %s.pressure is what metric, top, vmstat and tsar show", (scenario, resource) => {
      const [before, after] = [
        total(scenario, "before", resource, "some"),
        total(scenario, "after", resource, "some"),
      ];
      const share = (after - before) / 1e6 / seconds(guest, scenario);
      expect(share).toBeGreaterThan(0.1);
      const { top, vmstat, metric } = looks(guest, scenario);
      const shown = metric.psi?.[resource].some;
      expect(shown?.totalUs).toBeGreaterThanOrEqual(before);
      expect(shown?.totalUs).toBeLessThanOrEqual(after);
      const avg10 = { cpu: "pressureCpu", memory: "pressureMemory", io: "pressureIo" } as const;
      expect(top?.container?.[avg10[resource]]).toBeGreaterThan(0);
      expectRate(vmstat?.pressure[`${resource}Ratio`], share, seconds(guest, scenario), 1);
    });

    it("memory.high is a soft limit: shown, and not the total", () => {
      expect(guest.text("pressure/after/memory.high").trim()).toBe(`${24 * M}`);
      expect(guest.keyed("pressure/after/memory.events", "high")).toBeGreaterThan(0);
      expect(guest.json<FreeDocument>("pressure/free.json").memory).toMatchObject({
        totalBytes: 64 * M,
        limitBytes: 64 * M,
      });
      expect(looks(guest, "pressure").metric.memory).toMatchObject({
        softLimitBytes: 24 * M,
        limitBytes: 64 * M,
      });
    });
  },
);

describe.skipIf(SKIP !== undefined).each(guestsWith("pressure", (guest) => !hasPressure(guest)))(
  "$name, no pressure files",
  (options) => {
    const guest = guestResults(options);

    it("pressure is not known, and never 0", () => {
      expect(guest.json<ContainerDocument>("pressure/metric.json").psi).toBeNull();
      const { top, vmstat } = looks(guest, "throttled");
      expect(top?.container).toMatchObject({ pressureCpu: null, pressureMemory: null, pressureIo: null });
      expect(vmstat?.pressure).toEqual({ cpuRatio: null, memoryRatio: null, ioRatio: null });
    });
  },
);

describe.skipIf(SKIP !== undefined).each(guestsWith("cpus"))("$name, CPUs", (options) => {
  const guest = guestResults(options);
  const nproc = (scenario: string) => guest.json<NprocDocument>(`${scenario}/nproc.json`);
  const without1 = Array.from({ length: options.cpus }, (_, cpu) => cpu).filter((cpu) => cpu !== 1);

  it("a CPU set, and another one while it runs", () => {
    expect(nproc("cpuset")).toMatchObject({ cpus: 2, hostCpus: options.cpus, cpusetCpus: [1, 2] });
    expect(nproc("cpuset-changed")).toMatchObject({ cpus: 2, cpusetCpus: [0, 2] });
  });

  it("an offline CPU in the middle is not counted", () => {
    expect(nproc("offline")).toMatchObject({
      cpus: options.cpus - 1,
      hostCpus: options.cpus - 1,
      cpusetCpus: without1,
    });
    expect(nproc("offline-cpuset")).toMatchObject({ cpus: 1, capacityCores: 1, cpusetCpus: [2] });
  });

  it("the machine's top goes on without it", () => {
    const cpus = guest.json<TopDocument>("offline/top.json").cpu.cpus?.map(({ cpu }) => cpu);
    expect(cpus ?? without1).toEqual(without1);
    expect(guest.text("offline/top.txt")).not.toMatch(/^%Cpu1 /m);
    expect(guest.text("offline/top.txt")).toMatch(/^%Cpu2 /m);
  });
});
