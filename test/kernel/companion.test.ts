/** procg host on a real kernel: registration by pid, and cgroup files read and changed under the names of both versions. */
import { describe, expect, it } from "vitest";
import type { KeyOutcome } from "../../host/cgroup/apply.ts";
import type { FreeDocument } from "../../tools/free/json.ts";
import { guestsWith } from "./guests.ts";
import { guestResults, M, SKIP } from "./results.ts";

describe.skipIf(SKIP !== undefined).each(guestsWith("companion"))("$name, procg host", (options) => {
  const guest = guestResults(options);
  const v2 = options.mode === "v2";
  const keys = (name: string) =>
    guest.json<{ readonly keys: readonly KeyOutcome[] }>(`companion/${name}.json`).keys;
  const kernel = (folder: string, file: string): string => guest.text(`companion/${folder}/${file}`).trim();

  it("registers a container by its pid, and free inside knows the hidden parent's limit", () => {
    expect(guest.text("companion/register.err")).toBe("");
    expect(guest.json<FreeDocument>("companion/free.json").memory).toMatchObject({
      limitBytes: 64 * M,
      limitComplete: true,
    });
    expect(guest.text("companion/doctor.json")).not.toContain("another boot");
  });

  it("reads keys under the names of both versions", () => {
    const answers = Object.fromEntries(keys("get").map(({ key, after }) => [key, after]));
    expect(answers["memory.limit_in_bytes"]).toBe(`${64 * M}`);
    expect(answers["memory.max"]).toBe(`${64 * M}`);
    if (v2) expect([answers["cpu.max"], answers["cpu.cfs_quota_us"]]).toEqual(["max 100000", "max 100000"]);
    else expect(answers["cpu.cfs_quota_us"]).toBe("-1");
    expect(answers["pids.max"]).toBe("max");
  });

  it("sets v1 names; the kernel has them", () => {
    expect(guest.text("companion/set.rc").trim()).toBe("0");
    if (v2) {
      expect(kernel("truth", "memory.max")).toBe(`${80 * M}`);
      expect(kernel("truth", "memory.swap.max")).toBe(`${20 * M}`);
      expect(kernel("truth", "cpu.max")).toBe("70000 100000");
      expect(Number(kernel("truth", "cpu.weight"))).toBeLessThan(100);
    } else {
      expect(kernel("truth", "memory.limit_in_bytes")).toBe(`${80 * M}`);
      expect(kernel("truth", "memory.memsw.limit_in_bytes")).toBe(`${100 * M}`);
      expect(kernel("truth", "cpu.cfs_quota_us")).toBe("70000");
      expect(kernel("truth", "cpu.shares")).toBe("512");
    }
    expect(kernel("truth", "cpuset.cpus")).toBe("1");
    expect(kernel("truth", "pids.max")).toBe("33");
    for (const { after, error } of keys("set")) expect([after === null, error]).toEqual([false, null]);
  });

  it("sets v2 names", () => {
    const outcomes = Object.fromEntries(keys("set2").map((each) => [each.key, each]));
    expect(outcomes["memory.max"]).toMatchObject({ error: null, after: `${88 * M}` });
    if (!v2) return;
    expect(kernel("truth2", "memory.max")).toBe(`${88 * M}`);
    expect(kernel("truth2", "memory.swap.max")).toBe("0");
    expect(kernel("truth2", "cpu.max")).toBe("60000 100000");
    expect(kernel("truth2", "cpu.weight")).toBe("200");
  });

  it("refuses what would hurt, and what the kernel refuses", () => {
    expect(guest.text("companion/refused.rc").trim()).toBe("1");
    expect(keys("refused").map(({ status }) => status !== 0)).toEqual([true, true, true]);
    const last = v2 ? "truth2" : "truth";
    expect(kernel(last, "cpuset.cpus")).toBe("1");
  });
});
