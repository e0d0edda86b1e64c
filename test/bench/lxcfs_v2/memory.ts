/** Memory and swap: meminfo of each lxcfs, `free` and `metric` of ours, the kernel's files of the cgroup and its parents. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kbOf, type Look, limitOf, lookOf, numberOf } from "./results.ts";
import type { Row, Score } from "./score.ts";

/** kB. The kernel counts in batches of 64 pages a CPU. */
const TOLERANCE = 256;
/** Of the machine's own figures, which move while the tools run. */
const MACHINE_TOLERANCE = 4096;

/** The kernel swaps while the tools run, one after the other. */
const SWAP_TOLERANCE = 1024;

interface Figure {
  readonly truth: (look: Look) => number;
  readonly ours: (look: Look) => number | null;
}

/** Least over the container, its parents and the machine, in kB. */
function least(look: Look, at: (file: (name: string) => string) => number, machine: number): number {
  const levels = Array.from(
    { length: look.parents + 1 },
    (_, i) => at((name) => look.kernel(name, i)) / 1024,
  );
  return Math.max(0, Math.min(machine, ...levels));
}

const machineOf = (look: Look, key: string): number => numberOf(look.kernel("meminfo"), key);

/** What can be given back without losing it: page cache that is in a file, and slab. */
function reclaimable(stat: string): number {
  return ["active_file", "inactive_file", "slab_reclaimable"].reduce(
    (sum, key) => sum + numberOf(stat, key),
    0,
  );
}

const stat =
  (key: string) =>
  (look: Look): number =>
    numberOf(look.kernel("memory.stat"), key) / 1024;
const free =
  (key: string) =>
  (look: Look): number | null =>
    kbOf(look.ours("free").memory[key]);
const metric =
  (key: string) =>
  (look: Look): number | null =>
    kbOf(look.ours("metric").memory[key]);
const metricStat =
  (key: string) =>
  (look: Look): number | null =>
    kbOf(look.ours("metric").memory.stat?.[key]);

/** By lxcfs' name for it. */
const FIGURES: Readonly<Record<string, Figure>> = {
  MemTotal: {
    truth: (look) => least(look, (file) => limitOf(file("memory.max")), machineOf(look, "MemTotal")),
    ours: free("totalBytes"),
  },
  MemFree: {
    truth: (look) =>
      least(
        look,
        (file) => limitOf(file("memory.max")) - Number(file("memory.current")),
        machineOf(look, "MemFree"),
      ),
    ours: free("freeBytes"),
  },
  MemAvailable: {
    truth: (look) =>
      least(
        look,
        (file) =>
          limitOf(file("memory.max")) - Number(file("memory.current")) + reclaimable(file("memory.stat")),
        machineOf(look, "MemAvailable"),
      ),
    ours: free("availableBytes"),
  },
  Cached: { truth: stat("file"), ours: metric("cacheBytes") },
  Shmem: { truth: stat("shmem"), ours: free("sharedBytes") },
  Dirty: { truth: stat("file_dirty"), ours: metric("dirtyBytes") },
  Mapped: { truth: stat("file_mapped"), ours: metric("mappedFileBytes") },
  AnonPages: { truth: stat("anon"), ours: metric("rssBytes") },
  AnonHugePages: { truth: stat("anon_thp"), ours: metricStat("anon_thp") },
  SReclaimable: { truth: stat("slab_reclaimable"), ours: metricStat("slab_reclaimable") },
  SwapTotal: {
    truth: (look) => least(look, (file) => limitOf(file("memory.swap.max")), machineOf(look, "SwapTotal")),
    ours: (look) => kbOf(look.ours("free").swap.totalBytes),
  },
  SwapFree: {
    truth: (look) =>
      least(
        look,
        (file) => limitOf(file("memory.swap.max")) - Number(file("memory.swap.current")),
        machineOf(look, "SwapFree"),
      ),
    ours: (look) => kbOf(look.ours("free").swap.freeBytes),
  },
};

/** kB. */
export function memoryTruth(look: Look, key: string): number {
  const figure = FIGURES[key];
  if (figure === undefined) throw new Error(`no figure ${key}`);
  return figure.truth(look);
}

export function compareMemory(out: string, majors: readonly string[], score: Score): void {
  const lxcfs = (look: Look, key: string): number[] =>
    majors.map((major) => numberOf(look.lxcfs(major, "meminfo"), key));
  const step = (row: (row: Row) => void, folder: string, what: string, ...keys: readonly string[]): void => {
    const look = lookOf(out, folder);
    for (const key of keys) {
      const figure = FIGURES[key];
      if (figure === undefined) throw new Error(`no figure ${key}`);
      const truth = memoryTruth(look, key);
      const isMachine = /^(MemFree|MemAvailable)$/.test(key) && truth === machineOf(look, key);
      row({
        what: `${what}: ${key}`,
        truth,
        lxcfs: lxcfs(look, key),
        ours: figure.ours(look),
        tolerance: isMachine ? MACHINE_TOLERANCE : key === "SwapFree" ? SWAP_TOLERANCE : TOLERANCE,
      });
    }
  };
  /** MemAvailable beside the pages that a program was given until the kernel ended it. */
  const taken = (row: (row: Row) => void, folder: string, what: string): void => {
    const look = lookOf(out, folder);
    const said = readFileSync(join(out, folder, "killed"), "utf8");
    const truth = Number(/\(pages\).* anon-rss:(\d+)kB/.exec(said)?.[1]);
    if (Number.isNaN(truth)) throw new Error(`${folder}: nobody was killed: ${said}`);
    const ours = free("availableBytes")(look);
    // Page tables and the kernel's stacks are in it.
    const tolerance = 0.015 * truth + TOLERANCE;
    row({ what: `${what}: MemAvailable`, truth, lxcfs: lxcfs(look, "MemAvailable"), ours, tolerance });
  };

  const plain = score.table("Memory of a container of 256 MiB, no swap, kB");
  step(plain, "memory/idle", "idle", "MemTotal", "MemFree", "MemAvailable", "Cached");
  step(plain, "memory/anonymous", "150 MB anonymous", "MemFree", "MemAvailable", "AnonPages");
  step(plain, "memory/file", "100 MB of a file read", "MemFree", "MemAvailable", "Cached");
  step(plain, "memory/tmpfs", "and 80 MB in /dev/shm", "MemFree", "MemAvailable", "Cached", "Shmem");
  step(plain, "memory/tmpfs-anonymous", "and 60 MB anonymous", "MemFree", "MemAvailable");
  taken(
    plain,
    "memory/before-all",
    "file and /dev/shm; truth: pages taken until the kernel ended the program",
  );
  step(plain, "memory/lowered", "limit lowered to 200 MiB while it runs", "MemTotal", "MemAvailable");

  const kinds = score.table("What the memory is, kB");
  step(kinds, "memory/dirty", "10 MB written, not yet on disk", "Dirty", "MemAvailable");
  step(kinds, "memory/mapped", "20 MB of a file mapped", "Mapped", "Cached");
  step(kinds, "memory/huge", "64 MB in huge pages", "AnonHugePages", "AnonPages");
  step(kinds, "memory/slab", "6000 new files", "SReclaimable", "MemAvailable");

  const odd = score.table("Odd limits, kB");
  step(
    odd,
    "memory/over",
    "120 MB of /dev/shm, limit lowered to 60 MiB",
    "MemTotal",
    "MemFree",
    "MemAvailable",
  );
  const high = lookOf(out, "memory/high");
  step(odd, "memory/high", "memory.high 100 MiB, memory.max 256 MiB", "MemTotal");
  odd({
    what: "the same: the soft limit",
    truth: Number(high.kernel("memory.high")) / 1024,
    lxcfs: majors.map(() => null),
    ours: free("softLimitBytes")(high),
    tolerance: 0,
  });
  step(odd, "memory/unlimited", "no limit", "MemTotal", "MemAvailable");

  const above = score.table("Limits above the container, kB");
  const views = [
    ["seen", "visible inside"],
    ["hidden", "hidden, as Docker mounts it"],
  ] as const;
  const all = [...views, ["registered", "hidden, told by `procg host`"]] as const;
  for (const [view, how] of all) {
    const what = `parent of 300 MiB, ${how}; neighbour uses 200 MB`;
    step(above, `nested/sibling-${view}`, what, "MemTotal", "MemFree", "MemAvailable");
    if (view !== "registered")
      taken(
        above,
        `nested/sibling-${view}`,
        "the same; truth: pages taken until the kernel ended the program",
      );
  }
  for (const [view, how] of all)
    step(above, `nested/tighter-${view}`, `parent 160 MiB, container 256; ${how}`, "MemTotal");

  const swap = score.table("Swap of a container of 96 MiB; the machine has 64 MiB; kB");
  step(swap, "swap/forbidden", "swap.max 0", "SwapTotal", "SwapFree");
  step(swap, "swap/some", "swap.max 32 MiB", "SwapTotal", "SwapFree");
  step(swap, "swap/used", "112 MB anonymous", "SwapTotal", "SwapFree", "MemAvailable");
  step(swap, "swap/max", "swap.max max", "SwapTotal", "SwapFree");
  for (const [view, how] of all)
    step(swap, `nested/tighter-${view}`, `parent 16 MiB, container 32; ${how}`, "SwapTotal");
}
