/**
 * io.weight of one cgroup (v2): "default 100", then devices with a weight of their own. 1 to 10000; a share, not a limit.
 *
 * Absent in the real root, where the io controller is not enabled, and without CONFIG_BLK_CGROUP_IOCOST or BFQ (io.bfq.weight, the same format).
 * See Documentation/admin-guide/cgroup-v2.rst, "io.weight".
 */
import { requireCount } from "../../kernfile/count.ts";
import { parseDeviceCounts } from "../../kernfile/device_counts.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { ParseError } from "../../kernfile/parse_error.ts";

export interface IoWeight {
  readonly default: number;
  /** By device, MAJOR:MINOR. */
  readonly devices: ReadonlyMap<string, number>;
}

export const ioWeight: KernelFile<IoWeight> = { name: "io.weight", parse: parseIoWeight };
export const ioBfqWeight: KernelFile<IoWeight> = { name: "io.bfq.weight", parse: parseIoWeight };

const DEFAULT = "default ";

function parseIoWeight(text: string, path: string): IoWeight {
  if (!text.startsWith(DEFAULT)) throw new ParseError(path, 1, "no default");
  const newline = text.indexOf("\n");
  const end = newline < 0 ? text.length : newline;
  return {
    default: requireCount(text.slice(DEFAULT.length, end), path, 1),
    devices: parseDeviceCounts(text.slice(end + 1), path),
  };
}
