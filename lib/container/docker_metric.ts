/**
 * The document in the shape of the old libcontainer statistics (`docker metric ID`), nanoseconds included: for readers that expect
 * it. What the kernel does not have is left out or {}.
 */
import type { ContainerDocument } from "./document.ts";

/** What the document does not hold, from cgroup v1; a part that the kernel does not have is {}. */
export interface CompatStats {
  /** "io_service_bytes_recursive" -> a row for each device and operation. */
  readonly blkio_stats: Readonly<Record<string, readonly BlkioRow[]>>;
  readonly freezer_stats: Readonly<Record<string, string>>;
}

export interface BlkioRow {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

export interface DockerMetric extends CompatStats {
  readonly cpu_stats: {
    readonly cpu_usage: {
      /** Percent of one CPU, since the sample before; from nanoseconds, not from ticks. */
      readonly percent_usage: number;
      /** The same in cores. */
      readonly current_usage: number;
      readonly total_usage: number;
      /** One entry per CPU of the machine. */
      readonly percpu_usage: readonly number[];
      readonly usage_in_kernelmode: number;
      readonly usage_in_usermode: number;
    };
    readonly throttling_data: Readonly<Record<string, number>>;
  };
  readonly memory_stats: {
    readonly usage: number;
    readonly max_usage: number;
    readonly stats: Readonly<Record<string, number | undefined>>;
    readonly failcnt: number;
  };
}

const NOTHING: CompatStats = { blkio_stats: {}, freezer_stats: {} };

export function dockerMetric({ cpu, memory }: ContainerDocument, more = NOTHING): DockerMetric {
  const cores = cpu.usageRatio ?? 0;
  const percpu: number[] = [];
  const { percpuUs } = cpu;
  if (percpuUs !== null) {
    const last = Math.max(-1, ...Object.keys(percpuUs).map(Number));
    for (let i = 0; i <= Math.max(last, (cpu.hostCpus ?? 0) - 1); i++) percpu.push((percpuUs[i] ?? 0) * 1000);
  }
  const throttling: Record<string, number> = {};
  const { periods, throttledPeriods, throttledUs } = cpu.throttling;
  if (periods) throttling.periods = periods;
  if (throttledPeriods) throttling.throttled_periods = throttledPeriods;
  if (throttledUs) throttling.throttled_time = throttledUs * 1000;
  return {
    cpu_stats: {
      cpu_usage: {
        percent_usage: cores * 100,
        current_usage: cores,
        total_usage: (cpu.usageUs ?? 0) * 1000,
        percpu_usage: percpu,
        usage_in_kernelmode: (cpu.systemUs ?? 0) * 1000,
        usage_in_usermode: (cpu.userUs ?? 0) * 1000,
      },
      throttling_data: throttling,
    },
    memory_stats: {
      usage: memory.usageBytes ?? 0,
      max_usage: memory.maxUsageBytes ?? 0,
      stats: memory.stat ?? {},
      failcnt: memory.failcnt ?? 0,
    },
    ...more,
  };
}
