/** Trees of cgroup v2 that no runtime makes by itself, a kernel without memory cgroups, and the machine. */
import { describe, expect, it } from "vitest";
import type { ContainerDocument } from "../../lib/container/document.ts";
import type { FreeDocument } from "../../tools/free/json.ts";
import type { NprocDocument } from "../../tools/nproc/json.ts";
import type { TopDocument } from "../../tools/top/json.ts";
import { guestsWith } from "./guests.ts";
import { guestResults, M, SKIP } from "./results.ts";

const odd = guestsWith("odd", ({ mode }) => mode === "v2");
describe.skipIf(SKIP !== undefined).each(odd)("$name, a parent that keeps its controllers", (options) => {
  const guest = guestResults(options);
  const free = (scenario: string) => guest.json<FreeDocument>(`${scenario}/free.json`);
  const nproc = (scenario: string) => guest.json<NprocDocument>(`${scenario}/nproc.json`);

  it("its limits hold for the child, which has no such files", () => {
    expect(guest.has("kept/truth/memory.max")).toBe(false);
    expect(guest.text("kept/parent/memory.max").trim()).toBe(`${32 * M}`);
    expect(free("kept").memory).toMatchObject({ totalBytes: 32 * M, limitComplete: true });
    expect(free("kept").swap.totalBytes).toBe(0);
    expect(nproc("kept")).toMatchObject({ quotaCores: 0.4, quotaComplete: true });
  });

  it("hidden by a namespace they are not known, and not unlimited", () => {
    expect(free("kept-private").memory).toMatchObject({ limitBytes: null, limitComplete: false });
    expect(free("kept-private").memory.usedBytes).toBeNull();
    expect(guest.text("kept-private/free.err").split("\n").length).toBe(2);
    expect(nproc("kept-private")).toMatchObject({ quotaCores: "max", quotaComplete: false });
  });

  it("a threaded cgroup: memory of its domain, the tighter quota of its own", () => {
    expect(guest.text("threaded/truth/cgroup.type").trim()).toBe("threaded");
    expect(guest.text("threaded/domain/cgroup.type").trim()).toBe("domain threaded");
    expect(guest.text("threaded/cgroup")).toBe("0::/th/a\n");
    const { memory } = guest.json<FreeDocument>("threaded/free.json");
    expect(memory).toMatchObject({ totalBytes: 40 * M, limitComplete: true });
    // Its domain's usage is that of more than this cgroup.
    expect(memory.usedBytes).toBeNull();
    expect(guest.json<NprocDocument>("threaded/nproc.json")).toMatchObject({
      quotaCores: 0.2,
      quotaComplete: true,
    });
    expect(guest.json<ContainerDocument>("threaded/metric.json").cpu.quotaCores).toBe(0.2);
    expect(guest.json<TopDocument>("threaded/top.json").tasks.total).toBeGreaterThan(0);
  });

  it("a threaded cgroup from outside: its processes, though its cgroup.procs cannot be read", () => {
    expect(guest.text("threaded/truth/cgroup.procs")).toBe("");
    const names = guest.json<TopDocument>("threaded/outside.json").processes.map(({ name }) => name);
    expect(names).toEqual(["load"]);
  });
});

describe.skipIf(SKIP !== undefined).each(guestsWith("no_memory"))("$name", (options) => {
  const guest = guestResults(options);

  // Where the whole tree is visible it is known that nothing limits; in a namespace it is not.
  it.each([
    ["no-memory", "max"],
    ["no-memory-private", null],
  ] as const)("%s: the machine's total as a bound, used not known", (scenario, limitBytes) => {
    const { memory } = guest.json<FreeDocument>(`${scenario}/free.json`);
    const total = Number(/^MemTotal: +(\d+) kB$/m.exec(guest.text(`${scenario}/truth/meminfo`))?.[1]) * 1024;
    expect(memory).toMatchObject({ totalBytes: total, limitBytes, usedBytes: null });
    expect(guest.text(`${scenario}/free.err`).split("\n").length).toBe(2);
    expect(guest.json<NprocDocument>(`${scenario}/nproc.json`)).toMatchObject({ quotaCores: 0.5, cpus: 1 });
  });
});

describe.skipIf(SKIP !== undefined).each(guestsWith("machine"))("$name, the guest itself", (options) => {
  const guest = guestResults(options);

  it("is the machine", () => {
    const total = Number(/^MemTotal: +(\d+) kB$/m.exec(guest.text("machine/meminfo"))?.[1]) * 1024;
    expect(guest.json<FreeDocument>("machine/free.json").memory).toMatchObject({
      totalBytes: total,
      limitBytes: "max",
      totalSource: "machine",
    });
    expect(guest.json<NprocDocument>("machine/nproc.json")).toMatchObject({
      cpus: options.cpus,
      quotaCores: "max",
      quotaComplete: true,
    });
  });

  it("has the mount options that were asked for", () => {
    const mount = /^cgroup2 \/sys\/fs\/cgroup\S* cgroup2 (\S+)/m.exec(guest.text("machine/mounts"))?.[1];
    if (options.mode === "v1") return expect(mount).toBeUndefined();
    const asked = options.words?.some((word) => word.includes("nsdelegate")) === true;
    const unified = options.mode === "hybrid";
    expect(mount?.includes("nsdelegate")).toBe(asked || unified);
    expect(mount?.includes("memory_recursiveprot")).toBe(asked);
  });
});
