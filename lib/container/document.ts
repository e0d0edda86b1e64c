/**
 * The document `procg.container/v1`: everything that is known of one container at one moment. loadcalc serves it, `procg metric`
 * prints it, the host companion writes it for each container. docs/endpoint.md explains each field.
 *
 * Adding fields keeps v1. Not known is null, no limit is "max"; times are microseconds, counters raw and cumulative.
 */
import type { Limit } from "../kernfile/limit.ts";
import type { Algorithm } from "../loadavg/fixed_point.ts";
import type { MemoryDetail } from "./memory_detail.ts";
import type { NetworkModel } from "./network.ts";

export const CONTAINER_SCHEMA = "procg.container/v1";

export interface ContainerDocument {
  readonly schema: typeof CONTAINER_SCHEMA;
  /** RFC 3339, UTC. */
  readonly generatedAt: string;
  readonly sampledAtUnixMs: number;
  readonly monotonicMs: number;
  /** Counts samples since the start of loadcalc. */
  readonly seq: number;
  readonly intervalMs: number | null;
  /** The sample is older than three intervals. */
  readonly stale: boolean;
  readonly container: ContainerSection;
  readonly cpu: CpuSection;
  readonly load: LoadSection | null;
  readonly memory: MemorySection;
  readonly pids: PidsSection;
  readonly io: IoSection;
  readonly network: NetworkModel;
  /** null: the kernel has no pressure files for this container. */
  readonly psi: PsiSection | null;
  readonly filesystems: readonly FilesystemEntry[] | null;
  readonly files: FilesSection;
  readonly errors: readonly DocumentError[];
}

export interface ContainerSection {
  readonly id: string | null;
  readonly name: string | null;
  readonly image: string | null;
  readonly instanceUuid: string | null;
  readonly hostname: string | null;
  readonly startedAt: string | null;
  /** Cannot be known inside. */
  readonly restartCount: number | null;
  readonly initPid: number | null;
  readonly runtime: string | null;
  readonly cgroupVersion: 1 | 2 | null;
  readonly cgroupPath: string | null;
  readonly state: "running" | "paused" | null;
  readonly registeredAt: string | null;
  readonly registrationSource: "bind" | null;
}

export interface CpuSection {
  readonly usageUs: number | null;
  readonly userUs: number | null;
  readonly systemUs: number | null;
  /** By CPU number; v1 only. */
  readonly percpuUs: Readonly<Record<string, number>> | null;
  /** Cores used since the sample before. */
  readonly usageRatio: number | null;
  /** The same as a share of capacityCores. */
  readonly usageRatioOfLimit: number | null;
  readonly quotaCores: Limit | null;
  readonly quotaComplete: boolean;
  /** min(CPUs, quota): what 100 % means. */
  readonly capacityCores: number | null;
  readonly quotaUs: Limit | null;
  readonly periodUs: number | null;
  /** v1. */
  readonly shares: number | null;
  /** v2. */
  readonly weight: number | null;
  readonly cpusetCpus: readonly number[] | null;
  readonly cpusetEffectiveCount: number | null;
  readonly hostCpus: number | null;
  readonly throttling: {
    readonly periods: number | null;
    readonly throttledPeriods: number | null;
    readonly throttledUs: number | null;
    readonly bursts: number | null;
    readonly burstUs: number | null;
    /** Throttled periods / periods since the sample before. */
    readonly throttledRatio: number | null;
  };
}

export interface LoadSection {
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  /** In the kernel's fixed point: 2048 is 1.0. */
  readonly fixedPoint: readonly [number, number, number] | null;
  readonly runnable: number | null;
  readonly uninterruptible: number | null;
  readonly frozen: number | null;
  readonly threads: number | null;
  /** false: the cgroup has more threads than /proc shows. */
  readonly threadsComplete: boolean | null;
  readonly processes: number | null;
  readonly lastPid: number | null;
  readonly samples: number | null;
  readonly missedPeriods: number | null;
  readonly sinceUnixMs: number | null;
  readonly algorithm: Algorithm | null;
  readonly warmingUp: boolean | null;
  readonly source: "loadcalc" | "lxcfs" | "fuse" | "host";
}

export interface MemorySection extends MemoryDetail {
  readonly totalBytes: number | null;
  readonly usageBytes: number | null;
  readonly usedBytes: number | null;
  readonly freeBytes: number | null;
  readonly workingSetBytes: number | null;
  readonly limitBytes: Limit | null;
  readonly limitComplete: boolean;
  readonly softLimitBytes: Limit | null;
  readonly swapUsageBytes: number | null;
  readonly swapLimitBytes: number | null;
  readonly availableBytes: number | null;
  readonly availableBoundBy: string | null;
}

export interface PidsSection {
  /** Threads. */
  readonly current: number | null;
  readonly limit: Limit | null;
  readonly limitComplete: boolean;
  readonly peak: number | null;
  readonly failedForks: number | null;
  readonly hostPidMax: number | null;
  readonly hostThreads: number | null;
}

export interface IoDevice {
  readonly device: string;
  readonly majorMinor: string;
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
  readonly discardBytes: number | null;
  readonly readOps: number | null;
  readonly writeOps: number | null;
  readonly discardOps: number | null;
}

export interface IoSection {
  readonly source: string | null;
  /** false: writes through the page cache are not counted here (v1). */
  readonly bufferedWritesAttributed: boolean | null;
  readonly devices: readonly IoDevice[] | null;
  readonly total: {
    readonly readBytes: number | null;
    readonly writeBytes: number | null;
    readonly readOps: number | null;
    readonly writeOps: number | null;
  };
}

export interface PsiLine {
  /** Percent. */
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalUs: number;
}

export interface PsiSection {
  readonly source: "cgroup" | "host";
  readonly cpu: { readonly some: PsiLine | null };
  readonly memory: { readonly some: PsiLine | null; readonly full: PsiLine | null };
  readonly io: { readonly some: PsiLine | null; readonly full: PsiLine | null };
}

export interface FilesystemEntry {
  readonly mountpoint: string;
  readonly device: string;
  readonly fsType: string;
  readonly sizeBytes: number | null;
  readonly usedBytes: number | null;
  readonly availableBytes: number | null;
  readonly inodes: number | null;
  readonly inodesFree: number | null;
}

export interface FilesSection {
  /** Open files of the processes that may be looked at; null where none may. */
  readonly open: number | null;
  /** Of one process: RLIMIT_NOFILE of the container's init. */
  readonly limit: Limit | null;
}

export interface DocumentError {
  readonly section: string;
  /** An errno's name, or NODATA. */
  readonly code: string;
  readonly message: string;
}
