/** Look after look: keeps the one before, so that each frame shows what happened in between. */

import { cpuCfsPeriodUs, cpuCfsQuotaUs } from "../../lib/cgroupfs/v1/cpu_cfs.ts";
import { cpuMax } from "../../lib/cgroupfs/v2/cpu_max.ts";
import type { Container } from "../../lib/container/container.ts";
import { type CpuLimitModel, readCpuLimit } from "../../lib/container/cpu_limit.ts";
import { type CpuShareModel, type CpuShareSample, computeCpuShare } from "../../lib/container/cpu_share.ts";
import { doubtsOf } from "../../lib/container/doubt.ts";
import { type LoadReading, loadSocketPath, readLoadOrAsk } from "../../lib/container/load.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { pidMax } from "../../lib/procfs/pid_max.ts";
import type { ScanOptions } from "../../lib/procfs/process_scan.ts";
import {
  type ContainerSample,
  collectContainer,
  collectCpu,
  collectSummary,
  collectTasks,
  type LookOptions,
} from "./collect.ts";
import { computeContainer, computeSummary, countTasks } from "./compute.ts";
import type { SummaryModel, TaskSample, TaskView } from "./tasks.ts";
import { makeView, type Names, readNames } from "./view.ts";

export interface Frame {
  readonly view: TaskView;
  readonly summary: SummaryModel;
  /** What must be said beside the numbers. */
  readonly doubts: readonly string[];
}

export interface FrameOptions {
  readonly threads: boolean;
  readonly irix: boolean;
  readonly pids: readonly number[] | null;
  readonly scan: ScanOptions;
  /** The container's own lines are wanted. */
  readonly container: boolean;
}

export interface Frames {
  readonly container: Container;
  readonly names: Names;
  readonly pidDigits: number;
  readonly cpuDigits: number;
  /** CPUs that 100 % of all means in Solaris mode. */
  readonly cpus: number;
  /** The look that differences are taken from; nothing is shown of it. */
  prime(options: FrameOptions): void;
  next(options: FrameOptions): Frame;
  /** Asks loadcalc on its socket where it has no file; the next frames show what it said. Never rejects for what cannot be had. */
  askLoad(): Promise<void>;
  /** Looks before another kind of look (threads) do not count. */
  forget(): void;
}

export function openFrames(container: Container, utf8: boolean): Frames {
  const { system } = container;
  const names = readNames(container, utf8);
  let limit: CpuLimitModel | null = null;
  let asked: LoadReading | null = null;
  let before: TaskSample | null = null;
  let spare: TaskSample | null = null;
  let cpuBefore: CpuShareSample | null = null;
  let containerFirst: ContainerSample | null = null;
  let containerBefore: ContainerSample | null = null;
  let ioBefore = new Map<number, readonly [number, number]>();
  let ioNow = new Map<number, readonly [number, number]>();
  const limitOf = (): CpuLimitModel => {
    limit ??= readCpuLimit(container);
    return limit;
  };
  const hostCpus = (): number => limitOf().hostCpus.value ?? 1;
  const look = (options: FrameOptions, scan: ScanOptions): TaskSample => {
    const request: LookOptions = { threads: options.threads, pids: options.pids, scan };
    const sample = collectTasks(container, request, spare, before?.count ?? 0);
    spare = null;
    return sample;
  };
  return {
    container,
    names,
    get pidDigits() {
      return pidDigits(container);
    },
    get cpuDigits() {
      return String(Math.max(0, hostCpus() - 1)).length;
    },
    get cpus() {
      return hostCpus();
    },
    async askLoad() {
      asked = loadSocketPath(container) === null ? null : await readLoadOrAsk(container);
    },
    prime(options) {
      before = look(options, {});
      cpuBefore = collectCpu(container);
      if (options.container) {
        containerBefore = collectContainer(container);
        containerFirst ??= containerBefore;
      }
    },
    next(options) {
      const sample = look(options, options.scan);
      const cpuNow = collectCpu(container);
      const summary = collectSummary(container, asked);
      const cpu: CpuShareModel | null =
        cpuBefore === null || cpuNow === null ? null : computeCpuShare(cpuBefore, cpuNow);
      const withLines = options.container && container.kind === "container";
      const containerNow = withLines ? collectContainer(container) : null;
      if (containerNow !== null) {
        containerFirst ??= containerNow;
        limit = readCpuLimit(container);
      }
      const model = computeSummary(
        summary,
        system.localTime(summary.realtimeSeconds),
        countTasks(sample),
        options.threads,
        cpu,
        containerNow === null || containerFirst === null
          ? null
          : computeContainer(summary.memory, cpu, limitOf(), containerFirst, containerBefore, containerNow),
      );
      ioBefore = ioNow;
      ioNow = new Map();
      const total = model.memory.totalBytes.value;
      const comparable =
        before !== null && (before.tgids === null) === (sample.tgids === null) ? before : null;
      const view = makeView(
        container,
        names,
        comparable,
        sample,
        { before: ioBefore, now: ioNow },
        {
          threads: options.threads,
          irix: options.irix,
          cpus: hostCpus(),
          totalMemoryKib: total === null ? null : total / 1024,
          utf8: names.utf8,
        },
      );
      // The differences have been computed: the memory of the look before can be used again.
      spare = before;
      before = sample;
      cpuBefore = cpuNow;
      if (containerNow !== null) containerBefore = containerNow;
      return { view, summary: model, doubts: doubtsOf(cpuNow, model.memory, "total, free and avail") };
    },
    forget() {
      before = null;
      spare = null;
    },
  };
}

/** Digits of the largest pid, five at least: /proc/sys/kernel/pid_max. */
function pidDigits(container: Container): number {
  const most = attempt(container.system, "/proc/sys/kernel", pidMax).value;
  return most === null ? 5 : Math.max(5, String(most - 1).length);
}

/** Seconds until rates say something: 0.15 as in procps-ng, and three periods where there is a quota. */
export function firstInterval(container: Container): number {
  const least = 0.15;
  const location = container.kind === "machine" ? null : container.location("cpu");
  if (location === null) return least;
  let longest = 0;
  for (const directory of location.chain) {
    if (location.version === 2) {
      const max = attempt(container.system, directory, cpuMax).value;
      if (max !== null && max.quotaUsec !== "max") longest = Math.max(longest, max.periodUsec);
      continue;
    }
    const quota = attempt(container.system, directory, cpuCfsQuotaUs).value;
    if (quota === null || quota === "max") continue;
    longest = Math.max(longest, attempt(container.system, directory, cpuCfsPeriodUs).value ?? 0);
  }
  return Math.max(least, Math.min(3, (3 * longest) / 1e6));
}

/** The locale's word for the character set; none at all: UTF-8, as in most images. */
export function isUtf8(system: { env(name: string): string | undefined }): boolean {
  const locale = system.env("LC_ALL") || system.env("LC_CTYPE") || system.env("LANG") || "";
  return locale === "" || /utf-?8/i.test(locale);
}
