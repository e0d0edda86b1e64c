/** The rule of coreutils 9.8's nproc, as arithmetic. */
import type { CpuLimitModel } from "../../lib/container/cpu_limit.ts";
import { allowedCpus, wholeCpus } from "../../lib/container/usable_cpus.ts";

export interface OmpLimits {
  /** OMP_NUM_THREADS; null: not set or not valid. */
  readonly threads: number | null;
  /** OMP_THREAD_LIMIT. */
  readonly most: number | null;
}

export interface CpuQuestion {
  readonly all: boolean;
  readonly ignore: number;
  readonly omp: OmpLimits;
  readonly installed: number | null;
  readonly limit: CpuLimitModel;
  /** The calling thread's scheduling policy is not subject to a quota. */
  readonly realtime: boolean;
}

/** 2^64 - 1, as near as a number comes to it. */
const MOST = 2 ** 64;

/** Digits without an exponent. */
export function cpusText(cpus: number): string {
  return cpus >= MOST ? "18446744073709551615" : String(cpus);
}

/** null: nothing is known. Never below 1 otherwise. */
export function countCpus(question: CpuQuestion): number | null {
  const count = available(question);
  if (count === null) return null;
  return question.ignore < count ? count - question.ignore : 1;
}

function available({ all, omp, installed, limit, realtime }: CpuQuestion): number | null {
  // Where neither /sys nor /proc can be read coreutils counts what it may use.
  if (all) return installed ?? limit.hostCpus.value ?? limit.affinity?.length ?? null;
  const most = omp.most ?? Number.POSITIVE_INFINITY;
  if (omp.threads !== null) return Math.min(omp.threads, most);
  const allowed = allowedCpus(limit);
  if (allowed === null) return null;
  const quota = realtime || typeof limit.quota.value !== "number" ? most : wholeCpus(limit.quota.value);
  return Math.max(1, Math.min(allowed, quota, most));
}

/**
 * First number of a comma-separated list, blanks around it allowed (OpenMP 5.0, section 6.2). Anything else, 0 and a number that is followed
 * by other text count as not set.
 */
export function parseOmpThreads(text: string | undefined): number | null {
  const match = /^\s*\+?(\d+)\s*(,.*)?$/.exec(text ?? "");
  const count = match === null ? 0 : Number(match[1]);
  // More than an unsigned long holds counts as the most that it does.
  return count > 0 ? Math.min(count, MOST) : null;
}
