/** What the kernel counts and does to a container: kills, swap, refused forks, freezing; against its own files. */
import { describe, expect, it } from "vitest";
import type { ContainerDocument } from "../../lib/container/document.ts";
import type { FreeDocument } from "../../tools/free/json.ts";
import type { NprocDocument } from "../../tools/nproc/json.ts";
import type { TopDocument } from "../../tools/top/json.ts";
import type { VmstatDocument } from "../../tools/vmstat/json.ts";
import { guestsWith } from "./guests.ts";
import { guestResults, M, SKIP } from "./results.ts";

describe.skipIf(SKIP !== undefined).each(guestsWith("oom"))("$name, out of memory", (options) => {
  const guest = guestResults(options);
  const events = guest.has("oom/truth/memory.events") ? "memory.events" : "memory.oom_control";
  const kills = (when: string) => guest.keyed(`oom/${when}/${events}`, "oom_kill");

  it("each kill is counted once, and the second is new to a top that began before it", () => {
    expect([kills("first"), kills("truth")]).toEqual([1, 2]);
    const [first, second] = guest.jsonLines<TopDocument>("oom/top.json");
    expect(first?.container).toMatchObject({ oomKills: 1, oomKillsNew: 0 });
    expect(second?.container).toMatchObject({ oomKills: 2, oomKillsNew: 1 });
    expect(guest.json<ContainerDocument>("oom/metric.json").memory.events?.oomKill).toBe(2);
  });

  it("leaves the container's numbers right", () => {
    const { memory } = guest.json<FreeDocument>("oom/free.json");
    expect(memory.totalBytes).toBe(64 * M);
    expect(memory.usedBytes).toBeLessThan(8 * M);
  });
});

describe.skipIf(SKIP !== undefined).each(guestsWith("swap"))("$name, swap", (options) => {
  const guest = guestResults(options);
  const v2 = guest.has("swap-used/before/memory.swap.current");

  it("32 MiB of its own, where the guest has 64", () => {
    expect(guest.json<FreeDocument>("swap/free.json").swap).toMatchObject({
      totalBytes: 32 * M,
      usedBytes: 0,
    });
  });

  it("what is swapped out is used, in free, vmstat and metric", () => {
    const kernel = (when: string): number =>
      v2
        ? guest.number(`swap-used/${when}/memory.swap.current`)
        : guest.keyed(`swap-used/${when}/memory.stat`, "total_swap");
    const { memory, swap } = guest.json<FreeDocument>("swap-used/free.json");
    expect(kernel("before")).toBeGreaterThan(8 * M);
    expect(swap.totalBytes).toBe(32 * M);
    const about = (value: number | null | undefined) => {
      expect(value).toBeGreaterThanOrEqual(Math.min(kernel("before"), kernel("after")) - M);
      expect(value).toBeLessThanOrEqual(Math.max(kernel("before"), kernel("after")) + M);
    };
    about(swap.usedBytes);
    about(guest.json<VmstatDocument>("swap-used/vmstat.json").memory.swapUsedBytes);
    about(guest.json<ContainerDocument>("swap-used/metric.json").memory.swapUsageBytes);
    expect(memory.usedBytes).toBeLessThanOrEqual(32 * M);
  });
});

describe.skipIf(SKIP !== undefined).each(guestsWith("pids"))("$name, tasks", (options) => {
  const guest = guestResults(options);

  it("eight of eight, and the forks that were refused", () => {
    expect(guest.text("pids/truth/pids.max").trim()).toBe("8");
    const refused = guest.keyed("pids/truth/pids.events", "max");
    expect(refused).toBeGreaterThan(0);
    const { pids } = guest.json<ContainerDocument>("pids/metric.json");
    expect(pids).toMatchObject({ limit: 8, limitComplete: true, failedForks: refused });
    expect(pids.current).toBe(guest.number("pids/truth/pids.current"));
    expect(guest.json<TopDocument>("pids/top.json").container).toMatchObject({
      pidsCurrent: pids.current,
      pidsLimit: 8,
    });
    if (guest.has("pids/truth/pids.peak")) expect(pids.peak).toBe(guest.number("pids/truth/pids.peak"));
  });
});

describe.skipIf(SKIP !== undefined).each(guestsWith("frozen"))("$name, frozen", (options) => {
  const guest = guestResults(options);

  it("a frozen container answers, is told as paused, and is no load", () => {
    expect(guest.json<FreeDocument>("frozen/free.json").memory.totalBytes).toBe(96 * M);
    expect(guest.json<NprocDocument>("frozen/nproc.json").quotaCores).toBe(1.5);
    const { container, cpu } = guest.json<ContainerDocument>("frozen/metric.json");
    expect(container.state).toBe("paused");
    expect(cpu.quotaCores).toBe(1.5);
    // The fourth field is active/all threads: two busy ones among the load's three.
    expect(guest.text("frozen/load")).toMatch(/^0\.00 0\.00 0\.00 0\/3 /);
    expect(guest.text("frozen/thawed")).toMatch(/^\S+ \S+ \S+ 2\/3 /);
  });
});
