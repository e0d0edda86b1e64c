/**
 * memory.use_hierarchy of one cgroup (v1): true where usage and limits include the descendants.
 *
 * Always 1 since 5.11. See Documentation/admin-guide/cgroup-v1/memory.rst, section 6.
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parseSwitch } from "../../kernfile/switch.ts";

export const memoryUseHierarchy: KernelFile<boolean> = { name: "memory.use_hierarchy", parse: parseSwitch };
