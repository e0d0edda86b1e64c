/**
 * The document as metrics: OpenMetrics 1.0.0, or the text format 0.0.4 that Prometheus reads everywhere.
 *
 * All names begin with procg_, so that a container's own exporter does not add itself to cAdvisor's sums; cAdvisor's names are given
 * when asked for. Base units; a value that is not known is left out; each limit has a gauge that says whether it is known for sure.
 */
import type { Limit } from "../kernfile/limit.ts";
import type { ContainerDocument, PsiLine } from "./document.ts";

export type MetricFormat = "openmetrics" | "text";
export type MetricNames = "procg" | "cadvisor";

export interface MetricOptions {
  readonly format: MetricFormat;
  readonly names: MetricNames;
  readonly version: string;
  /** Seconds since the sample. */
  readonly ageSeconds: number;
}

export const METRIC_TYPES: Readonly<Record<MetricFormat, string>> = {
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  text: "text/plain; version=0.0.4; charset=utf-8",
};

export const METRIC_NAMES: readonly MetricNames[] = ["procg", "cadvisor"];

type Labels = readonly (readonly [name: string, value: string])[];
type Samples = readonly (readonly [labels: Labels, value: number | null | undefined])[];

interface Family {
  /** Counters without _total, infos without _info. */
  readonly name: string;
  readonly type: "gauge" | "counter" | "info";
  readonly help: string;
  readonly samples: Samples;
}

/** cAdvisor's name of a family, where it has one. Its names without a unit stay so. */
const CADVISOR: Readonly<Record<string, string>> = {
  start_time_seconds: "container_start_time_seconds",
  cpu_usage_seconds: "container_cpu_usage_seconds",
  cpu_user_seconds: "container_cpu_user_seconds",
  cpu_system_seconds: "container_cpu_system_seconds",
  cpu_periods: "container_cpu_cfs_periods",
  cpu_throttled_periods: "container_cpu_cfs_throttled_periods",
  cpu_throttled_seconds: "container_cpu_cfs_throttled_seconds",
  cpu_quota: "container_spec_cpu_quota",
  cpu_period: "container_spec_cpu_period",
  cpu_shares: "container_spec_cpu_shares",
  memory_usage_bytes: "container_memory_usage_bytes",
  memory_working_set_bytes: "container_memory_working_set_bytes",
  memory_max_usage_bytes: "container_memory_max_usage_bytes",
  memory_rss_bytes: "container_memory_rss",
  memory_cache_bytes: "container_memory_cache",
  memory_mapped_file_bytes: "container_memory_mapped_file",
  memory_swap_usage_bytes: "container_memory_swap",
  memory_limit_bytes: "container_spec_memory_limit_bytes",
  memory_soft_limit_bytes: "container_spec_memory_reservation_limit_bytes",
  memory_failures: "container_memory_failcnt",
  oom_kills: "container_oom_events",
  threads: "container_threads",
  threads_limit: "container_threads_max",
  processes: "container_processes",
  io_read_bytes: "container_fs_reads_bytes",
  io_written_bytes: "container_fs_writes_bytes",
  io_reads: "container_fs_reads",
  io_writes: "container_fs_writes",
  network_receive_bytes: "container_network_receive_bytes",
  network_receive_packets: "container_network_receive_packets",
  network_receive_errors: "container_network_receive_errors",
  network_receive_packets_dropped: "container_network_receive_packets_dropped",
  network_transmit_bytes: "container_network_transmit_bytes",
  network_transmit_packets: "container_network_transmit_packets",
  network_transmit_errors: "container_network_transmit_errors",
  network_transmit_packets_dropped: "container_network_transmit_packets_dropped",
  pressure_cpu_waiting_seconds: "container_pressure_cpu_waiting_seconds",
  pressure_memory_waiting_seconds: "container_pressure_memory_waiting_seconds",
  pressure_memory_stalled_seconds: "container_pressure_memory_stalled_seconds",
  pressure_io_waiting_seconds: "container_pressure_io_waiting_seconds",
  pressure_io_stalled_seconds: "container_pressure_io_stalled_seconds",
  filesystem_size_bytes: "container_fs_limit_bytes",
  filesystem_used_bytes: "container_fs_usage_bytes",
  filesystem_inodes_free: "container_fs_inodes_free",
  open_files: "container_file_descriptors",
};

/** Ends with a newline; OpenMetrics with "# EOF". */
export function renderMetrics(document: ContainerDocument, options: MetricOptions): string {
  let text = "";
  eachFamily(document, options, (family) => {
    text += renderFamily(family, options);
  });
  return options.format === "openmetrics" ? `${text}# EOF\n` : text;
}

function renderFamily(family: Family, { format, names }: MetricOptions): string {
  const { type, help, samples } = family;
  const own = `procg_${family.name}`;
  const name = names === "cadvisor" ? (CADVISOR[family.name] ?? own) : own;
  const suffix = type === "counter" ? "_total" : type === "info" ? "_info" : "";
  const lines: string[] = [];
  for (const [labels, value] of samples) {
    if (value === null || value === undefined) continue;
    const shown = labels.map(([label, content]) => `${label}="${escapeLabel(content)}"`).join(",");
    lines.push(`${name}${suffix}${shown === "" ? "" : `{${shown}}`} ${value}\n`);
  }
  if (lines.length === 0) return "";
  const unit = unitOf(name);
  const head =
    format === "openmetrics"
      ? `# TYPE ${name} ${type}\n${unit === null ? "" : `# UNIT ${name} ${unit}\n`}# HELP ${name} ${help}\n`
      : `# HELP ${name}${suffix} ${help}\n# TYPE ${name}${suffix} ${type === "info" ? "gauge" : type}\n`;
  return head + lines.join("");
}

/** The unit is the end of the name, or there is none. */
function unitOf(name: string): string | null {
  const last = name.slice(name.lastIndexOf("_") + 1);
  return ["seconds", "bytes", "cores"].includes(last) ? last : null;
}

/** The text format is one of lines: control characters do not belong in it. */
function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n").replace(/\r/g, "");
}

/** One after the other: a daemon keeps whatever memory all of them at once would take. */
function eachFamily(
  document: ContainerDocument,
  { version, ageSeconds, names }: MetricOptions,
  put: (family: Family) => void,
): void {
  const { container, cpu, load, memory, pids, io, network, psi, filesystems, files } = document;
  const add = (type: Family["type"], name: string, help: string, samples: Samples): void =>
    put({ name, type, help, samples });
  const gauge = (name: string, help: string, value: number | null | undefined): void =>
    add("gauge", name, help, [[[], value]]);
  const counter = (name: string, help: string, value: number | null | undefined): void =>
    add("counter", name, help, [[[], value]]);
  const limit = (name: string, known: string, help: string, value: Limit | null, complete: boolean): void => {
    gauge(name, `${help}. Left out where there is none or it is not known.`, value === "max" ? null : value);
    gauge(
      known,
      `1: ${name} is known for sure, also when it is left out because there is no limit. 0: it may be lower.`,
      value !== null && complete ? 1 : 0,
    );
  };
  const identity: (readonly [string, string])[] = [];
  const { id, name, image, instanceUuid, hostname, runtime } = container;
  const pairs = { id, name, image, instance_uuid: instanceUuid, hostname, runtime };
  for (const [key, value] of Object.entries(pairs)) if (value !== null) identity.push([key, value]);

  add("info", "container", "Identity of this container.", [[identity, 1]]);
  add("info", "build", "The program that answers.", [[[["version", version]], 1]]);
  gauge("sample_age_seconds", "Time since the sample was taken.", Math.round(ageSeconds * 1000) / 1000);
  gauge(
    "sample_timestamp_seconds",
    "When the sample was taken, since the epoch.",
    document.sampledAtUnixMs / 1000,
  );
  const started = container.startedAt === null ? null : Date.parse(container.startedAt) / 1000;
  gauge("start_time_seconds", "Start of the container, since the epoch.", started);

  counter("cpu_usage_seconds", "CPU time used.", seconds(cpu.usageUs));
  counter("cpu_user_seconds", "CPU time used in user mode.", seconds(cpu.userUs));
  counter("cpu_system_seconds", "CPU time used in the kernel.", seconds(cpu.systemUs));
  limit("cpu_quota_cores", "cpu_quota_known", "CPU quota", cpu.quotaCores, cpu.quotaComplete);
  gauge("cpu_capacity_cores", "CPUs that can be used: the smaller of cpuset and quota.", cpu.capacityCores);
  if (names === "cadvisor") {
    // In microseconds, as there.
    gauge("cpu_quota", "Quota of the cgroup itself in a period.", cpu.quotaUs === "max" ? null : cpu.quotaUs);
    gauge("cpu_period", "Period of the quota.", cpu.periodUs);
  } else gauge("cpu_period_seconds", "Period of the quota.", seconds(cpu.periodUs));
  gauge("cpu_shares", "CPU shares (cgroup v1).", cpu.shares);
  gauge("cpu_weight", "CPU weight (cgroup v2).", cpu.weight);
  counter("cpu_periods", "Periods in which the quota was counted.", cpu.throttling.periods);
  counter(
    "cpu_throttled_periods",
    "Periods in which the quota was used up.",
    cpu.throttling.throttledPeriods,
  );
  counter(
    "cpu_throttled_seconds",
    "Time for which threads were throttled.",
    seconds(cpu.throttling.throttledUs),
  );

  add("gauge", "load_average", "Load averages by the kernel's arithmetic, of this container's threads.", [
    [[["window", "1m"]], load?.load1],
    [[["window", "5m"]], load?.load5],
    [[["window", "15m"]], load?.load15],
  ]);
  add("gauge", "load_threads", "Threads at the last sample, by state.", [
    [[["state", "runnable"]], load?.runnable],
    [[["state", "uninterruptible"]], load?.uninterruptible],
    [[["state", "frozen"]], load?.frozen],
  ]);
  counter("load_samples", "Times that threads were counted.", load?.samples);
  counter("load_missed_periods", "Periods of 5 s that were filled in afterwards.", load?.missedPeriods);
  const warming = load?.warmingUp ?? null;
  gauge(
    "load_warming_up",
    "1: the averages cover less than 15 minutes.",
    warming === null ? null : Number(warming),
  );
  gauge("processes", "Processes, this program left out.", load?.processes);

  gauge("memory_usage_bytes", "Memory in use, page cache included.", memory.usageBytes);
  gauge("memory_used_bytes", "Memory that cannot be given back.", memory.usedBytes);
  gauge("memory_working_set_bytes", "Memory in use without inactive page cache.", memory.workingSetBytes);
  gauge("memory_available_bytes", "Memory that can still be had.", memory.availableBytes);
  gauge("memory_total_bytes", "The smaller of limit and the host's memory.", memory.totalBytes);
  limit("memory_limit_bytes", "memory_limit_known", "Memory limit", memory.limitBytes, memory.limitComplete);
  const { softLimitBytes } = memory;
  gauge(
    "memory_soft_limit_bytes",
    "memory.high, or v1's soft limit.",
    softLimitBytes === "max" ? null : softLimitBytes,
  );
  gauge("memory_max_usage_bytes", "Most memory ever in use.", memory.maxUsageBytes);
  gauge("memory_rss_bytes", "Anonymous memory.", memory.rssBytes);
  gauge("memory_cache_bytes", "Page cache, shared memory included.", memory.cacheBytes);
  gauge("memory_shmem_bytes", "Shared memory and tmpfs.", memory.shmemBytes);
  gauge("memory_mapped_file_bytes", "Mapped files.", memory.mappedFileBytes);
  gauge("memory_dirty_bytes", "Page cache to be written.", memory.dirtyBytes);
  gauge("memory_kernel_bytes", "Kernel memory.", memory.kernelBytes);
  gauge("memory_swap_usage_bytes", "Swap in use.", memory.swapUsageBytes);
  gauge("memory_swap_limit_bytes", "Swap that can be used.", memory.swapLimitBytes);
  counter("memory_page_faults", "Page faults.", memory.pgfault);
  counter("memory_major_page_faults", "Page faults that needed IO.", memory.pgmajfault);
  counter("memory_failures", "Times that the limit was met (cgroup v1).", memory.failcnt);
  const { events } = memory;
  counter("oom_kills", "Processes killed for want of memory.", events.oomKill);
  add("counter", "memory_events", "Memory events (cgroup v2).", [
    [[["event", "low"]], events.low],
    [[["event", "high"]], events.high],
    [[["event", "max"]], events.max],
    [[["event", "oom"]], events.oom],
    [[["event", "oom_group_kill"]], events.oomGroupKill],
  ]);

  gauge("threads", "Threads, by the pids controller.", pids.current);
  limit("threads_limit", "threads_limit_known", "Most threads", pids.limit, pids.limitComplete);
  counter("failed_forks", "Forks refused by the limit.", pids.failedForks);

  const devices = io.devices ?? [];
  const byDevice = (pick: (device: (typeof devices)[number]) => number | null): Samples =>
    devices.map((device) => [[["device", device.device]], pick(device)]);
  add(
    "counter",
    "io_read_bytes",
    "Bytes read, by device.",
    byDevice((device) => device.readBytes),
  );
  add(
    "counter",
    "io_written_bytes",
    "Bytes written, by device.",
    byDevice((device) => device.writeBytes),
  );
  add(
    "counter",
    "io_reads",
    "Reads, by device.",
    byDevice((device) => device.readOps),
  );
  add(
    "counter",
    "io_writes",
    "Writes, by device.",
    byDevice((device) => device.writeOps),
  );

  const interfaces = network.interfaces ?? [];
  const byInterface = (pick: (each: (typeof interfaces)[number]) => number): Samples =>
    interfaces.map((each) => [[["interface", each.name]], pick(each)]);
  add(
    "counter",
    "network_receive_bytes",
    "Bytes received.",
    byInterface((each) => each.rxBytes),
  );
  add(
    "counter",
    "network_receive_packets",
    "Packets received.",
    byInterface((each) => each.rxPackets),
  );
  add(
    "counter",
    "network_receive_errors",
    "Errors on receiving.",
    byInterface((each) => each.rxErrors),
  );
  add(
    "counter",
    "network_receive_packets_dropped",
    "Packets dropped.",
    byInterface((each) => each.rxDropped),
  );
  add(
    "counter",
    "network_transmit_bytes",
    "Bytes sent.",
    byInterface((each) => each.txBytes),
  );
  add(
    "counter",
    "network_transmit_packets",
    "Packets sent.",
    byInterface((each) => each.txPackets),
  );
  add(
    "counter",
    "network_transmit_errors",
    "Errors on sending.",
    byInterface((each) => each.txErrors),
  );
  add(
    "counter",
    "network_transmit_packets_dropped",
    "Packets not sent.",
    byInterface((each) => each.txDropped),
  );
  gauge("network_tcp_connections", "TCP connections that are established.", network.tcp.currEstab);
  counter(
    "network_tcp_listen_overflows",
    "Connections refused by a full queue.",
    network.tcp.listenOverflows,
  );
  counter("network_tcp_retransmits", "TCP segments sent again.", network.tcp.retransSegs);

  const pressure = (name: string, help: string, line: PsiLine | null | undefined): void =>
    counter(`pressure_${name}_seconds`, help, line === null ? null : seconds(line?.totalUs ?? null));
  pressure("cpu_waiting", "Time in which some task waited for a CPU.", psi?.cpu.some);
  pressure("memory_waiting", "Time in which some task waited for memory.", psi?.memory.some);
  pressure("memory_stalled", "Time in which all tasks waited for memory.", psi?.memory.full);
  pressure("io_waiting", "Time in which some task waited for IO.", psi?.io.some);
  pressure("io_stalled", "Time in which all tasks waited for IO.", psi?.io.full);

  const mounts = filesystems ?? [];
  const byMount = (pick: (each: (typeof mounts)[number]) => number | null): Samples =>
    mounts.map((each) => [
      [
        ["device", each.device],
        ["mountpoint", each.mountpoint],
      ],
      pick(each),
    ]);
  add(
    "gauge",
    "filesystem_size_bytes",
    "Size of a file system.",
    byMount((each) => each.sizeBytes),
  );
  add(
    "gauge",
    "filesystem_used_bytes",
    "Used in a file system.",
    byMount((each) => each.usedBytes),
  );
  add(
    "gauge",
    "filesystem_available_bytes",
    "Free for others than root.",
    byMount((each) => each.availableBytes),
  );
  add(
    "gauge",
    "filesystem_inodes",
    "Inodes.",
    byMount((each) => each.inodes),
  );
  add(
    "gauge",
    "filesystem_inodes_free",
    "Inodes that are free.",
    byMount((each) => each.inodesFree),
  );

  gauge("open_files", "Open files of the processes that may be looked at.", files.open);
}

function seconds(microseconds: number | null): number | null {
  return microseconds === null ? null : microseconds / 1e6;
}
