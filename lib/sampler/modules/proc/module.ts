/** Processes by name (their comm), summed; without a name the container's init. CPU and memory as shares of what the container may use. */
import { attempt } from "../../../kernfile/kernel_file.ts";
import { pidIo } from "../../../procfs/pid_io.ts";
import { processNumber, scanProcesses } from "../../../procfs/process_scan.ts";
import type { Module, RawItem, RawValue } from "../../module.ts";
import { eachItem, moved, percent, perSecond } from "../../rate.ts";
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
  const table = scanProcesses(system, "/proc");
  if (typeof table === "number") return [];
  const wanted = processNames.length > 0 ? [...processNames] : initName(context);
  const cpu = context.cpu();
  const cores = cpu?.cgroup?.limit.capacityCores.value ?? cpu?.proc?.value?.cpus.length ?? null;
  const capacity = cores === null ? null : Math.round(cores * 1e6);
  const total = context.memory()?.totalBytes.value ?? null;
  return wanted.map((name) => {
    let [user, system_, rss, count] = [0, 0, 0, 0];
    let [readBytes, writtenBytes]: RawValue[] = [0, 0];
    for (let row = 0; row < table.count; row++) {
      if (table.comms[row] !== name) continue;
      count++;
      const number = (column: Parameters<typeof processNumber>[2]) => processNumber(table, row, column);
      user += number("utime") + number("cutime");
      system_ += number("stime") + number("cstime");
      rss += number("rss") * system.pageSizeBytes;
      const io = attempt(system, `/proc/${number("pid")}`, pidIo).value;
      readBytes =
        io === null || readBytes === null || readBytes === undefined ? null : readBytes + io.read_bytes;
      writtenBytes =
        io === null || writtenBytes === null || writtenBytes === undefined
          ? null
          : writtenBytes + io.write_bytes;
    }
    if (count === 0) return { name, values: FIELDS.map(() => null) };
    const ticks = system.clockTicksPerSecond;
    return {
      name,
      values: [user, system_, rss, readBytes ?? null, writtenBytes ?? null, capacity, total, ticks],
    };
  });
}

function initName({ system }: ReadContext): string[] {
  const comm = system.readText("/proc/1/comm");
  return typeof comm === "number" ? [] : [comm.replace(/\n$/, "")];
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
