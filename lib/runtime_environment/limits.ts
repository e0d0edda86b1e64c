/** The two limits that language runtimes ask for, and why there is none where there is none. */
import type { Container } from "../container/container.ts";
import { type CpuLimitModel, readCpuLimit } from "../container/cpu_limit.ts";
import { collectMemory, computeMemory } from "../container/memory.ts";
import type { MemoryModel } from "../container/memory_model.ts";
import { allowedCpus, isRealtime, wholeCpus } from "../container/usable_cpus.ts";
import { ReadError } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";

/** null: no limit, or not known; `why` says which. */
export interface RuntimeLimit {
  readonly value: number | null;
  readonly why: string;
  /** The file that gave it. */
  readonly source: string | null;
}

export interface RuntimeLimits {
  /** Whole CPUs, as nproc counts them. */
  readonly cpus: RuntimeLimit;
  /** Bytes, as the total of free. */
  readonly memory: RuntimeLimit;
}

/** Never throws for a file: a program must start whatever cannot be read. */
export function readRuntimeLimits(container: Container): RuntimeLimits {
  if (container.kind === "machine") {
    const none = { value: null, why: `no container: ${container.because}`, source: null };
    return { cpus: none, memory: none };
  }
  return {
    cpus: cpuLimit(readCpuLimit(container), isRealtime(container.system)),
    memory: readMemoryLimit(container),
  };
}

function readMemoryLimit(container: Container): RuntimeLimit {
  try {
    return memoryLimit(computeMemory(collectMemory(container)));
  } catch (error) {
    if (!(error instanceof ReadError || error instanceof ParseError)) throw error;
    return { value: null, why: "the memory limit is not known", source: error.path };
  }
}

/** Pure. `realtime`: a quota does not bind the caller. */
export function cpuLimit(limit: CpuLimitModel, realtime: boolean): RuntimeLimit {
  const { quota } = limit;
  const allowed = allowedCpus(limit);
  const host = limit.hostCpus.value;
  if (!realtime && typeof quota.value === "number") {
    if (allowed === null || quota.value < allowed) {
      const hidden = quota.complete ? "" : "; a hidden parent may have a tighter one";
      const cores = Number(quota.value.toFixed(3));
      const value = wholeCpus(quota.value);
      return { value, why: `a quota of ${cores} CPUs${hidden}`, source: quota.source };
    }
  }
  if (allowed !== null && host !== null && allowed < host) {
    const source = limit.affinity === null ? (limit.cpusFrom[0]?.path ?? null) : "sched_getaffinity(2)";
    return { value: allowed, why: `${allowed} of ${host} CPUs may be used`, source };
  }
  const why =
    quota.value === null && !realtime
      ? "the CPU quota is not known"
      : allowed === null || host === null
        ? "the number of CPUs is not known"
        : "no limit on CPUs that binds";
  return { value: null, why, source: null };
}

/** Pure. */
export function memoryLimit({ limit, totalBytes }: MemoryModel): RuntimeLimit {
  if (limit.value === null) return { value: null, why: "the memory limit is not known", source: null };
  if (limit.value === "max" || totalBytes.value === null || limit.value > totalBytes.value) {
    const why = limit.value === "max" ? "no memory limit" : "a memory limit above the machine's memory";
    return { value: null, why, source: null };
  }
  const hidden = limit.complete ? "" : "; a hidden parent may have a tighter one";
  return { value: limit.value, why: `a memory limit of ${limit.value} bytes${hidden}`, source: limit.source };
}
