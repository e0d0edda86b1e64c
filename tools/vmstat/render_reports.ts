/** The rarer reports of vmstat, as procps-ng prints them. A number that is not known prints as -. */

/** Bytes and microseconds. */
export interface Disk {
  readonly name: string;
  readonly reads: number | null;
  readonly readsMerged: number | null;
  readonly readBytes: number | null;
  readonly readUsec: number | null;
  readonly writes: number | null;
  readonly writesMerged: number | null;
  readonly writtenBytes: number | null;
  readonly writeUsec: number | null;
  readonly inFlight: number | null;
  readonly busyUsec: number | null;
  readonly queueUsec: number | null;
}

export interface Slab {
  readonly name: string;
  readonly activeObjects: number;
  readonly objects: number;
  readonly objectBytes: number;
  readonly objectsPerSlab: number;
}

export interface Stats {
  readonly totalBytes: number | null;
  readonly usedBytes: number | null;
  readonly activeBytes: number | null;
  readonly inactiveBytes: number | null;
  readonly freeBytes: number | null;
  readonly buffersBytes: number | null;
  readonly cacheBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapUsedBytes: number | null;
  readonly swapFreeBytes: number | null;
  readonly userTicks: number | null;
  readonly niceTicks: number | null;
  readonly systemTicks: number | null;
  readonly idleTicks: number | null;
  readonly iowaitTicks: number | null;
  readonly irqTicks: number | null;
  readonly softirqTicks: number | null;
  readonly stealTicks: number | null;
  readonly guestTicks: number | null;
  readonly guestNiceTicks: number | null;
  readonly pagedInBytes: number | null;
  readonly pagedOutBytes: number | null;
  readonly pagesSwappedIn: number | null;
  readonly pagesSwappedOut: number | null;
  readonly pagesAllocDma: number | null;
  readonly pagesAllocDma32: number | null;
  readonly pagesAllocHigh: number | null;
  readonly pagesAllocMovable: number | null;
  readonly pagesAllocNormal: number | null;
  readonly pagesFree: number | null;
  readonly interrupts: number | null;
  readonly contextSwitches: number | null;
  /** Seconds since the epoch; of a container its start. */
  readonly bootTime: number | null;
  readonly forks: number | null;
}

const SECTOR_BYTES = 512;

export function renderForks(forks: number | null): string {
  return `${right(forks, 13)} forks\n`;
}

export function renderStats(stats: Stats, unitBytes: number, unit: string): string {
  const memory: readonly (readonly [number | null, string])[] = [
    [stats.totalBytes, "total memory"],
    [stats.usedBytes, "used memory"],
    [stats.activeBytes, "active memory"],
    [stats.inactiveBytes, "inactive memory"],
    [stats.freeBytes, "free memory"],
    [stats.buffersBytes, "buffer memory"],
    [stats.cacheBytes, "swap cache"],
    [stats.swapTotalBytes, "total swap"],
    [stats.swapUsedBytes, "used swap"],
    [stats.swapFreeBytes, "free swap"],
  ];
  const counters: readonly (readonly [number | null, string])[] = [
    [stats.userTicks, "non-nice user cpu ticks"],
    [stats.niceTicks, "nice user cpu ticks"],
    [stats.systemTicks, "system cpu ticks"],
    [stats.idleTicks, "idle cpu ticks"],
    [stats.iowaitTicks, "IO-wait cpu ticks"],
    [stats.irqTicks, "IRQ cpu ticks"],
    [stats.softirqTicks, "softirq cpu ticks"],
    [stats.stealTicks, "stolen cpu ticks"],
    [stats.guestTicks, "non-nice guest cpu ticks"],
    [stats.guestNiceTicks, "nice guest cpu ticks"],
    [units(stats.pagedInBytes, 1024), "K paged in"],
    [units(stats.pagedOutBytes, 1024), "K paged out"],
    [stats.pagesSwappedIn, "pages swapped in"],
    [stats.pagesSwappedOut, "pages swapped out"],
    [stats.pagesAllocDma, "pages alloc in dma"],
    [stats.pagesAllocDma32, "pages alloc in dma32"],
    [stats.pagesAllocHigh, "pages alloc in high"],
    [stats.pagesAllocMovable, "pages alloc in movable"],
    [stats.pagesAllocNormal, "pages alloc in normal"],
    [stats.pagesFree, "pages free"],
    [stats.interrupts, "interrupts"],
    [stats.contextSwitches, "CPU context switches"],
    [stats.bootTime, "boot time"],
    [stats.forks, "forks"],
  ];
  let text = "";
  for (const [bytes, label] of memory) text += `${right(units(bytes, unitBytes), 13)} ${unit} ${label}\n`;
  for (const [value, label] of counters) text += `${right(value, 13)} ${label}\n`;
  return text;
}

/** @param zone the time zone's name, for the column of -t; null: without it */
export function renderDiskHeader(wide: boolean, zone: string | null): string {
  const first = wide
    ? "disk- -------------------reads------------------- -------------------writes------------------ ------IO-------"
    : "disk- ------------reads------------ ------------writes----------- -----IO------";
  const second = wide
    ? "          total    merged     sectors          ms     total    merged     sectors          ms     cur     sec"
    : "       total merged sectors      ms  total merged sectors      ms    cur    sec";
  if (zone === null) return `${first}\n${second}\n`;
  return `${first} -----timestamp-----\n${second} ${zone.padStart(19)}\n`;
}

/** @param stamp the time behind the row, for -t */
export function renderDiskRow(disk: Disk, wide: boolean, stamp: string | null): string {
  const widths = wide ? [9, 9, 11, 11, 9, 9, 11, 11, 7, 7] : [6, 6, 7, 7, 6, 6, 7, 7, 6, 6];
  const cells = [
    disk.reads,
    disk.readsMerged,
    units(disk.readBytes, SECTOR_BYTES),
    units(disk.readUsec, 1000),
    disk.writes,
    disk.writesMerged,
    units(disk.writtenBytes, SECTOR_BYTES),
    units(disk.writeUsec, 1000),
    disk.inFlight,
    units(disk.busyUsec, 1e6),
  ];
  return `${disk.name.padEnd(5)} ${cells.map((cell, i) => right(cell, widths[i] ?? 0)).join(" ")}${stamp === null ? "" : ` ${stamp}`}\n`;
}

export function renderDiskSum(disks: readonly Disk[], partitions: number): string {
  const sum = (key: Exclude<keyof Disk, "name">, unit: number): number | null => {
    let total = 0;
    for (const disk of disks) {
      const value = disk[key];
      if (value === null) return null;
      total += Math.trunc(value / unit);
    }
    return total;
  };
  const lines: readonly (readonly [number | null, string])[] = [
    [disks.length, "disks"],
    [partitions, "partitions"],
    [sum("reads", 1), "total reads"],
    [sum("readsMerged", 1), "merged reads"],
    [sum("readBytes", SECTOR_BYTES), "read sectors"],
    [sum("readUsec", 1000), "milli reading"],
    [sum("writes", 1), "writes"],
    [sum("writesMerged", 1), "merged writes"],
    [sum("writtenBytes", SECTOR_BYTES), "written sectors"],
    [sum("writeUsec", 1000), "milli writing"],
    [sum("inFlight", 1), "inprogress IO"],
    // procps divides these two by 1000 and keeps the words.
    [sum("busyUsec", 1e6), "milli spent IO"],
    [sum("queueUsec", 1e6), "milli weighted IO"],
  ];
  return lines.map(([value, label]) => `${right(value, 13)} ${label}\n`).join("");
}

export function renderPartitionHeader(name: string): string {
  return `${name.padEnd(10)} ${"reads".padStart(10)}  ${"read sectors".padStart(16)}  ${"writes".padStart(10)}  ${"requested writes".padStart(16)}\n`;
}

export function renderPartitionRow(disk: Disk): string {
  const read = right(units(disk.readBytes, SECTOR_BYTES), 16);
  const written = right(units(disk.writtenBytes, SECTOR_BYTES), 16);
  return `${right(disk.reads, 21)}  ${read}  ${right(disk.writes, 10)}  ${written}\n`;
}

export function renderSlabHeader(): string {
  return "Cache                       Num  Total   Size  Pages\n";
}

export function renderSlabRow(slab: Slab): string {
  const counts = [slab.activeObjects, slab.objects, slab.objectBytes, slab.objectsPerSlab];
  return `${slab.name.slice(0, 24).padEnd(24)} ${counts.map((count) => right(count, 6)).join(" ")}\n`;
}

function units(value: number | null, unit: number): number | null {
  return value === null ? null : Math.trunc(value / unit);
}

function right(value: number | null, width: number): string {
  return (value === null ? "-" : String(value)).padStart(width);
}
