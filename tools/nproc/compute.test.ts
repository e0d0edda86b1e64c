import { describe, expect, test } from "vitest";
import type { CpuLimitModel } from "../../lib/container/cpu_limit.ts";
import { figure } from "../../lib/container/figure.ts";
import { wholeCpus } from "../../lib/container/usable_cpus.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";
import { type CpuQuestion, countCpus, cpusText, parseOmpThreads } from "./compute.ts";

function limit(
  quota: Limit | null,
  affinity: number | null,
  cpuset: number | null = null,
  host: number | null = 8,
): CpuLimitModel {
  const list = (count: number | null) =>
    count === null ? null : Array.from({ length: count }, (_, cpu) => cpu);
  return {
    quota: { value: quota, complete: true, source: null, formula: "", from: [] },
    quotaUnread: null,
    cpus: list(cpuset),
    cpusFrom: [],
    capacityCores: figure(null, "", []),
    hostCpus: figure(host, "", []),
    affinity: list(affinity),
  };
}

const question = (change: Partial<CpuQuestion>): CpuQuestion => ({
  all: false,
  ignore: 0,
  omp: { threads: null, most: null },
  installed: 8,
  limit: limit("max", 4),
  realtime: false,
  ...change,
});

test.each([
  [0.1, 1],
  [0.5, 1],
  [1.4, 1],
  [1.49, 1],
  [1.5, 2],
  [2, 2],
  [96.5, 97],
])("a quota of %d is %d", (cores, cpus) => {
  expect(wholeCpus(cores)).toBe(cpus);
});

test.each([
  ["affinity", question({}), 4],
  ["quota below affinity", question({ limit: limit(1.4, 4) }), 1],
  ["affinity below quota", question({ limit: limit(3, 2) }), 2],
  ["a quota that is not known does not bind", question({ limit: limit(null, 4) }), 4],
  ["real-time threads have no quota", question({ limit: limit(1, 4), realtime: true }), 4],
  ["no affinity (a replay): the cpuset", question({ limit: limit("max", null, 3) }), 3],
  ["neither: the machine's", question({ limit: limit("max", null) }), 8],
  ["nothing at all is not known", question({ limit: limit("max", null, null, null) }), null],
  ["--all: installed, whatever the quota", question({ all: true, limit: limit(1, 2) }), 8],
  [
    "--all without /sys and /proc: affinity",
    question({ all: true, installed: null, limit: limit(1, 3, null, null) }),
    3,
  ],
  ["--ignore", question({ ignore: 3 }), 1],
  ["--ignore as many as there are: 1", question({ ignore: 4 }), 1],
  ["--ignore far more", question({ ignore: 2 ** 63 }), 1],
  [
    "OMP_NUM_THREADS beats affinity and quota",
    question({ omp: { threads: 16, most: null }, limit: limit(1, 4) }),
    16,
  ],
  ["OMP_THREAD_LIMIT bounds it", question({ omp: { threads: 16, most: 5 } }), 5],
  ["OMP_THREAD_LIMIT bounds the rest", question({ omp: { threads: null, most: 2 } }), 2],
  ["--all ignores OMP", question({ all: true, omp: { threads: 2, most: 1 } }), 8],
])("%s", (_name, asked, cpus) => {
  expect(countCpus(asked)).toBe(cpus);
});

describe("OMP_*", () => {
  test.each([
    [undefined, null],
    ["", null],
    ["0", null],
    ["-1", null],
    ["3", 3],
    [" 3 ", 3],
    ["3,4,5", 3],
    ["3 ,4", 3],
    ["3x", null],
    ["x", null],
  ])("%j is %j", (text, threads) => {
    expect(parseOmpThreads(text)).toBe(threads);
  });

  test("more than an unsigned long holds is the most that it does, in digits", () => {
    const threads = parseOmpThreads("99999999999999999999999");
    expect(cpusText(countCpus(question({ omp: { threads, most: null } })) ?? 0)).toBe("18446744073709551615");
    expect(cpusText(3)).toBe("3");
  });
});
