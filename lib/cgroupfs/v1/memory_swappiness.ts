/**
 * memory.swappiness of one cgroup (v1): 0 to 100, since 5.8 to 200.
 *
 * See Documentation/admin-guide/cgroup-v1/memory.rst, section 5.3.
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export const memorySwappiness: KernelFile<number> = { name: "memory.swappiness", parse: parseCount };
