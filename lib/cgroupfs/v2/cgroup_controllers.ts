/**
 * cgroup.controllers (available here) and cgroup.subtree_control (enabled for the children) of one cgroup (v2): names.
 *
 * Either may be empty. See Documentation/admin-guide/cgroup-v2.rst, "Core Interface Files".
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parseWords } from "../../kernfile/words.ts";

export const cgroupControllers: KernelFile<readonly string[]> = {
  name: "cgroup.controllers",
  parse: parseWords,
};
export const cgroupSubtreeControl: KernelFile<readonly string[]> = {
  name: "cgroup.subtree_control",
  parse: parseWords,
};
