/** Processes by name (their comm), summed; without a name the container's init. CPU and memory as shares of what the container may use. */
import { attempt } from "../../../kernfile/kernel_file.ts";
import { pidIo } from "../../../procfs/pid_io.ts";
import { pidStat } from "../../../procfs/pid_stat.ts";
import { processNumber, scanProcesses } from "../../../procfs/process_scan.ts";
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, moved, percent, perSecond, sum } from "../../rate.ts";
import type { ReadContext } from "../../read_context.ts";

const columns = [
  { name: "user", help: "% of the container's capacity in user mode, ended children too", show: "summary" },
  { name: "sys", help: "% of the container's capacity in the kernel", show: "summary" },
  { name: "total", help: "CPU ticks that the container could have had", show: "hidden", merge: "mean" },
  { name: "mem", help: "resident memory * 100 / the container's memory", show: "summary" },
  { name: "RSS", help: "bytes of resident memory" },
  { name: "read", help: "bytes read from devices per second" },
  { name: "write", help: "bytes written to devices per second" },
] as const;

function read(context: ReadContext): RawItem[] {
  const { system, processNames } = context;
  if (processNames.length === 0) {
    // One process: no need to look at all.
    const stat = attempt(system, "/proc/1", pidStat).value;
    if (stat === null) return [];
    return [{ name: stat.comm, values: valuesOf(context, [stat]) }];
  }
  const table = scanProcesses(system, "/proc");
  if (typeof table === "number") return [];
  return processNames.map((name) => {
    const found: OneProcess[] = [];
    for (let row = 0; row < table.count; row++) {
      if (table.comms[row] !== name) continue;
      const number = (column: keyof OneProcess): number => processNumber(table, row, column);
      found.push({
        pid: number("pid"),
        utime: number("utime"),
        stime: number("stime"),
        cutime: number("cutime"),
        cstime: number("cstime"),
        rss: number("rss"),
      });
    }
    return { name, values: found.length === 0 ? FIELDS.map(() => null) : valuesOf(context, found) };
  });
}

/** Ticks and pages. */
interface OneProcess {
  readonly pid: number;
  readonly utime: number;
  readonly stime: number;
  readonly cutime: number;
  readonly cstime: number;
  readonly rss: number;
}

function valuesOf(context: ReadContext, processes: readonly OneProcess[]): RawValue[] {
  const { system } = context;
  const cpu = context.cpu();
  const cores = cpu?.cgroup?.limit.capacityCores.value ?? cpu?.proc?.value?.cpus.length ?? null;
  const total = context.memory()?.totalBytes.value ?? null;
  const add = (pick: (one: OneProcess) => number): number =>
    processes.reduce((all, one) => all + pick(one), 0);
  // Of processes of others it cannot be read, and then not the sum either.
  const io = processes.map((one) => attempt(system, `/proc/${one.pid}`, pidIo).value);
  return [
    add((one) => one.utime + one.cutime),
    add((one) => one.stime + one.cstime),
    add((one) => one.rss) * system.pageSizeBytes,
    sum(...io.map((one) => one?.read_bytes ?? null)),
    sum(...io.map((one) => one?.write_bytes ?? null)),
    cores === null ? null : Math.round(cores * 1e6),
    total,
    system.clockTicksPerSecond,
  ];
}

const FIELDS = [
  "userTicks",
  "systemTicks",
  "rss",
  "readBytes",
  "writtenBytes",
  "capacityMicroCores",
  "memoryTotal",
  "ticksPerSecond",
];

export const procModule: Module = {
  name: "proc",
  summary: "processes of one name",
  columns,
  group: { name: "proc", fields: FIELDS, read },
  hasItems: true,
  compute: eachItem((before, after, seconds) => {
    const capacity = after[5] ?? null;
    const rate = after[7] ?? null;
    const possible = capacity === null || rate === null ? null : (capacity / 1e6) * seconds * rate;
    return [
      percent(moved(before, after, 0), possible),
      percent(moved(before, after, 1), possible),
      before === null ? null : possible,
      percent(after[2] ?? null, after[6] ?? null),
      after[2] ?? null,
      perSecond(moved(before, after, 3), seconds),
      perSecond(moved(before, after, 4), seconds),
    ];
  }),
};
