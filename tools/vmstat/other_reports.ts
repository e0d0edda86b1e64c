/** vmstat -f, -s, -d, -D, -p and -m: loaded only when asked for. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { blockDeviceNames } from "../../lib/container/block_devices.ts";
import type { Container } from "../../lib/container/container.ts";
import { doubtsOf } from "../../lib/container/doubt.ts";
import { readIo } from "../../lib/container/io.ts";
import { collectMemory, computeMemory } from "../../lib/container/memory.ts";
import { readMemoryActivity } from "../../lib/container/memory_activity.ts";
import type { MemoryModel } from "../../lib/container/memory_model.ts";
import { attempt, mustRead } from "../../lib/kernfile/kernel_file.ts";
import { diskstats } from "../../lib/procfs/diskstats.ts";
import { slabinfo } from "../../lib/procfs/slabinfo.ts";
import { procStat } from "../../lib/procfs/stat.ts";
import { vmstat } from "../../lib/procfs/vmstat.ts";
import { collectVmstat } from "./collect.ts";
import { renderTimestamp } from "./render.ts";
import {
  type Disk,
  renderDiskHeader,
  renderDiskRow,
  renderDiskSum,
  renderForks,
  renderPartitionHeader,
  renderPartitionRow,
  renderSlabHeader,
  renderSlabRow,
  renderStats,
  type Slab,
  type Stats,
} from "./render_reports.ts";
import { headerRows, type OtherReport, type Plan } from "./tool.ts";

export async function runReport(
  context: ToolContext,
  container: Container,
  report: OtherReport,
  plan: Plan,
): Promise<number> {
  const { system, shared, print } = context;
  switch (report) {
    case "forks": {
      const forks = readForks(container);
      print(shared.json ? json("vmstat-forks", { forks }) : renderForks(forks));
      return 0;
    }
    case "stats": {
      const memory = computeMemory(collectMemory(container));
      doubtsOf(null, memory, "total and free memory").forEach(context.warn);
      const stats = readStats(container, memory);
      print(shared.json ? json("vmstat-stats", stats) : renderStats(stats, plan.layout.unitBytes, plan.unit));
      return 0;
    }
    case "diskSum": {
      const disks = readDisks(container);
      print(
        shared.json
          ? json("vmstat-disks", { disks: disks.disks, partitions: disks.partitions.length })
          : renderDiskSum(disks.disks, disks.partitions.length),
      );
      return 0;
    }
    case "disk":
      return repeat(context, plan, () => {
        const { disks } = readDisks(container);
        const { wide } = plan.layout;
        const now = system.localTime(system.realtimeSeconds());
        const stamp = plan.layout.timestamp ? renderTimestamp(now) : null;
        return {
          header: renderDiskHeader(wide, stamp === null ? null : now.zone),
          rows: disks.map((disk) => renderDiskRow(disk, wide, stamp)),
          document: () => json("vmstat-disks", { disks }),
        };
      });
    case "slabs":
      if (container.kind === "container") {
        context.warn("slab caches are the host's: the kernel has no such list by cgroup");
      }
      return repeat(context, plan, () => {
        const slabs = readSlabs(container);
        return {
          header: renderSlabHeader(),
          rows: slabs.map(renderSlabRow),
          document: () => json("vmstat-slabs", { slabs, source: "host" }),
        };
      });
    case "partition":
      return runPartition(context, container, plan);
  }
}

interface Report {
  readonly header: string;
  readonly rows: readonly string[];
  readonly document: () => string;
}

/** The heading comes again with each report, and every screen in between. */
async function repeat(
  { system, shared, print }: ToolContext,
  plan: Plan,
  read: () => Report,
): Promise<number> {
  const rowsPerHeader = headerRows(system);
  const first = system.monotonicSeconds();
  for (let done = 0; ; ) {
    const { header, rows, document } = read();
    let text = "";
    rows.forEach((row, i) => {
      const isHeader = i === 0 ? done === 0 || !plan.oneHeader : !plan.oneHeader && i % rowsPerHeader === 0;
      text += isHeader ? header + row : row;
    });
    print(shared.json ? document() : text === "" ? header : text);
    done++;
    if (done >= plan.count || !system.hasNextStep()) return 0;
    await system.sleep(Math.max(0, first + done * plan.delaySeconds - system.monotonicSeconds()));
  }
}

async function runPartition(context: ToolContext, container: Container, plan: Plan): Promise<number> {
  const { system, shared, print } = context;
  const name = plan.partition.startsWith("/dev/") ? plan.partition.slice(5) : plan.partition;
  const first = system.monotonicSeconds();
  for (let done = 0; ; ) {
    const { disks, partitions } = readDisks(container);
    const disk = [...disks, ...partitions].find((one) => one.name === name);
    if (disk === undefined) throw new ToolError(`Disk/Partition ${name} not found`);
    if (shared.json) print(json("vmstat-disks", { disks: [disk] }));
    else print((done === 0 ? renderPartitionHeader(name) : "") + renderPartitionRow(disk));
    done++;
    if (done >= plan.count || !system.hasNextStep()) return 0;
    await system.sleep(Math.max(0, first + done * plan.delaySeconds - system.monotonicSeconds()));
  }
}

/** On the machine every row of /proc/diskstats; of a container what its cgroup counts, by device. */
function readDisks(container: Container): { readonly disks: Disk[]; readonly partitions: Disk[] } {
  const { system } = container;
  if (container.kind === "machine") {
    const names = system.readDirectory("/sys/block");
    const disks: Disk[] = [];
    const partitions: Disk[] = [];
    for (const row of mustRead(system, "/proc", diskstats)) {
      const isWhole = typeof names === "number" || names.includes(row.name.replace(/\//g, "!"));
      (isWhole ? disks : partitions).push(diskOf(row));
    }
    return { disks, partitions };
  }
  const name = blockDeviceNames(container);
  const disks: Disk[] = [];
  for (const [device, counters] of readIo(container).devices) {
    disks.push(diskOf({ ...UNCOUNTED, ...counters, name: name(device).name }));
  }
  return { disks, partitions: [] };
}

/** The same keys on the machine and in a container, for --json. */
const diskOf = (row: Disk): Disk => ({
  name: row.name,
  reads: row.reads,
  readsMerged: row.readsMerged,
  readBytes: row.readBytes,
  readUsec: row.readUsec,
  writes: row.writes,
  writesMerged: row.writesMerged,
  writtenBytes: row.writtenBytes,
  writeUsec: row.writeUsec,
  inFlight: row.inFlight,
  busyUsec: row.busyUsec,
  queueUsec: row.queueUsec,
});

/** What the kernel does not count by cgroup. */
const UNCOUNTED = {
  readsMerged: null,
  readUsec: null,
  writesMerged: null,
  writeUsec: null,
  inFlight: null,
  busyUsec: null,
  queueUsec: null,
};

/** On the machine; the kernel does not count forks by cgroup. */
function readForks(container: Container): number | null {
  return container.kind === "machine" ? mustRead(container.system, "/proc", procStat).processes : null;
}

function readSlabs(container: Container): Slab[] {
  const reading = attempt(container.system, "/proc", slabinfo);
  if (reading.value === null) throw new ToolError("Unable to create slabinfo structure");
  return reading.value
    .map((one) => ({
      name: one.name,
      activeObjects: one.activeObjects,
      objects: one.objects,
      objectBytes: one.objectBytes,
      objectsPerSlab: one.objectsPerSlab,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function readStats(container: Container, memory: MemoryModel): Stats {
  const { system } = container;
  const activity = readMemoryActivity(container);
  const sample = collectVmstat(container, { active: true, pressure: false });
  const isMachine = container.kind === "machine";
  const stat = isMachine ? mustRead(system, "/proc", procStat) : null;
  const events = isMachine ? (attempt(system, "/proc", vmstat).value ?? {}) : {};
  const usage = sample.cpu.cgroup?.usage;
  const tickUsec = 1e6 / system.clockTicksPerSecond;
  const ticks = (usec: number | null | undefined): number | null =>
    usec === null || usec === undefined ? null : Math.round(usec / tickUsec);
  const total = stat?.total ?? null;
  const pages = (bytes: number | null): number | null =>
    bytes === null ? null : bytes / system.pageSizeBytes;
  const start =
    sample.uptimeSeconds === null ? null : Math.round(system.realtimeSeconds() - sample.uptimeSeconds);
  return {
    totalBytes: memory.totalBytes.value,
    usedBytes: memory.usedBytes.value,
    activeBytes: activity.activeBytes.value,
    inactiveBytes: activity.inactiveBytes.value,
    freeBytes: memory.freeBytes.value,
    buffersBytes: memory.buffersBytes.value,
    cacheBytes: memory.cacheBytes.value,
    swapTotalBytes: memory.swap.totalBytes.value,
    swapUsedBytes: memory.swap.usedBytes.value,
    swapFreeBytes: memory.swap.freeBytes.value,
    userTicks: total !== null ? total.user - total.guest : ticks(usage?.userUsec),
    niceTicks: total !== null ? total.nice - total.guest_nice : ticks(usage?.niceUsec),
    systemTicks: total?.system ?? ticks(usage?.systemUsec),
    idleTicks: total?.idle ?? null,
    iowaitTicks: total?.iowait ?? null,
    irqTicks: total?.irq ?? null,
    softirqTicks: total?.softirq ?? null,
    stealTicks: total?.steal ?? null,
    guestTicks: total?.guest ?? null,
    guestNiceTicks: total?.guest_nice ?? null,
    pagedInBytes: sample.readBytes,
    pagedOutBytes: sample.writtenBytes,
    pagesSwappedIn: pages(sample.swappedInBytes),
    pagesSwappedOut: pages(sample.swappedOutBytes),
    pagesAllocDma: events.pgalloc_dma ?? null,
    pagesAllocDma32: events.pgalloc_dma32 ?? null,
    pagesAllocHigh: events.pgalloc_high ?? null,
    pagesAllocMovable: events.pgalloc_movable ?? null,
    pagesAllocNormal: events.pgalloc_normal ?? null,
    pagesFree: events.pgfree ?? null,
    interrupts: sample.interrupts,
    contextSwitches: sample.contextSwitches,
    bootTime: stat?.btime ?? start,
    forks: stat?.processes ?? null,
  };
}

function json(name: string, content: object): string {
  return `${JSON.stringify({ schema: `procg.${name}/v1`, ...content })}\n`;
}
