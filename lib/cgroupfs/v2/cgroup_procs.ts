/**
 * cgroup.procs and cgroup.threads of one cgroup: process and thread ids in the reader's pid namespace, without descendants' processes.
 *
 * v2 writes 0 for each process that the reader's pid namespace does not show: these are left out, so an empty list is not an empty cgroup.
 * v1 has cgroup.procs too. EOPNOTSUPP on cgroup.procs inside a threaded subtree. cgroup.threads: v2, since 4.14.
 * See Documentation/admin-guide/cgroup-v2.rst, "Core Interface Files".
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parsePidList } from "../../kernfile/pid_list.ts";

export const cgroupProcs: KernelFile<readonly number[]> = { name: "cgroup.procs", parse: parsePidList };
export const cgroupThreads: KernelFile<readonly number[]> = { name: "cgroup.threads", parse: parsePidList };
