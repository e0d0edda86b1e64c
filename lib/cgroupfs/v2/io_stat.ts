/**
 * io.stat of one cgroup (v2), with all descendants, by device (MAJOR:MINOR). Bytes and operations since the cgroup was made.
 *
 * Empty before the first IO; a device may have no counters. Discards (dbytes, dios): since 4.20. Present in the real root since 5.5; absent where
 * the io controller is not enabled. See Documentation/admin-guide/cgroup-v2.rst, "io.stat".
 */
import { requireDecimal } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parseNestedKeyed } from "../../kernfile/nested_keyed.ts";

export interface IoStatDevice {
  readonly [key: string]: number | undefined;
  readonly rbytes?: number;
  readonly wbytes?: number;
  readonly rios?: number;
  readonly wios?: number;
  readonly dbytes?: number;
  readonly dios?: number;
}

export const ioStat: KernelFile<ReadonlyMap<string, IoStatDevice>> = {
  name: "io.stat",
  // io.cost adds decimals (cost.vrate=100.00), io.latency depth=max, which is left out.
  parse: (text, path) =>
    parseNestedKeyed(text, path, (field, _path, line) =>
      field === "max" ? null : requireDecimal(field, path, line),
    ),
};
