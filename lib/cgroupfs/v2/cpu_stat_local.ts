/**
 * cpu.stat.local of one cgroup (v2): microseconds for which the cgroup itself was throttled, by its own quota or an ancestor's.
 *
 * Since 6.6. The file is empty where the cpu controller is not enabled, and absent in the real root.
 * See Documentation/admin-guide/cgroup-v2.rst, "cpu.stat.local".
 */
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export interface CpuStatLocal {
  readonly throttled_usec: number | null;
}

export const cpuStatLocal: KernelFile<CpuStatLocal> = { name: "cpu.stat.local", parse: parseCpuStatLocal };

function parseCpuStatLocal(text: string, path: string): CpuStatLocal {
  if (text === "") return { throttled_usec: null };
  return { throttled_usec: parseFlatKeyed(text, path).throttled_usec ?? null };
}
