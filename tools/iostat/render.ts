/** The tables of iostat, as sysstat prints them. A number that is not known prints as -. */
import type { CpuShare } from "../../lib/container/cpu_share.ts";
import { fixed } from "../../lib/units/fixed.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import type { DeviceRates } from "./compute.ts";
import { type Colors, paintedName, paintedNumber } from "./render_colors.ts";

export interface Layout {
  readonly extended: boolean;
  /** Fewer columns: -s. */
  readonly short: boolean;
  /** The device's name last: -h, --pretty. */
  readonly pretty: boolean;
  /** Units and percent signs: -h, --human. */
  readonly human: boolean;
  /** One table although pretty. */
  readonly compact: boolean;
  readonly decimals: 0 | 1 | 2 | null;
  /** Blocks of 512 bytes with POSIXLY_CORRECT. */
  readonly unit: "kB" | "MB" | "Blk";
  /** null: none. */
  readonly colors: Colors | null;
}

const UNIT_BYTES = { kB: 1024, MB: 1024 * 1024, Blk: 512 };

export interface SystemLine {
  readonly sysname: string;
  readonly release: string;
  readonly nodename: string;
  readonly machine: string;
  /** null: not known. */
  readonly cpus: number | null;
  readonly date: string;
}

export function renderSystemLine(line: SystemLine): string {
  return `${line.sysname} ${line.release} (${line.nodename}) \t${line.date} \t_${line.machine}_\t(${line.cpus ?? "-"} CPU)\n`;
}

/** A column: heading, width, and the cell's kind: a plain number, a percentage, a size in kB, a total in bytes. */
interface Column {
  readonly heading: string;
  readonly width: number;
  readonly kind: "number" | "percent" | "rate" | "request" | "total";
  readonly value: (rates: DeviceRates) => number | null;
}

export function renderCpu(share: CpuShare | null, layout: Layout): string {
  const parts: readonly (number | null)[] =
    share === null
      ? [null, null, null, null, null, null]
      : [
          share.user,
          share.nice,
          share.system + share.irq + share.softirq,
          share.iowait,
          share.steal,
          share.idle,
        ].map((part) => (share.total > 0 ? part / share.total : 0));
  const cells = parts
    .map((part) => paintedNumber(percent(part, layout).padStart(8), part, layout.colors))
    .join("");
  return `avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n       ${cells}\n\n`;
}

export function renderDevices(devices: readonly DeviceRates[], layout: Layout): string {
  return columnGroups(layout)
    .map((columns) => renderTable(devices, columns, layout))
    .join("\n");
}

function renderTable(devices: readonly DeviceRates[], columns: readonly Column[], layout: Layout): string {
  const line = (name: string, cells: readonly string[]): string => {
    const text = cells.join("");
    return layout.pretty ? `${text}${name}\n` : `${name}${text}\n`;
  };
  const padded = (name: string): string => (layout.pretty ? ` ${name}` : name.padEnd(13));
  let text = line(
    padded("Device"),
    columns.map(({ heading, width }) => ` ${heading.padStart(width)}`),
  );
  for (const device of devices) {
    const cells = columns.map(({ value, kind, width }) => {
      const number = value(device);
      const text = ` ${cell(number, kind, layout).padStart(width)}`;
      return paintedNumber(text, kind === "percent" ? number : null, layout.colors);
    });
    text += line(paintedName(padded(safeText(device.name)), layout.colors), cells);
  }
  return text;
}

/** Extended reports of people are broken into one table for each kind of request. */
function columnGroups(layout: Layout): Column[][] {
  const { unit } = layout;
  const column = (heading: string, width: number, kind: Column["kind"], value: Column["value"]): Column => ({
    heading,
    width,
    kind,
    value,
  });
  if (!layout.extended) {
    const tps = column("tps", 8, "number", (one) => one.transfersPerSec);
    const read = column(`${unit}_read/s`, 12, "rate", (one) => one.readBytesPerSec);
    const readTotal = column(`${unit}_read`, 10, "total", (one) => one.readBytes);
    if (layout.short) {
      return [
        [
          tps,
          read,
          column(`${unit}_w+d/s`, 12, "rate", (one) => sum(one.writtenBytesPerSec, one.discardedBytesPerSec)),
          readTotal,
          column(`${unit}_w+d`, 10, "total", (one) => sum(one.writtenBytes, one.discardedBytes)),
        ],
      ];
    }
    return [
      [
        tps,
        read,
        column(`${unit}_wrtn/s`, 12, "rate", (one) => one.writtenBytesPerSec),
        column(`${unit}_dscd/s`, 12, "rate", (one) => one.discardedBytesPerSec),
        readTotal,
        column(`${unit}_wrtn`, 10, "total", (one) => one.writtenBytes),
        column(`${unit}_dscd`, 10, "total", (one) => one.discardedBytes),
      ],
    ];
  }
  const per = unit === "Blk" ? "sec" : unit;
  const queue = column("aqu-sz", 7, "number", (one) => one.queueLength);
  const busy = column("%util", 6, "percent", (one) => one.busyRatio);
  if (layout.short) {
    return [
      [
        column("tps", 8, "number", (one) => one.transfersPerSec),
        column(`${per}/s`, 9, "rate", (one) =>
          sum(sum(one.readBytesPerSec, one.writtenBytesPerSec), one.discardedBytesPerSec),
        ),
        column("rqm/s", 8, "number", (one) => one.mergedPerSec),
        column("await", 7, "number", (one) => one.waitMs),
        column("areq-sz", 8, "request", (one) => one.requestBytes),
        queue,
        busy,
      ],
    ];
  }
  const groups = [
    [
      column("r/s", 7, "number", (one) => one.readsPerSec),
      column(`r${per}/s`, 9, "rate", (one) => one.readBytesPerSec),
      column("rrqm/s", 8, "number", (one) => one.readsMergedPerSec),
      column("%rrqm", 6, "percent", (one) => one.readsMergedRatio),
      column("r_await", 7, "number", (one) => one.readWaitMs),
      column("rareq-sz", 8, "request", (one) => one.readRequestBytes),
    ],
    [
      column("w/s", 7, "number", (one) => one.writesPerSec),
      column(`w${per}/s`, 9, "rate", (one) => one.writtenBytesPerSec),
      column("wrqm/s", 8, "number", (one) => one.writesMergedPerSec),
      column("%wrqm", 6, "percent", (one) => one.writesMergedRatio),
      column("w_await", 7, "number", (one) => one.writeWaitMs),
      column("wareq-sz", 8, "request", (one) => one.writeRequestBytes),
    ],
    [
      column("d/s", 7, "number", (one) => one.discardsPerSec),
      column(`d${per}/s`, 9, "rate", (one) => one.discardedBytesPerSec),
      column("drqm/s", 8, "number", (one) => one.discardsMergedPerSec),
      column("%drqm", 6, "percent", (one) => one.discardsMergedRatio),
      column("d_await", 7, "number", (one) => one.discardWaitMs),
      column("dareq-sz", 8, "request", (one) => one.discardRequestBytes),
    ],
    [
      column("f/s", 7, "number", (one) => one.flushesPerSec),
      column("f_await", 7, "number", (one) => one.flushWaitMs),
      queue,
      busy,
    ],
  ];
  const isOne = !layout.pretty || layout.compact;
  return isOne ? [([] as Column[]).concat(...groups)] : groups;
}

function cell(value: number | null, kind: Column["kind"], layout: Layout): string {
  if (value === null) return "-";
  switch (kind) {
    case "number":
      return fixed(value, layout.decimals ?? 2);
    case "percent":
      return percent(value, layout);
    case "rate":
      return layout.human
        ? size(value, layout)
        : fixed(value / UNIT_BYTES[layout.unit], layout.decimals ?? 2);
    case "request":
      return layout.human ? size(value, layout) : fixed(value / 1024, layout.decimals ?? 2);
    case "total":
      return layout.human ? size(value, layout) : String(Math.trunc(value / UNIT_BYTES[layout.unit]));
  }
}

function percent(ratio: number | null, { human, decimals }: Layout): string {
  if (ratio === null) return "-";
  return human ? `${fixed(ratio * 100, decimals ?? 1)}%` : fixed(ratio * 100, decimals ?? 2);
}

/** From k upwards. */
function size(bytes: number, { decimals }: Layout): string {
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < SIZE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${fixed(value, decimals ?? 1)}${SIZE_UNITS.charAt(unit)}`;
}

const SIZE_UNITS = "kMGTP";

/** A kernel without discards has none. */
function sum(a: number | null, b: number | null): number | null {
  return a === null ? null : a + (b ?? 0);
}
