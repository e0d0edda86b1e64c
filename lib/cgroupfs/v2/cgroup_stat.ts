/**
 * cgroup.stat of one cgroup (v2): how many cgroups are below it, visible and dying. Since 4.14; newer kernels add nr_subsys_*.
 *
 * See Documentation/admin-guide/cgroup-v2.rst, "cgroup.stat".
 */
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export interface CgroupStat {
  readonly [key: string]: number | undefined;
  readonly nr_descendants?: number;
  readonly nr_dying_descendants?: number;
}

export const cgroupStat: KernelFile<CgroupStat> = { name: "cgroup.stat", parse: parseFlatKeyed };
