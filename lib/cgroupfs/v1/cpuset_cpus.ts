/**
 * cpuset.cpus, cpuset.mems and what they come to (v1): numbers of CPUs and memory nodes.
 *
 * effective_*: since 3.17, what applies with ancestors and without offline CPUs. On older kernels cpuset.cpus is itself what applies.
 * The requested lists are empty in a cgroup whose cpuset was never set. See Documentation/admin-guide/cgroup-v1/cpusets.rst.
 */
import { parseCpuList } from "../../kernfile/cpu_list.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export const cpusetCpus: KernelFile<readonly number[]> = { name: "cpuset.cpus", parse: parseCpuList };
export const cpusetEffectiveCpus: KernelFile<readonly number[]> = {
  name: "cpuset.effective_cpus",
  parse: parseCpuList,
};
export const cpusetMems: KernelFile<readonly number[]> = { name: "cpuset.mems", parse: parseCpuList };
export const cpusetEffectiveMems: KernelFile<readonly number[]> = {
  name: "cpuset.effective_mems",
  parse: parseCpuList,
};
