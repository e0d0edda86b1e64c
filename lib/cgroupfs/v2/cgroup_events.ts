/**
 * cgroup.events and cgroup.freeze of one cgroup (v2).
 *
 * populated: 1 while a process lives in it or below; frozen: 1 when all of them are stopped, cgroup.freeze asks for it (since 5.2).
 * Absent in the real root. See Documentation/admin-guide/cgroup-v2.rst, "Core Interface Files".
 */
import { parseFlatKeyed } from "../../kernfile/flat_keyed.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parseSwitch } from "../../kernfile/switch.ts";

export interface CgroupEvents {
  readonly [key: string]: number | undefined;
  readonly populated?: number;
  readonly frozen?: number;
}

export const cgroupEvents: KernelFile<CgroupEvents> = { name: "cgroup.events", parse: parseFlatKeyed };
/** true: frozen, or about to be. */
export const cgroupFreeze: KernelFile<boolean> = { name: "cgroup.freeze", parse: parseSwitch };
