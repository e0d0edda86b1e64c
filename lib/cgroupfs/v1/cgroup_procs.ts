/**
 * cgroup.procs and tasks of one cgroup (v1): process and thread ids in the reader's pid namespace, without descendants' processes.
 *
 * Processes that the reader's pid namespace does not show are left out by the kernel: an empty list is not an empty cgroup.
 * tasks is not sorted. See Documentation/admin-guide/cgroup-v1/cgroups.rst, section 1.2.
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parsePidList } from "../../kernfile/pid_list.ts";

export const cgroupProcs: KernelFile<readonly number[]> = { name: "cgroup.procs", parse: parsePidList };
export const tasks: KernelFile<readonly number[]> = { name: "tasks", parse: parsePidList };
