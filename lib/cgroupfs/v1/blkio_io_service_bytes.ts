/**
 * blkio.throttle.io_service_bytes, io_serviced and their like of one cgroup (v1), by device (MAJOR:MINOR). Bytes or operations.
 *
 * "254:0 Read 114688" per device and kind, then "Total N". Buffered writes are counted in the root cgroup. The throttle files count every bio, without
 * descendants but for _recursive (since 4.20). blkio.io_* belong to CFQ (up to 4.20), blkio.bfq.* to BFQ, each for its devices only.
 * Discard: since 4.20. See Documentation/admin-guide/cgroup-v1/blkio-controller.rst.
 */
import { quote, toCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { splitLines } from "../../kernfile/lines.ts";
import { isDevice } from "../../kernfile/nested_keyed.ts";
import { ParseError } from "../../kernfile/parse_error.ts";

export interface BlkioCounters {
  readonly [key: string]: number | undefined;
  readonly Read?: number;
  readonly Write?: number;
  readonly Sync?: number;
  readonly Async?: number;
  readonly Discard?: number;
  readonly Total?: number;
}

type BlkioFile = KernelFile<ReadonlyMap<string, BlkioCounters>>;

export const blkioThrottleIoServiceBytes = blkioFile("blkio.throttle.io_service_bytes");
export const blkioThrottleIoServiceBytesRecursive = blkioFile("blkio.throttle.io_service_bytes_recursive");
export const blkioThrottleIoServiced = blkioFile("blkio.throttle.io_serviced");
export const blkioThrottleIoServicedRecursive = blkioFile("blkio.throttle.io_serviced_recursive");
export const blkioIoServiceBytes = blkioFile("blkio.io_service_bytes");
export const blkioIoServiceBytesRecursive = blkioFile("blkio.io_service_bytes_recursive");
export const blkioIoServiced = blkioFile("blkio.io_serviced");
export const blkioIoServicedRecursive = blkioFile("blkio.io_serviced_recursive");
export const blkioBfqIoServiceBytes = blkioFile("blkio.bfq.io_service_bytes");
export const blkioBfqIoServiceBytesRecursive = blkioFile("blkio.bfq.io_service_bytes_recursive");
export const blkioBfqIoServiced = blkioFile("blkio.bfq.io_serviced");
export const blkioBfqIoServicedRecursive = blkioFile("blkio.bfq.io_serviced_recursive");

function blkioFile(name: string): BlkioFile {
  return { name, parse: parseBlkioTable };
}

/** Empty text, or "Total 0" alone: no IO yet. Throws ParseError. */
function parseBlkioTable(text: string, path: string): Map<string, BlkioCounters> {
  const devices = new Map<string, Record<string, number>>();
  let number = 0;
  for (const line of splitLines(text)) {
    number++;
    const fields = line.split(" ");
    const value = toCount(fields[fields.length - 1] ?? "");
    const [device = "", kind = ""] = fields;
    if (value >= 0 && fields.length === 2 && device === "Total") continue;
    if (value < 0 || fields.length !== 3 || kind === "" || !isDevice(device)) {
      throw new ParseError(path, number, `not "MAJOR:MINOR KIND COUNT": ${quote(line)}`);
    }
    let counters = devices.get(device);
    if (counters === undefined) {
      counters = Object.create(null) as Record<string, number>;
      devices.set(device, counters);
    }
    counters[kind] = value;
  }
  return devices;
}
