/** How many threads may keep a CPU busy here, as a whole number: what nproc prints, and what programs are told by `procg exec`. */
import type { System } from "../system/system.ts";
import type { CpuLimitModel } from "./cpu_limit.ts";

/** CPUs that the caller may run on: by affinity, else the cpuset, else the machine's. null: not known. */
export function allowedCpus(limit: CpuLimitModel): number | null {
  return limit.affinity?.length ?? limit.cpus?.length ?? limit.hostCpus.value;
}

/** Rounded to the nearest, at least 1, as coreutils 9.8: 1.49 cores are 1, 1.5 are 2. */
export function wholeCpus(cores: number): number {
  return Math.max(1, Math.floor(cores + 0.5));
}

/**
 * A quota does not bind SCHED_FIFO, SCHED_RR and SCHED_DEADLINE threads (sched(7)). Where a seccomp profile refuses to tell the policy
 * it is the usual one; coreutils leaves the quota out then and gives the host's number.
 */
export function isRealtime(system: System): boolean {
  // Below --root and in a replay the policy of this very process says nothing about the container's.
  if (system.source !== "live") return false;
  const policy = system.schedulingPolicy();
  return policy === 1 || policy === 2 || policy === 6;
}
