/** Reads everything that a `procg.container/v1` document holds. No file that is missing ends it: the field is null, with an entry in errors. */
import { cpuCfsPeriodUs, cpuCfsQuotaUs } from "../cgroupfs/v1/cpu_cfs.ts";
import { cpuShares } from "../cgroupfs/v1/cpu_shares.ts";
import { pidsEvents as pidsEventsV1, pidsPeak as pidsPeakV1 } from "../cgroupfs/v1/pids.ts";
import { cpuMax } from "../cgroupfs/v2/cpu_max.ts";
import { cpuWeight } from "../cgroupfs/v2/cpu_weight.ts";
import { pidsEvents, pidsPeak } from "../cgroupfs/v2/pids.ts";
import { attempt, ReadError } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { loadavg } from "../procfs/loadavg.ts";
import { pidLimits } from "../procfs/pid_limits.ts";
import { pidMax } from "../procfs/pid_max.ts";
import { procStat } from "../procfs/stat.ts";
import { errnoName } from "../system/errno.ts";
import { type BlockDeviceNames, blockDeviceNames } from "./block_devices.ts";
import { type Container, isVirtual } from "./container.ts";
import { readCpuLimit } from "./cpu_limit.ts";
import { type CpuUsageSample, cpuRate, readCpuUsage } from "./cpu_usage.ts";
import type {
  ContainerDocument,
  CpuSection,
  DocumentError,
  FilesSection,
  FilesystemEntry,
  IoSection,
  LoadSection,
  MemorySection,
  PidsSection,
  PsiLine,
  PsiSection,
} from "./document.ts";
import { CONTAINER_SCHEMA } from "./document.ts";
import { readLocalFileSystems } from "./filesystems.ts";
import { type ContainerIdentity, readIdentity } from "./identity.ts";
import { ioTotal, readIo } from "./io.ts";
import { collectMemory, computeMemory } from "./memory.ts";
import { readMemoryDetail } from "./memory_detail.ts";
import type { MemoryModel } from "./memory_model.ts";
import { type InterfaceStates, interfaceStates, readNetwork } from "./network.ts";
import { readPids } from "./pids.ts";
import { type PressureKind, readPressure } from "./pressure.ts";
import { cgroupPids } from "./processes.ts";
import { readSoftLimit } from "./soft_limit.ts";
import { countsCgroup, isFrozen } from "./thread_load.ts";

/** What changes rarely or costs much, and may be kept for a minute. */
export interface SlowParts {
  readonly identity: ContainerIdentity;
  readonly filesystems: readonly FilesystemEntry[] | null;
  readonly files: FilesSection;
  /** Kept over several documents, so that names are not looked up each time. */
  readonly deviceNames?: BlockDeviceNames;
  readonly interfaces?: InterfaceStates;
  readonly errors: readonly DocumentError[];
}

export interface DocumentMeta {
  readonly seq: number;
  readonly intervalMs: number | null;
  /** Made when it is known how many threads the pids controller counts. */
  readonly load: (pids: PidsSection) => LoadSection | null;
  /** CPU counters now (readUsage), and those of the document before, for the rates; null: there is none. */
  readonly usage: CpuUsageSample;
  readonly before: CpuUsageSample | null;
}

type Report = (section: string, code: string, message: string) => void;

/**
 * @param thorough list the files of each process where the kernel (before 6.2) does not count them itself
 * @param processes how many there are, as far as is known: of very many no list is made
 */
export function readSlowParts(
  container: Container,
  thorough: boolean,
  processes: number | null = null,
): SlowParts {
  const errors: DocumentError[] = [];
  const report: Report = (section, code, message) => errors.push({ section, code, message });
  const identity = readIdentity(container);
  if (identity.registrationProblem !== null)
    report("container", "ESTALE", `registration: ${identity.registrationProblem}`);
  return {
    identity,
    filesystems: reported(report, "filesystems", () => readFilesystems(container)),
    files: readFiles(container, thorough, processes),
    deviceNames: blockDeviceNames(container),
    interfaces: interfaceStates(container),
    errors,
  };
}

export function collectDocument(
  container: Container,
  slow: SlowParts,
  meta: DocumentMeta,
): ContainerDocument {
  const { system } = container;
  const errors: DocumentError[] = [...slow.errors];
  const report: Report = (section, code, message) => errors.push({ section, code, message });
  const monotonicSeconds = system.monotonicSeconds();
  const realtimeSeconds = system.realtimeSeconds();
  const { usage, before } = meta;
  for (const problem of usage.problems) report("cpu", "ENODATA", problem);
  const pids = pidsSection(container);
  const load = meta.load(pids);
  if (load === null) report("load", "ENODATA", "loadcalc does not run here");
  const { identity } = slow;
  return {
    schema: CONTAINER_SCHEMA,
    generatedAt: new Date(realtimeSeconds * 1000).toISOString(),
    sampledAtUnixMs: Math.round(realtimeSeconds * 1000),
    monotonicMs: Math.round(monotonicSeconds * 1000),
    seq: meta.seq,
    intervalMs: meta.intervalMs,
    stale: false,
    container: {
      id: identity.id,
      name: identity.name,
      image: identity.image,
      instanceUuid: identity.instanceUuid,
      hostname: identity.hostname,
      startedAt: identity.startedAt,
      restartCount: null,
      initPid: null,
      runtime: identity.runtime,
      cgroupVersion: identity.cgroupVersion,
      cgroupPath: identity.cgroupPath,
      state: isFrozen(container) ? "paused" : "running",
      registeredAt: identity.registeredAt,
      registrationSource: identity.registrationSource,
    },
    cpu: cpuSection(container, before, usage),
    load,
    memory: memorySection(container, report),
    pids,
    io: ioSection(container, slow.deviceNames ?? blockDeviceNames(container), report),
    network: readNetwork(container, slow.interfaces ?? interfaceStates(container), (code, message) =>
      report("network", code, message),
    ),
    psi: psiSection(container, report),
    filesystems: slow.filesystems,
    files: slow.files,
    errors,
  };
}

/** The value; null and a report for what a reader throws. */
function reported<T>(report: Report, section: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReadError) report(section, errnoName(error.errno), error.message);
    else if (error instanceof ParseError) report(section, "EINVAL", error.message);
    else throw error;
    return null;
  }
}

/** The cgroup's counters; the machine's from /proc/stat. */
export function readUsage(container: Container): CpuUsageSample {
  if (container.kind !== "machine") return readCpuUsage(container);
  const { system } = container;
  const monotonicSeconds = system.monotonicSeconds();
  const reading = attempt(system, "/proc", procStat);
  const usecPerTick = 1e6 / system.clockTicksPerSecond;
  const ticks = reading.value?.total ?? null;
  const userUsec = ticks === null ? null : (ticks.user + ticks.nice) * usecPerTick;
  const systemUsec = ticks === null ? null : (ticks.system + ticks.irq + ticks.softirq) * usecPerTick;
  return {
    monotonicSeconds,
    usageUsec: userUsec === null || systemUsec === null ? null : userUsec + systemUsec,
    userUsec,
    systemUsec,
    niceUsec: ticks === null ? null : ticks.nice * usecPerTick,
    percpu: null,
    periods: null,
    throttledPeriods: null,
    throttledUsec: null,
    bursts: null,
    burstUsec: null,
    inode: 0,
    problems: reading.value === null ? [`${reading.path}: cannot be read`] : [],
    from: [reading.path],
  };
}

function cpuSection(container: Container, before: CpuUsageSample | null, usage: CpuUsageSample): CpuSection {
  const limit = readCpuLimit(container);
  const rate = before === null ? null : cpuRate(before, usage);
  const capacityCores = limit.capacityCores.value;
  const cores = rate?.usageCores ?? null;
  const percpu: Record<string, number> = {};
  for (const { cpu, usageUsec } of usage.percpu ?? []) percpu[cpu] = Math.round(usageUsec);
  return {
    usageUs: whole(usage.usageUsec),
    userUs: whole(usage.userUsec),
    systemUs: whole(usage.systemUsec),
    percpuUs: usage.percpu === null ? null : percpu,
    usageRatio: short(cores),
    usageRatioOfLimit: cores === null || !capacityCores ? null : short(cores / capacityCores),
    quotaCores: limit.quota.value,
    quotaComplete: limit.quota.complete,
    capacityCores,
    ...quotaFiles(container),
    cpusetCpus: limit.cpus,
    cpusetEffectiveCount: limit.cpus?.length ?? null,
    hostCpus: limit.hostCpus.value,
    throttling: {
      periods: usage.periods,
      throttledPeriods: usage.throttledPeriods,
      throttledUs: whole(usage.throttledUsec),
      bursts: usage.bursts,
      burstUs: whole(usage.burstUsec),
      throttledRatio: short(rate?.throttledRatio ?? null),
    },
  };
}

/** The directory's own settings, which need not be what binds. */
function quotaFiles(container: Container): Pick<CpuSection, "quotaUs" | "periodUs" | "shares" | "weight"> {
  const location = container.kind === "machine" ? null : container.location("cpu");
  if (location === null) return { quotaUs: null, periodUs: null, shares: null, weight: null };
  const { system } = container;
  if (location.version === 2) {
    const max = attempt(system, location.directory, cpuMax).value;
    const weight = attempt(system, location.directory, cpuWeight).value;
    return { quotaUs: max?.quotaUsec ?? null, periodUs: max?.periodUsec ?? null, shares: null, weight };
  }
  return {
    quotaUs: attempt(system, location.directory, cpuCfsQuotaUs).value,
    periodUs: attempt(system, location.directory, cpuCfsPeriodUs).value,
    shares: attempt(system, location.directory, cpuShares).value,
    weight: null,
  };
}

function memorySection(container: Container, report: Report): MemorySection {
  const model: MemoryModel | null = reported(report, "memory", () => computeMemory(collectMemory(container)));
  const detail = readMemoryDetail(container);
  if (container.kind === "container" && detail.stat === null)
    report("memory", "ENODATA", "no memory.stat can be read");
  return {
    totalBytes: model?.totalBytes.value ?? null,
    usageBytes: model?.usageBytes.value ?? null,
    usedBytes: model?.usedBytes.value ?? null,
    freeBytes: model?.freeBytes.value ?? null,
    workingSetBytes: model?.workingSetBytes.value ?? null,
    limitBytes: model?.limit.value ?? null,
    limitComplete: model?.limit.complete ?? false,
    softLimitBytes: readSoftLimit(container),
    swapUsageBytes: model?.swap.usedBytes.value ?? null,
    swapLimitBytes: model?.swap.totalBytes.value ?? null,
    availableBytes: model?.availableBytes.value ?? null,
    availableBoundBy: model?.availableBoundBy ?? null,
    ...detail,
  };
}

function pidsSection(container: Container): PidsSection {
  const { system } = container;
  const host = isVirtual(container, "/proc/loadavg") ? null : attempt(system, "/proc", loadavg).value;
  const hostPidMax = attempt(system, "/proc", pidMax).value;
  const hostThreads = host?.total ?? null;
  if (container.kind === "machine") {
    const none = { limit: null, limitComplete: false, peak: null, failedForks: null };
    return { current: hostThreads, ...none, hostPidMax, hostThreads };
  }
  const model = readPids(container);
  const location = container.location("pids");
  const v2 = location?.version === 2;
  const directory = location?.directory ?? "";
  const events = location === null ? null : attempt(system, directory, v2 ? pidsEvents : pidsEventsV1).value;
  return {
    current: model.current.value,
    limit: model.limit.value,
    limitComplete: model.limit.complete,
    peak: location === null ? null : attempt(system, directory, v2 ? pidsPeak : pidsPeakV1).value,
    failedForks: events?.max ?? null,
    hostPidMax,
    hostThreads,
  };
}

function ioSection(container: Container, names: BlockDeviceNames, report: Report): IoSection {
  const sample = readIo(container);
  for (const problem of sample.problems) if (sample.source === null) report("io", "ENODATA", problem);
  const devices = [...sample.devices].map(([majorMinor, counters]) => ({
    device: names(majorMinor).name,
    majorMinor,
    readBytes: counters.readBytes,
    writeBytes: counters.writtenBytes,
    discardBytes: counters.discardedBytes,
    readOps: counters.reads,
    writeOps: counters.writes,
    discardOps: counters.discards,
  }));
  const { source } = sample;
  return {
    source,
    bufferedWritesAttributed: source === null ? null : !source.startsWith("blkio"),
    devices: source === null ? null : devices,
    total: {
      readBytes: ioTotal(sample, "readBytes"),
      writeBytes: ioTotal(sample, "writtenBytes"),
      readOps: ioTotal(sample, "reads"),
      writeOps: ioTotal(sample, "writes"),
    },
  };
}

function psiSection(container: Container, report: Report): PsiSection | null {
  const read = (kind: PressureKind) => readPressure(container, kind);
  const [cpu, memory, io] = [read("cpu"), read("memory"), read("io")];
  if (cpu.value === null && memory.value === null && io.value === null) {
    report(
      "psi",
      cpu.errno === 0 ? "ENODATA" : errnoName(cpu.errno),
      `${cpu.path}: ${cpu.problem ?? "not there"}`,
    );
    return null;
  }
  return {
    source: cpu.path.startsWith("/proc/") ? "host" : "cgroup",
    cpu: { some: psiLine(cpu.value?.some) },
    memory: { some: psiLine(memory.value?.some), full: psiLine(memory.value?.full) },
    io: { some: psiLine(io.value?.some), full: psiLine(io.value?.full) },
  };
}

function psiLine(
  line: { avg10: number; avg60: number; avg300: number; totalUsec: number } | null | undefined,
): PsiLine | null {
  if (line === null || line === undefined) return null;
  return { avg10: line.avg10, avg60: line.avg60, avg300: line.avg300, totalUs: line.totalUsec };
}

/** File systems listed; a host that is its own container may have thousands. */
const FILESYSTEMS_MOST = 64;

/** Throws ReadError or ParseError for mountinfo. */
export function readFilesystems(container: Container): FilesystemEntry[] {
  return readLocalFileSystems(container)
    .slice(0, FILESYSTEMS_MOST)
    .map((each) => ({
      mountpoint: each.target,
      device: each.source,
      fsType: each.fsType,
      sizeBytes: each.sizeBytes,
      usedBytes: each.usedBytes,
      availableBytes: each.availableBytes,
      inodes: each.inodes,
      inodesFree: each.inodesFree,
    }));
}

/** Processes whose files are counted. */
const PROCESSES_MOST = 1000;

/** `thorough`: list them where the kernel does not count. Since Linux 6.2 the size of /proc/PID/fd is the number of open files; before they have to be listed. */
export function readFiles(
  container: Container,
  thorough: boolean,
  processes: number | null = null,
): FilesSection {
  const { system } = container;
  const init = attempt(system, container.selfDirectory, pidLimits).value;
  const limit: Limit | null = init?.get("Max open files")?.soft ?? null;
  if (processes !== null && processes > PROCESSES_MOST) return { open: null, limit };
  const names = countsCgroup(container) ? cgroupPids(container)?.map(String) : system.readDirectory("/proc");
  if (names === undefined || typeof names === "number") return { open: null, limit };
  const pids = names.filter((name) => /^\d+$/.test(name));
  if (pids.length > PROCESSES_MOST) return { open: null, limit };
  let open: number | null = null;
  for (const pid of pids) {
    const path = `/proc/${pid}/fd`;
    const status = system.stat(path);
    if (typeof status === "number") continue;
    const listed = status.sizeBytes > 0 || !thorough ? status.sizeBytes : system.readDirectory(path);
    const count = typeof listed === "number" ? listed : listed.length;
    if (count > 0) open = (open ?? 0) + count;
  }
  return { open, limit };
}

function whole(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

/** Four digits behind the point are more than the clock ticks give. */
function short(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e4) / 1e4;
}
