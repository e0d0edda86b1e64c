/**
 * Ours in a container whose /proc is lxcfs': what it serves must not make them wrong, and its view of hidden parents may help.
 * docs/adr/0009-lxcfs-and-the-cgroup.md.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CPU_CASES, capacityOf, usedOf } from "./cpu.ts";
import { memoryTruth } from "./memory.ts";
import { type Document, kbOf, lastDocument, lookOf } from "./results.ts";
import type { Score } from "./score.ts";

const KEYS: Readonly<Record<string, (free: Document) => number | null>> = {
  MemTotal: (free) => kbOf(free.memory.totalBytes),
  MemFree: (free) => kbOf(free.memory.freeBytes),
  MemAvailable: (free) => kbOf(free.memory.availableBytes),
  SwapFree: (free) => kbOf(free.swap.freeBytes),
};

const MEMORY = [
  ["memory/tmpfs", "100 MB of a file, 80 MB in /dev/shm", ["MemFree", "MemAvailable"]],
  ["memory/over", "120 MB of /dev/shm, limit lowered to 60 MiB", ["MemTotal", "MemFree", "MemAvailable"]],
  ["nested/sibling-seen", "parent visible; neighbour uses 200 MB", ["MemTotal", "MemAvailable"]],
  ["nested/tighter-hidden", "parent 160 MiB, hidden, container 256", ["MemTotal"]],
  ["swap/used", "112 MB anonymous, 32 MiB of swap", ["SwapFree"]],
] as const;

/** kB, where they are not the kernel's batching alone. */
const TOLERANCES: Readonly<Record<string, number>> = {
  // Where the parent is visible the reader is in the container, its memory in the figures.
  "nested/sibling-seen": 2048,
  // The kernel swaps while the tools run, one after the other.
  "swap/used": 1024,
};

export function compareBeside(out: string, majors: readonly string[], score: Score): void {
  const memory = score.table("Ours where lxcfs is bound over /proc; ours: without it; `free`, kB");
  for (const [folder, what, keys] of MEMORY) {
    const look = lookOf(out, folder);
    for (const key of keys)
      memory({
        what: `${what}: ${key}`,
        truth: memoryTruth(look, key),
        lxcfs: majors.map((major) => KEYS[key]?.(lastDocument(look.lxcfs(major, "free.json"))) ?? null),
        ours: KEYS[key]?.(look.ours("free")) ?? null,
        tolerance: TOLERANCES[folder] ?? 256,
      });
  }
  const used = score.table("The same: CPU used, percent; `top`", 1);
  for (const [name, what] of CPU_CASES) {
    const read = (file: string): string => readFileSync(join(out, "cpu", name, file), "utf8");
    const busy = (file: string): number => 100 * (1 - lastDocument(read(file)).cpu.idleRatio);
    used({
      what,
      truth: usedOf(read("usage"), capacityOf(lookOf(out, `cpu/${name}/from`))),
      lxcfs: majors.map((major) => busy(`top-${major}.json`)),
      ours: busy("top.json"),
      tolerance: 3,
    });
  }
}
