/**
 * Block IO by device. A container: counts and bytes of its cgroup; merges, queue and times exist only for the whole device and are unknown.
 * The machine: all of it from /proc/diskstats. Devices that have done no IO are left out.
 */
import { blockDeviceNames } from "../../../container/block_devices.ts";
import { readIo } from "../../../container/io.ts";
import { attempt } from "../../../kernfile/kernel_file.ts";
import { type Diskstat, diskstats } from "../../../procfs/diskstats.ts";
import type { Module, RawGroup, RawItem, RawValue } from "../../module.ts";
import { eachItem, moved, percent, perSecond, quotient, sum, type Values, whole } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "rrqms", help: "reads merged per second; unknown in a cgroup" },
  { name: "wrqms", help: "writes merged per second; unknown in a cgroup" },
  { name: "%rrqm", help: "merged reads * 100 / all reads; unknown in a cgroup", merge: "mean" },
  { name: "%wrqm", help: "merged writes * 100 / all writes; unknown in a cgroup", merge: "mean" },
  { name: "rs", help: "reads per second" },
  { name: "ws", help: "writes per second" },
  { name: "rsecs", help: "sectors of 512 bytes read per second" },
  { name: "wsecs", help: "sectors of 512 bytes written per second" },
  { name: "rqsize", help: "KiB per request", merge: "mean" },
  { name: "rarqsz", help: "KiB per read", merge: "mean" },
  { name: "warqsz", help: "KiB per write", merge: "mean" },
  { name: "qusize", help: "requests in flight on average; unknown in a cgroup" },
  { name: "await", help: "ms per request; unknown in a cgroup", merge: "mean" },
  { name: "rawait", help: "ms per read; unknown in a cgroup", merge: "mean" },
  { name: "wawait", help: "ms per write; unknown in a cgroup", merge: "mean" },
  { name: "svctm", help: "busy ms per request; unknown in a cgroup", merge: "mean" },
  {
    name: "util",
    help: "% of the time with a request in flight, at most 100; unknown in a cgroup",
    show: "summary",
    merge: "mean",
  },
] as const;

const FIELDS = [
  "readBytes",
  "writtenBytes",
  "reads",
  "writes",
  "readsMerged",
  "writesMerged",
  "readUsec",
  "writeUsec",
  "busyUsec",
  "queueUsec",
];

function read(context: ReadContext): RawItem[] {
  const { container, system } = context;
  const sample = readIo(container);
  const nameOf = blockDeviceNames(container);
  const rows = sample.source === "diskstats" ? (attempt(system, "/proc", diskstats).value ?? []) : [];
  const items: RawItem[] = [];
  for (const [device, counters] of sample.devices) {
    if ((counters.reads ?? 0) === 0 && (counters.writes ?? 0) === 0) continue;
    const row = rows.find((one) => `${one.major}:${one.minor}` === device);
    const { readBytes, writtenBytes, reads, writes } = counters;
    items.push({
      name: nameOf(device).name,
      values: [readBytes, writtenBytes, reads, writes, ...deviceTimes(row)].map((one) => whole(one)),
    });
  }
  return items;
}

function deviceTimes(row: Diskstat | undefined): RawValue[] {
  if (row === undefined) return [null, null, null, null, null, null];
  return [row.readsMerged, row.writesMerged, row.readUsec, row.writeUsec, row.busyUsec, row.queueUsec];
}

export const ioGroup: RawGroup = { name: "io", fields: FIELDS, read };

export const ioModule: Module = {
  name: "io",
  summary: "block IO by device",
  columns,
  group: ioGroup,
  hasItems: true,
  compute: eachItem((before, after, seconds) => {
    const readBytes = moved(before, after, 0);
    const written = moved(before, after, 1);
    const reads = moved(before, after, 2);
    const writes = moved(before, after, 3);
    const readsMerged = moved(before, after, 4);
    const writesMerged = moved(before, after, 5);
    const ios = sum(reads, writes);
    const bytes = sum(readBytes, written);
    const values = [
      perSecond(readsMerged, seconds),
      perSecond(writesMerged, seconds),
      percent(readsMerged, sum(readsMerged, reads), 0),
      percent(writesMerged, sum(writesMerged, writes), 0),
      perSecond(reads, seconds),
      perSecond(writes, seconds),
      perSecond(readBytes, seconds * 512),
      perSecond(written, seconds * 512),
      quotient(bytes === null ? null : bytes / 1024, ios, 0),
      quotient(readBytes === null ? null : readBytes / 1024, reads, 0),
      quotient(written === null ? null : written / 1024, writes, 0),
    ];
    const rest = times(before, after, seconds, ios, reads, writes);
    for (let i = 0; i < rest.length; i++) values.push(rest[i] ?? null);
    return values;
  }),
};

/** qusize, await, rawait, wawait, svctm, util. */
function times(
  before: Values | null,
  after: Values,
  seconds: number,
  ios: RawValue,
  reads: RawValue,
  writes: RawValue,
): readonly RawValue[] {
  const readMs = milli(moved(before, after, 6));
  const writeMs = milli(moved(before, after, 7));
  const busyUsec = moved(before, after, 8);
  const queueUsec = moved(before, after, 9);
  // As in every cgroup.
  if (readMs === null && writeMs === null && busyUsec === null && queueUsec === null) return NO_TIMES;
  const busy = percent(busyUsec, seconds * 1e6);
  return [
    quotient(queueUsec, seconds * 1e6),
    quotient(sum(readMs, writeMs), ios, 0),
    quotient(readMs, reads, 0),
    quotient(writeMs, writes, 0),
    quotient(milli(busyUsec), ios, 0),
    busy === null ? null : Math.min(100, busy),
  ];
}

const NO_TIMES = [null, null, null, null, null, null];

function milli(usec: RawValue): RawValue {
  return usec === null ? null : usec / 1000;
}
