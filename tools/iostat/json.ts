/** iostat --json, -o JSON, --explain and --limits: loaded only when asked for. */
import type { Container } from "../../lib/container/container.ts";
import type { CpuShare } from "../../lib/container/cpu_share.ts";
import { explainContainer, explainFigures } from "../../lib/container/explain.ts";
import { type Figure, figure, type Term } from "../../lib/container/figure.ts";
import { type IoDeviceLimit, type IoLimits, ioLimitOf, readIoLimits } from "../../lib/container/io_limit.ts";
import { readPressure } from "../../lib/container/pressure.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";
import type { Pressure } from "../../lib/kernfile/pressure.ts";
import { fixed } from "../../lib/units/fixed.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import type { IostatSample } from "./collect.ts";
import type { DeviceRates, IostatModel } from "./compute.ts";
import type { Layout, SystemLine } from "./render.ts";

/** A limit per second and the share of it that was used; null: not known, "max": no limit in what is visible. */
export interface IostatLimit {
  readonly limitPerSec: Limit | null;
  readonly usedRatio: number | null;
}

export interface IostatDevice {
  readonly name: string;
  /** "8:0" */
  readonly number: string;
  readonly readsPerSec: number | null;
  readonly writesPerSec: number | null;
  readonly discardsPerSec: number | null;
  readonly readBytesPerSec: number | null;
  readonly writtenBytesPerSec: number | null;
  readonly discardedBytesPerSec: number | null;
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  readonly discardedBytes: number | null;
  readonly readRequestBytes: number | null;
  readonly writeRequestBytes: number | null;
  readonly readWaitMs: number | null;
  readonly writeWaitMs: number | null;
  readonly queueLength: number | null;
  readonly busyRatio: number | null;
  readonly limits: {
    readonly readBytes: IostatLimit;
    readonly writtenBytes: IostatLimit;
    readonly reads: IostatLimit;
    readonly writes: IostatLimit;
  };
}

/** `procg.iostat/v1`, one for each report. */
export interface IostatDocument {
  readonly schema: "procg.iostat/v1";
  /** null: since the start. */
  readonly intervalSeconds: number | null;
  /** Of capacity. */
  readonly cpu: {
    readonly userRatio: number | null;
    readonly niceRatio: number | null;
    readonly systemRatio: number | null;
    readonly iowaitRatio: number | null;
    readonly stealRatio: number | null;
    readonly idleRatio: number | null;
    readonly capacityCores: number | null;
  };
  readonly devices: readonly IostatDevice[];
  /** "io.stat", "blkio.throttle", "blkio.bfq", "blkio", "diskstats"; null: nothing could be read. */
  readonly source: string | null;
  /** false: a hidden ancestor may be tighter. */
  readonly limitsComplete: boolean;
  /** Percent of the last 10 seconds in which some, or all, tasks waited for IO, as parts of 1. */
  readonly pressure: { readonly some10Ratio: number | null; readonly full10Ratio: number | null };
}

export function iostatDocument(
  container: Container,
  model: IostatModel,
  source: string | null,
): IostatDocument {
  const limits = readIoLimits(container);
  const pressure = readPressure(container, "io").value;
  const share = model.cpu.total;
  const ratio = (part: (share: CpuShare) => number): number | null =>
    share === null || share.total <= 0 ? null : part(share) / share.total;
  return {
    schema: "procg.iostat/v1",
    intervalSeconds: model.intervalSeconds,
    cpu: {
      userRatio: ratio((one) => one.user),
      niceRatio: ratio((one) => one.nice),
      systemRatio: ratio((one) => one.system + one.irq + one.softirq),
      iowaitRatio: ratio((one) => one.iowait),
      stealRatio: ratio((one) => one.steal),
      idleRatio: ratio((one) => one.idle),
      capacityCores: model.cpu.capacityCores,
    },
    devices: model.devices.map((device) => deviceDocument(device, limits)),
    source,
    limitsComplete: limits.complete,
    pressure: {
      some10Ratio: pressure?.some == null ? null : pressure.some.avg10 / 100,
      full10Ratio: pressure?.full == null ? null : pressure.full.avg10 / 100,
    },
  };
}

export function iostatJson(container: Container, sample: IostatSample, model: IostatModel): string {
  const source = sample.io === null ? "diskstats" : sample.io.source;
  return `${JSON.stringify(iostatDocument(container, model, source))}\n`;
}

const LIMITED: readonly (readonly [keyof IoDeviceLimit, keyof DeviceRates])[] = [
  ["readBytesPerSec", "readBytesPerSec"],
  ["writtenBytesPerSec", "writtenBytesPerSec"],
  ["readsPerSec", "readsPerSec"],
  ["writesPerSec", "writesPerSec"],
];

function limitsOf(device: DeviceRates, limits: IoLimits): IostatLimit[] {
  return LIMITED.map(([limitKey, rateKey]) => {
    const limitPerSec = ioLimitOf(limits, device.number, limitKey);
    const rate = device[rateKey];
    const isKnown = typeof limitPerSec === "number" && limitPerSec > 0 && typeof rate === "number";
    return { limitPerSec, usedRatio: isKnown ? rate / limitPerSec : null };
  });
}

const NO_LIMIT: IostatLimit = { limitPerSec: null, usedRatio: null };

function deviceDocument(device: DeviceRates, limits: IoLimits): IostatDevice {
  const [readBytes = NO_LIMIT, writtenBytes = NO_LIMIT, reads = NO_LIMIT, writes = NO_LIMIT] = limitsOf(
    device,
    limits,
  );
  return {
    name: device.name,
    number: device.number,
    readsPerSec: device.readsPerSec,
    writesPerSec: device.writesPerSec,
    discardsPerSec: device.discardsPerSec,
    readBytesPerSec: device.readBytesPerSec,
    writtenBytesPerSec: device.writtenBytesPerSec,
    discardedBytesPerSec: device.discardedBytesPerSec,
    readBytes: device.readBytes,
    writtenBytes: device.writtenBytes,
    discardedBytes: device.discardedBytes,
    readRequestBytes: device.readRequestBytes,
    writeRequestBytes: device.writeRequestBytes,
    readWaitMs: device.readWaitMs,
    writeWaitMs: device.writeWaitMs,
    queueLength: device.queueLength,
    busyRatio: device.busyRatio,
    limits: { readBytes, writtenBytes, reads, writes },
  };
}

/** --limits: behind the device table. */
export function renderLimits(container: Container, model: IostatModel): string {
  const limits = readIoLimits(container);
  const pressure = readPressure(container, "io").value;
  const head = ["rkB/s-max", "%rkB", "wkB/s-max", "%wkB", "r/s-max", "%r", "w/s-max", "%w"];
  const widths = [12, 6, 12, 6, 10, 6, 10, 6];
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(13)}${cells.map((cell, i) => ` ${cell.padStart(widths[i] ?? 0)}`).join("")}\n`;
  let text = line("Limits", head);
  for (const device of model.devices) {
    const cells = limitsOf(device, limits).flatMap(({ limitPerSec, usedRatio }, i) => [
      limitPerSec === null
        ? "-"
        : limitPerSec === "max"
          ? "max"
          : fixed(i < 2 ? limitPerSec / 1024 : limitPerSec, 2),
      usedRatio === null ? "-" : fixed(usedRatio * 100, 1),
    ]);
    text += line(safeText(device.name), cells);
  }
  return `${text}\nPressure       some: ${share(pressure?.some)} full: ${share(pressure?.full)} of the last 10 s\n\n\n`;
}

function share(line: Pressure["some"] | undefined): string {
  return line === null || line === undefined ? "-" : `${fixed(line.avg10, 2)}%`;
}

export function sysstatHead(line: SystemLine, skipsFirst: boolean): string {
  const entry = (key: string, value: string | number | null): string =>
    `\t\t\t${JSON.stringify(key)}: ${JSON.stringify(value)},\n`;
  return (
    '{"sysstat": {\n\t"hosts": [\n\t\t{\n' +
    entry("nodename", line.nodename) +
    entry("sysname", line.sysname) +
    entry("release", line.release) +
    entry("machine", line.machine) +
    entry("number-of-cpus", line.cpus) +
    entry("date", line.date) +
    `\t\t\t"statistics": [\n${skipsFirst ? "\n" : ""}`
  );
}

export function sysstatTail(hasReports: boolean): string {
  return `${hasReports ? "\n" : ""}\t\t\t]\n\t\t}\n\t]\n}}\n`;
}

/** One element of "statistics", without the end of its line: another may follow. */
export function sysstatReport(
  wanted: { readonly cpu: boolean; readonly disk: boolean; readonly layout: Layout },
  model: IostatModel,
  timestamp: string | null,
  isFirst: boolean,
): string {
  const parts: string[] = [];
  if (timestamp !== null) parts.push(`\t\t\t\t\t"timestamp": ${JSON.stringify(timestamp)}`);
  if (wanted.cpu) parts.push(`\t\t\t\t\t"avg-cpu":  ${cpuObject(model.cpu.total)}`);
  if (wanted.disk) {
    const rows = model.devices.map((device) => `\t\t\t\t\t\t${deviceObject(device, wanted.layout)}`);
    parts.push(`\t\t\t\t\t"disk": [\n${rows.join(",\n")}\n\t\t\t\t\t]`);
  }
  return `${isFirst ? "" : ",\n"}\t\t\t\t{\n${parts.join(",\n")}\n\t\t\t\t}`;
}

function cpuObject(share: CpuShare | null): string {
  const part = (value: (share: CpuShare) => number): number | null =>
    share === null ? null : share.total > 0 ? (value(share) / share.total) * 100 : 0;
  return object([
    ["user", decimal(part((one) => one.user))],
    ["nice", decimal(part((one) => one.nice))],
    ["system", decimal(part((one) => one.system + one.irq + one.softirq))],
    ["iowait", decimal(part((one) => one.iowait))],
    ["steal", decimal(part((one) => one.steal))],
    ["idle", decimal(part((one) => one.idle))],
  ]);
}

const UNIT_BYTES = { kB: 1024, MB: 1024 * 1024, Blk: 512 };

function deviceObject(device: DeviceRates, { extended, short, unit }: Layout): string {
  const bytes = UNIT_BYTES[unit];
  const rate = (perSec: number | null): string => decimal(perSec === null ? null : perSec / bytes);
  const total = (value: number | null): string =>
    value === null ? "null" : String(Math.trunc(value / bytes));
  const percent = (ratio: number | null): string => decimal(ratio === null ? null : ratio * 100);
  const kilo = (value: number | null): string => decimal(value === null ? null : value / 1024);
  const name: [string, string] = ["disk_device", JSON.stringify(device.name)];
  const per = unit === "Blk" ? "sec" : unit;
  if (!extended) {
    return object([
      name,
      ["tps", decimal(device.transfersPerSec)],
      [`${unit}_read/s`, rate(device.readBytesPerSec)],
      [`${unit}_wrtn/s`, rate(device.writtenBytesPerSec)],
      [`${unit}_dscd/s`, rate(device.discardedBytesPerSec)],
      [`${unit}_read`, total(device.readBytes)],
      [`${unit}_wrtn`, total(device.writtenBytes)],
      [`${unit}_dscd`, total(device.discardedBytes)],
    ]);
  }
  const queue: readonly (readonly [string, string])[] = [
    ["aqu-sz", decimal(device.queueLength)],
    ["util", percent(device.busyRatio)],
  ];
  if (short) {
    const { readBytesPerSec, writtenBytesPerSec, discardedBytesPerSec } = device;
    const all =
      readBytesPerSec === null || writtenBytesPerSec === null
        ? null
        : readBytesPerSec + writtenBytesPerSec + (discardedBytesPerSec ?? 0);
    return object([
      name,
      ["tps", decimal(device.transfersPerSec)],
      [`${per}/s`, rate(all)],
      ["rqm/s", decimal(device.mergedPerSec)],
      ["await", decimal(device.waitMs)],
      ["areq-sz", kilo(device.requestBytes)],
      ...queue,
    ]);
  }
  return object([
    name,
    ["r/s", decimal(device.readsPerSec)],
    ["w/s", decimal(device.writesPerSec)],
    ["d/s", decimal(device.discardsPerSec)],
    ["f/s", decimal(device.flushesPerSec)],
    [`r${per}/s`, rate(device.readBytesPerSec)],
    [`w${per}/s`, rate(device.writtenBytesPerSec)],
    [`d${per}/s`, rate(device.discardedBytesPerSec)],
    ["rrqm/s", decimal(device.readsMergedPerSec)],
    ["wrqm/s", decimal(device.writesMergedPerSec)],
    ["drqm/s", decimal(device.discardsMergedPerSec)],
    ["rrqm", percent(device.readsMergedRatio)],
    ["wrqm", percent(device.writesMergedRatio)],
    ["drqm", percent(device.discardsMergedRatio)],
    ["r_await", decimal(device.readWaitMs)],
    ["w_await", decimal(device.writeWaitMs)],
    ["d_await", decimal(device.discardWaitMs)],
    ["f_await", decimal(device.flushWaitMs)],
    ["rareq-sz", kilo(device.readRequestBytes)],
    ["wareq-sz", kilo(device.writeRequestBytes)],
    ["dareq-sz", kilo(device.discardRequestBytes)],
    ...queue,
  ]);
}

function object(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(", ")}}`;
}

function decimal(value: number | null): string {
  return value === null ? "null" : fixed(value, 2);
}

export function explainIostat(container: Container, sample: IostatSample, model: IostatModel): string {
  let text = explainContainer(container);
  const { io } = sample;
  const files = io === null ? ["/proc/diskstats"] : io.from;
  const since = model.intervalSeconds === null ? "since the start" : `over ${model.intervalSeconds} s`;
  if (io !== null) {
    text += `IO counters from ${io.source ?? "nowhere"}\n`;
    for (const problem of io.problems) text += `    ${problem}\n`;
    if (io.ancestor !== null)
      text += `    they are of ${io.ancestor}, which may hold more than this container\n`;
    if (io.addedUp) text += "    this kernel has no recursive files: the cgroups below were added up\n";
    if (io.source !== null && io.source !== "io.stat" && io.source !== "diskstats") {
      text +=
        "    cgroup v1: writes through the page cache are not attributed to a container, not even when they are flushed\n" +
        "    newer kernels count a device only after a limit has been set for it in some cgroup\n";
    }
  }
  const limits = readIoLimits(container);
  for (const device of model.devices) {
    const from = (value: number | null): Term[] =>
      files.map((path) => ({
        path,
        key: device.number,
        value,
        missing: value === null ? "not known" : null,
      }));
    const rate = (value: number | null, what: string): Figure =>
      figure(value, `${what} / time, ${since}`, from(value));
    text += explainFigures(`${device.name} (${device.number})`, [
      ["reads per second", rate(device.readsPerSec, "reads")],
      ["writes per second", rate(device.writesPerSec, "writes")],
      ["discards per second", rate(device.discardsPerSec, "discards")],
      ["bytes read per second", rate(device.readBytesPerSec, "bytes read")],
      ["bytes written per second", rate(device.writtenBytesPerSec, "bytes written")],
      [
        "await, aqu-sz, %util",
        figure(
          device.busyRatio,
          io === null ? "busy time / time" : "not known: the kernel does not count it by cgroup",
          [],
        ),
      ],
    ]);
    for (const [key] of LIMITED) {
      const limit = ioLimitOf(limits, device.number, key);
      text += `limit of ${key} = ${limit ?? "-"}${limits.complete ? "" : " (a hidden ancestor may be tighter)"}\n`;
    }
  }
  const pressure = readPressure(container, "io");
  const some = pressure.value?.some?.avg10;
  return `${text}${pressure.path}: ${some === undefined ? (pressure.problem ?? "absent") : `some avg10=${some}`}\n`;
}
