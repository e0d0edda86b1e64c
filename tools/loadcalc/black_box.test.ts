import { expect, test } from "vitest";
import type { ContainerDocument } from "../../lib/container/document.ts";
import { nearLimit } from "./black_box.ts";

const well = {
  memory: { availableBytes: 500, totalBytes: 1000 },
  pids: { current: 10, limit: 100 },
  psi: null,
} as unknown as ContainerDocument;
const change = (part: object) => ({ ...well, ...part }) as ContainerDocument;
const pressure = (source: string, avg10: number) => ({ psi: { source, memory: { some: { avg10 } } } });

test("a container that is well, or of which nothing is known, leaves the black box alone", () => {
  expect(nearLimit(well)).toBeNull();
  expect(nearLimit(change({ memory: { availableBytes: null, totalBytes: null } }))).toBeNull();
  expect(nearLimit(change({ pids: { current: 5000, limit: "max" } }))).toBeNull();
  // The host's pressure is not the container's.
  expect(nearLimit(change(pressure("host", 90)))).toBeNull();
});

test("near the memory limit, the pids limit, under pressure", () => {
  expect(nearLimit(change({ memory: { availableBytes: 99, totalBytes: 1000 } }))).toBe("memory");
  expect(nearLimit(change({ pids: { current: 90, limit: 100 } }))).toBe("pids");
  expect(nearLimit(change(pressure("cgroup", 12)))).toBe("pressure");
});
