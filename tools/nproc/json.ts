/** nproc --json and nproc --explain: loaded only when asked for. */
import type { Container } from "../../lib/container/container.ts";
import type { CpuLimitModel } from "../../lib/container/cpu_limit.ts";
import { explainContainer, explainFigures } from "../../lib/container/explain.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";

/** `procg.nproc/v1`. */
export interface NprocDocument {
  readonly schema: "procg.nproc/v1";
  /** What nproc prints. */
  readonly cpus: number;
  /** min(number of cpusetCpus, quotaCores). */
  readonly capacityCores: number | null;
  /** quota / period; "max": none in what is visible; null: not known. */
  readonly quotaCores: Limit | null;
  /** false: a hidden ancestor may be tighter. */
  readonly quotaComplete: boolean;
  readonly cpusetCpus: readonly number[] | null;
  /** Online CPUs of the machine. */
  readonly hostCpus: number | null;
}

export function nprocDocument(cpus: number, limit: CpuLimitModel): NprocDocument {
  return {
    schema: "procg.nproc/v1",
    cpus,
    capacityCores: limit.capacityCores.value,
    quotaCores: limit.quota.value,
    quotaComplete: limit.quota.complete,
    cpusetCpus: limit.cpus,
    hostCpus: limit.hostCpus.value,
  };
}

export function nprocJson(cpus: number, limit: CpuLimitModel): string {
  return `${JSON.stringify(nprocDocument(cpus, limit))}\n`;
}

export function explainCpus(container: Container, cpus: number, limit: CpuLimitModel): string {
  const bound = limit.quota.complete ? undefined : "a hidden ancestor may be tighter";
  return (
    explainContainer(container) +
    explainFigures("CPUs", [
      ["nproc", { value: cpus, formula: "min(CPUs allowed, max(1, quota rounded)), see nproc(1)", from: [] }],
      ["quota, cores", limit.quota, bound],
      [
        "allowed CPUs",
        { value: limit.cpus?.length ?? null, formula: "cpuset and online", from: limit.cpusFrom },
      ],
      ["capacity, cores", limit.capacityCores],
      ["CPUs of the machine", limit.hostCpus],
    ])
  );
}
