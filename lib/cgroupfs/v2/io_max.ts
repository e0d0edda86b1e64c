/**
 * io.max of one cgroup (v2), by device (MAJOR:MINOR). Bytes and operations per second, or "max".
 *
 * Only devices with a limit have a line: empty is no limit. Absent in the real root and where the io controller is not enabled.
 * See Documentation/admin-guide/cgroup-v2.rst, "io.max".
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, requireLimit } from "../../kernfile/limit.ts";
import { parseNestedKeyed } from "../../kernfile/nested_keyed.ts";

export interface IoMaxDevice {
  readonly [key: string]: Limit | undefined;
  readonly rbps?: Limit;
  readonly wbps?: Limit;
  readonly riops?: Limit;
  readonly wiops?: Limit;
}

export const ioMax: KernelFile<ReadonlyMap<string, IoMaxDevice>> = {
  name: "io.max",
  parse: (text, path) => parseNestedKeyed(text, path, requireLimit),
};
