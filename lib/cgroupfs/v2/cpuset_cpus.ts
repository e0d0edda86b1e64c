/**
 * cpuset.cpus, cpuset.mems and what they come to (v2): numbers of CPUs and memory nodes.
 *
 * The requested lists are empty where the cgroup inherits; .effective is what applies, ancestors included, and has no offline CPU.
 * .effective is present in the real root too; all are absent where the cpuset controller is not enabled. Since 5.0.
 * See Documentation/admin-guide/cgroup-v2.rst, "Cpuset Interface Files".
 */
import { parseCpuList } from "../../kernfile/cpu_list.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export const cpusetCpus: KernelFile<readonly number[]> = { name: "cpuset.cpus", parse: parseCpuList };
export const cpusetCpusEffective: KernelFile<readonly number[]> = {
  name: "cpuset.cpus.effective",
  parse: parseCpuList,
};
export const cpusetMems: KernelFile<readonly number[]> = { name: "cpuset.mems", parse: parseCpuList };
export const cpusetMemsEffective: KernelFile<readonly number[]> = {
  name: "cpuset.mems.effective",
  parse: parseCpuList,
};
