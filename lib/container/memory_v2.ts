/** Memory of cgroups on v2: memory.* of the container's directory and of every visible ancestor. */
import type { CgroupLocation } from "../cgroupfs/locate.ts";
import { memoryCurrent } from "../cgroupfs/v2/memory_current.ts";
import { memoryMax } from "../cgroupfs/v2/memory_max.ts";
import { type MemoryStat, memoryStatBrief } from "../cgroupfs/v2/memory_stat.ts";
import { memorySwapCurrent, memorySwapMax } from "../cgroupfs/v2/memory_swap.ts";
import { attempt, type KernelFile, type Reading } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";
import type { System } from "../system/system.ts";
import { type Figure, figure, term, UNKNOWN } from "./figure.ts";
import { type LimitCandidate, limitCandidate } from "./limit.ts";
import type { CgroupMemorySample, MemoryNode } from "./memory_model.ts";

/** @param wantSwap false: the host has no swap, so nothing about it is read */
export function collectMemoryV2(
  system: System,
  location: CgroupLocation,
  wantSwap: boolean,
): CgroupMemorySample {
  const nodes = location.chain.map((directory, index) => {
    const limit = limitOf(system, directory, memoryMax);
    // An ancestor without a limit binds nothing: its usage is not read.
    const wantUsage = index === 0 || typeof limit.value === "number";
    return readNode(system, directory, limit, wantUsage, wantSwap);
  });
  return { location, nodes, extraLimits: [], extraSwapLimits: [], complete: location.complete };
}

function readNode(
  system: System,
  directory: string,
  limit: LimitCandidate,
  wantUsage: boolean,
  wantSwap: boolean,
): MemoryNode {
  const stat: Reading<MemoryStat> | null = wantUsage ? attempt(system, directory, memoryStatBrief) : null;
  const key = (name: string): Figure =>
    stat === null
      ? UNKNOWN
      : figure(stat.value?.[name] ?? null, name, [term(stat, name, stat.value?.[name])]);
  return {
    directory,
    limit,
    usage: wantUsage ? countOf(system, directory, memoryCurrent) : UNKNOWN,
    activeFile: key("active_file"),
    inactiveFile: key("inactive_file"),
    slabReclaimable: key("slab_reclaimable"),
    file: key("file"),
    shmem: key("shmem"),
    anon: key("anon"),
    swapUsage: wantSwap ? countOf(system, directory, memorySwapCurrent) : UNKNOWN,
    swapLimit: wantSwap ? limitOf(system, directory, memorySwapMax) : limit,
  };
}

function countOf(system: System, directory: string, file: KernelFile<number>): Figure {
  const reading = attempt(system, directory, file);
  return figure(reading.value, file.name, [term(reading, null, reading.value)]);
}

function limitOf(system: System, directory: string, file: KernelFile<Limit>): LimitCandidate {
  return limitCandidate(attempt(system, directory, file));
}
