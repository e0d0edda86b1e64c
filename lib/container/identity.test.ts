import { expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { readIdentity } from "./identity.ts";
import { procFiles } from "./testing/container_tree.ts";

const stat = (starttime: string): string =>
  `1 (init) S 0 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 ${starttime} 0 0\n`;

test.each([
  ["before 1970, where the clock is", -1_000_000, "90000", "1969-12-20T10:13:20.000Z"],
  ["just after", 10, "1000", "1969-12-31T23:53:40.000Z"],
  ["a damaged file's", 10, "18446744073709551615", null],
])("startedAt %s", (_what, realtimeSeconds, starttime, startedAt) => {
  const files = { ...procFiles(), "/proc/1/stat": stat(starttime) };
  const clocks = { realtimeSeconds, boottimeSeconds: realtimeSeconds < 0 ? 900 : 400 };
  const container = openContainer(memorySystem(files, clocks), { host: false, cgroup: null });
  expect(readIdentity(container).startedAt).toBe(startedAt);
});
