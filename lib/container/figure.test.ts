import { expect, test } from "vitest";
import { attempt } from "../kernfile/kernel_file.ts";
import { meminfo } from "../procfs/meminfo.ts";
import { memorySystem } from "../system/testing/memory_system.ts";
import { combine, figure, term } from "./figure.ts";

const one = figure(1, "one", [{ path: "a", key: null, value: 1, missing: null }]);
const two = figure(2, "two", [{ path: "b", key: null, value: 2, missing: null }]);
const none = figure(null, "none", [{ path: "c", key: null, value: null, missing: "absent" }]);

test("combine", () => {
  const sum = combine("one + two", [one, two], (a, b) => a + b);
  expect(sum).toEqual({ value: 3, formula: "one + two", from: [...one.from, ...two.from] });
});

test("combine: null as soon as one is null, and the reason stays among the terms", () => {
  const sum = combine("one + none", [one, none], (a, b) => a + b);
  expect(sum.value).toBeNull();
  expect(sum.from).toEqual([...one.from, ...none.from]);
});

test("combine: a term that two figures share is named once", () => {
  expect(combine("x", [one, one], (a, b) => a + b).from).toHaveLength(1);
});

test("term: a value, a missing key, a missing file, a refused one", () => {
  const system = memorySystem({
    "/a/meminfo": "MemTotal: 8 kB\nMemFree: 4 kB\n",
    "/b/meminfo": { errno: "EACCES" },
    "/d/meminfo": "\0\0",
  });
  const read = attempt(system, "/a", meminfo);
  expect(term(read, "MemTotal", 8192)).toEqual({
    path: "/a/meminfo",
    key: "MemTotal",
    value: 8192,
    missing: null,
  });
  expect(term(read, "Shmem", null).missing).toBe("no Shmem");
  expect(term(attempt(system, "/b", meminfo), null, null).missing).toBe("Permission denied");
  expect(term(attempt(system, "/c", meminfo), null, null).missing).toBe("absent (ENOENT)");
  expect(term(attempt(system, "/d", meminfo), null, null).missing).toContain("/d/meminfo");
  expect(term(read, "Zero", 0)).toMatchObject({ value: 0, missing: null });
});
