/**
 * pids.current, pids.peak, pids.max, pids.events of one cgroup (v1), with all descendants. Threads count, not processes.
 *
 * Absent in the real root. pids.events: since 4.8; pids.peak: since 6.1.
 * See Documentation/admin-guide/cgroup-v1/pids.rst.
 */
import { parseCount } from "../../kernfile/count.ts";
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, parseLimit } from "../../kernfile/limit.ts";

export interface PidsEvents {
  readonly [key: string]: number | undefined;
  /** Forks refused. */
  readonly max?: number;
}

export const pidsCurrent: KernelFile<number> = { name: "pids.current", parse: parseCount };
export const pidsPeak: KernelFile<number> = { name: "pids.peak", parse: parseCount };
export const pidsMax: KernelFile<Limit> = { name: "pids.max", parse: parseLimit };
export const pidsEvents: KernelFile<PidsEvents> = { name: "pids.events", parse: parseFlatKeyed };
