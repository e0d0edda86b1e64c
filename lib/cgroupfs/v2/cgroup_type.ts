/**
 * cgroup.type of one cgroup (v2). Since 4.14. Absent in the real root.
 *
 * In a threaded cgroup only threaded controllers (cpu, cpuset, pids) have files, and cgroup.procs cannot be read.
 * See Documentation/admin-guide/cgroup-v2.rst, "Threads".
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parseWord } from "../../kernfile/words.ts";

export type CgroupType = "domain" | "domain threaded" | "domain invalid" | "threaded";

const TYPES: readonly CgroupType[] = ["domain", "domain threaded", "domain invalid", "threaded"];

export const cgroupType: KernelFile<CgroupType> = {
  name: "cgroup.type",
  parse: (text, path) => parseWord(text, path, TYPES),
};
