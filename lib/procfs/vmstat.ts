/**
 * /proc/vmstat: counters of the whole machine's memory management.
 *
 * nr_*: pages now; pgpgin, pgpgout: KiB; pswpin, pswpout: pages; the others events since boot. oom_kill: since 4.13.
 * The host's in every container. See proc(5) and Documentation/admin-guide/mm/transhuge.rst.
 */
import { parseFlatKeyed } from "../kernfile/flat_keyed.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";

export interface Vmstat {
  readonly [key: string]: number | undefined;
  readonly pgpgin?: number;
  readonly pgpgout?: number;
  readonly pswpin?: number;
  readonly pswpout?: number;
  readonly pgfault?: number;
  readonly pgmajfault?: number;
  readonly pgfree?: number;
  readonly oom_kill?: number;
}

export const vmstat: KernelFile<Vmstat> = { name: "vmstat", parse: parseFlatKeyed };
