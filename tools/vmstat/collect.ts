/** One look at what vmstat shows: counters and what is held now. Bytes; null: not known. */
import type { Container } from "../../lib/container/container.ts";
import { type CpuShareSample, collectCpuShare } from "../../lib/container/cpu_share.ts";
import { doubtsOf } from "../../lib/container/doubt.ts";
import { ioTotal, readIo } from "../../lib/container/io.ts";
import { collectMemory, computeMemory } from "../../lib/container/memory.ts";
import { readMemoryActivity } from "../../lib/container/memory_activity.ts";
import { type PressureKind, readPressure } from "../../lib/container/pressure.ts";
import { readThreadLoad } from "../../lib/container/thread_load.ts";
import { readIoCountersAge, readUptime } from "../../lib/container/uptime.ts";
import { pickFlatKeyed } from "../../lib/kernfile/flat_keyed.ts";
import { attempt, type KernelFile, ReadError } from "../../lib/kernfile/kernel_file.ts";
import type { Vmstat } from "../../lib/procfs/vmstat.ts";

export interface VmstatSample {
  readonly cpu: CpuShareSample;
  /** What must be said beside the numbers. */
  readonly doubts: readonly string[];
  /** Since boot, or since the container's start. */
  readonly uptimeSeconds: number | null;
  /** What the counters of IO, paging and events account for. */
  readonly countedSeconds: number | null;
  readonly running: number | null;
  readonly blocked: number | null;
  readonly swapUsedBytes: number | null;
  readonly freeBytes: number | null;
  readonly buffersBytes: number | null;
  readonly cacheBytes: number | null;
  readonly activeBytes: number | null;
  readonly inactiveBytes: number | null;
  readonly swappedInBytes: number | null;
  readonly swappedOutBytes: number | null;
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  readonly interrupts: number | null;
  readonly contextSwitches: number | null;
  readonly pressureUsec: Readonly<Record<PressureKind, number | null>> | null;
  /** The inode of the io cgroup: another one means that its counters began anew. */
  readonly ioInode: number | null;
}

export interface Wanted {
  readonly active: boolean;
  readonly pressure: boolean;
}

/** Throws ReadError or ParseError where /proc/meminfo, on the machine also /proc/stat, cannot be read. */
export function collectVmstat(container: Container, wanted: Wanted): VmstatSample {
  const cpu = collectCpuShare(container);
  const memory = computeMemory(collectMemory(container));
  const shared = {
    cpu,
    doubts: doubtsOf(cpu, memory, "free"),
    swapUsedBytes: memory.swap.usedBytes.value,
    freeBytes: memory.freeBytes.value,
    buffersBytes: memory.buffersBytes.value,
    cacheBytes: memory.cacheBytes.value,
    pressureUsec: wanted.pressure ? pressureTotals(container) : null,
  };
  return container.kind === "machine"
    ? { ...shared, ...machineCounters(container, cpu, wanted) }
    : { ...shared, ...containerCounters(container, cpu, wanted) };
}

const pagingCounters: KernelFile<Vmstat> = {
  name: "vmstat",
  parse: (text, path) => pickFlatKeyed(text, path, ["pgpgin", "pgpgout", "pswpin", "pswpout"]),
};

function machineCounters(container: Container, cpu: CpuShareSample, wanted: Wanted) {
  const { system } = container;
  const stat = cpu.proc?.value;
  if (stat === null || stat === undefined) throw new ReadError("/proc/stat", cpu.proc?.errno || -5);
  const paging = attempt(system, "/proc", pagingCounters).value;
  const bytes = (count: number | undefined, unit: number): number | null =>
    count === undefined ? null : count * unit;
  const activity = wanted.active ? readMemoryActivity(container) : null;
  return {
    uptimeSeconds: readUptime(container).value,
    countedSeconds: readUptime(container).value,
    // Not counting vmstat itself.
    running: stat.procs_running === null ? null : Math.max(0, stat.procs_running - 1),
    blocked: stat.procs_blocked,
    activeBytes: activity?.activeBytes.value ?? null,
    inactiveBytes: activity?.inactiveBytes.value ?? null,
    swappedInBytes: bytes(paging?.pswpin, system.pageSizeBytes),
    swappedOutBytes: bytes(paging?.pswpout, system.pageSizeBytes),
    readBytes: bytes(paging?.pgpgin, 1024),
    writtenBytes: bytes(paging?.pgpgout, 1024),
    interrupts: stat.intr,
    contextSwitches: stat.ctxt,
    ioInode: null,
  };
}

function containerCounters(container: Container, cpu: CpuShareSample, wanted: Wanted) {
  const io = readIo(container);
  const threads = readThreadLoad(container);
  const known = typeof threads === "number" ? null : threads;
  const activity = readMemoryActivity(container);
  return {
    uptimeSeconds: cpu.cgroup?.uptimeSeconds ?? readUptime(container).value,
    countedSeconds: readIoCountersAge(container).value,
    running: known?.runnable ?? null,
    blocked: known?.uninterruptible ?? null,
    activeBytes: wanted.active ? activity.activeBytes.value : null,
    inactiveBytes: wanted.active ? activity.inactiveBytes.value : null,
    swappedInBytes: activity.swappedInBytes.value,
    swappedOutBytes: activity.swappedOutBytes.value,
    readBytes: ioTotal(io, "readBytes"),
    writtenBytes: ioTotal(io, "writtenBytes"),
    // The kernel counts neither by cgroup.
    interrupts: null,
    contextSwitches: null,
    ioInode: io.inode,
  };
}

function pressureTotals(container: Container): Record<PressureKind, number | null> {
  const total = (kind: PressureKind): number | null =>
    readPressure(container, kind).value?.some?.totalUsec ?? null;
  return { cpu: total("cpu"), memory: total("memory"), io: total("io") };
}
