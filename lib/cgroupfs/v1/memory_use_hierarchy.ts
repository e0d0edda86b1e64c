/**
 * memory.use_hierarchy of one cgroup (v1): 1 where usage and limits include the descendants, else 0.
 *
 * Always 1 since 5.11. See Documentation/admin-guide/cgroup-v1/memory.rst, section 6.
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export const memoryUseHierarchy: KernelFile<number> = { name: "memory.use_hierarchy", parse: parseCount };
