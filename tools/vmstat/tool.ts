/** vmstat: threads, memory, swapping, IO and CPU of the container. Replaces procps-ng's vmstat(8). */
import {
  type OptionSpec,
  type ParsedOption,
  type ToolContext,
  type ToolDeclaration,
  ToolError,
  UsageError,
} from "../../lib/cli/tool.ts";
import { type Container, openContainer } from "../../lib/container/container.ts";
import type { System } from "../../lib/system/system.ts";
import { collectVmstat, type VmstatSample } from "./collect.ts";
import { computeVmstat } from "./compute.ts";
import { type Layout, renderHeader, renderRow } from "./render.ts";

const optionSpecs: readonly OptionSpec[] = [
  { key: "active", short: "a", long: "active", help: "show active and inactive memory" },
  { key: "forks", short: "f", long: "forks", help: "the number of forks since boot", immediate: true },
  { key: "slabs", short: "m", long: "slabs", help: "the kernel's slab caches" },
  { key: "oneHeader", short: "n", long: "one-header", help: "show the heading only once" },
  { key: "stats", short: "s", long: "stats", help: "counters, one a line" },
  { key: "disk", short: "d", long: "disk", help: "disks" },
  { key: "diskSum", short: "D", long: "disk-sum", help: "sums over all disks" },
  { key: "partition", short: "p", long: "partition", argument: "DEV", help: "one disk or partition" },
  {
    key: "unit",
    short: "S",
    long: "unit",
    argument: "CHAR",
    help: "unit of memory: k (1000), K (1024), m, M",
    check: checkUnit,
  },
  { key: "wide", short: "w", long: "wide", help: "wide columns" },
  { key: "timestamp", short: "t", long: "timestamp", help: "add the time to each line" },
  { key: "noFirst", short: "y", long: "no-first", help: "leave out the first line, since the start" },
  { key: "guest", long: "guest", help: "add the column gu: time given to virtual machines" },
  { key: "limits", long: "limits", help: "add columns: throttled periods, pressure of cpu, memory, io" },
  { key: "help", short: "h", long: "help", help: "display this help and exit", immediate: true },
  { key: "version", short: "V", long: "version", help: "display the version and exit", immediate: true },
];

export const tool: ToolDeclaration = {
  name: "vmstat",
  summary: "show threads, memory, swapping, IO and CPU of this container",
  family: "procps",
  section: 8,
  usage: "[options] [delay [count]]",
  compatibleWith: "procps-ng 4.0",
  options: optionSpecs,
  description: [
    "r and b are the container's threads that run and that wait for a device; memory is that of free; bi and bo are what its cgroup read from " +
      "and wrote to block devices, in KiB; us, sy and id are shares of the CPU time that it may use: one that burns its whole quota is 0 % idle.",
    "What the kernel does not count by cgroup prints as -: interrupts, context switches, on most kernels swapping. The first line is since the " +
      "start of the container.",
  ],
  run,
};

/** Bytes by the first letter. */
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  B: 1,
  k: 1000,
  K: 1024,
  m: 1e6,
  M: 1024 * 1024,
};

function checkUnit({ value }: ParsedOption): void {
  if (UNITS[(value ?? "").charAt(0)] === undefined) {
    throw new ToolError("-S requires k, K, m or M (default is KiB)");
  }
}

/** Each excludes the others. */
const OTHER_REPORTS = ["disk", "stats", "slabs", "partition", "diskSum"] as const;
export type OtherReport = (typeof OTHER_REPORTS)[number] | "forks";

export interface Plan {
  readonly layout: Layout;
  readonly delaySeconds: number;
  /** Infinity: for ever. */
  readonly count: number;
  readonly oneHeader: boolean;
  readonly noFirst: boolean;
  readonly unit: string;
  readonly partition: string;
}

async function run(context: ToolContext): Promise<number> {
  const { system, shared } = context;
  const options = context.commandLine.options;
  const has = (key: string): boolean => options.some((option) => option.key === key);
  const container = openContainer(system, shared);
  if (has("forks")) return runOther(context, container, "forks", readPlan(context, []));
  const plan = readPlan(context, context.commandLine.operands);
  const others = OTHER_REPORTS.filter(has);
  if (others.length > 1) throw new UsageError("");
  const [other] = others;
  return other === undefined ? runTable(context, container, plan) : runOther(context, container, other, plan);
}

async function runTable(context: ToolContext, container: Container, plan: Plan): Promise<number> {
  const { system, shared, print } = context;
  const { layout } = plan;
  const reports = shared.json || shared.explain ? await import("./json.ts") : null;
  const wanted = { active: layout.active || reports !== null, pressure: layout.limits || reports !== null };
  const rowsPerHeader = headerRows(system);
  let before: VmstatSample | null = null;
  let printed = 0;
  let doubted = false;
  const print1 = (sample: VmstatSample): void => {
    if (!doubted) sample.doubts.forEach(context.warn);
    doubted = doubted || sample.doubts.length > 0;
    const model = computeVmstat(before, sample);
    before = sample;
    if (reports !== null) {
      print(shared.json ? reports.vmstatJson(model) : reports.explainVmstat(container, model));
      return;
    }
    const now = system.localTime(system.realtimeSeconds());
    const isHeader = printed === 0 || (!plan.oneHeader && printed % rowsPerHeader === 0);
    print((isHeader ? renderHeader(layout, now.zone) : "") + renderRow(model, layout, now));
    printed++;
  };
  const first = system.monotonicSeconds();
  const start = collectVmstat(container, wanted);
  if (plan.noFirst) before = start;
  else print1(start);
  const last = plan.noFirst ? plan.count : plan.count - 1;
  for (let done = 1; done <= last && system.hasNextStep(); done++) {
    // On ideal ticks, so that the time a report takes does not add up.
    await system.sleep(Math.max(0, first + done * plan.delaySeconds - system.monotonicSeconds()));
    print1(collectVmstat(container, wanted));
  }
  return 0;
}

async function runOther(
  context: ToolContext,
  container: Container,
  report: OtherReport,
  plan: Plan,
): Promise<number> {
  const { runReport } = await import("./other_reports.ts");
  return runReport(context, container, report, plan);
}

function readPlan({ commandLine }: ToolContext, operands: readonly string[]): Plan {
  const has = (key: string): boolean => commandLine.options.some((option) => option.key === key);
  const last = (key: string): string | null => {
    let value: string | null = null;
    for (const option of commandLine.options) if (option.key === key) value = option.value;
    return value;
  };
  const [delay, count] = operands;
  const delaySeconds = delay === undefined ? 1 : parseDelay(delay);
  const times = count === undefined ? null : parseNumber(count);
  if (operands.length > 2) throw new UsageError("");
  const unit = (last("unit") ?? "K").charAt(0);
  return {
    layout: {
      wide: has("wide"),
      active: has("active"),
      guest: has("guest"),
      limits: has("limits"),
      timestamp: has("timestamp"),
      unitBytes: UNITS[unit] ?? 1024,
    },
    delaySeconds,
    count: times !== null ? Math.max(1, times) : delay === undefined ? 1 : Number.POSITIVE_INFINITY,
    oneHeader: has("oneHeader"),
    noFirst: has("noFirst"),
    unit,
    partition: last("partition") ?? "",
  };

  function parseDelay(text: string): number {
    const value = parseNumber(text);
    if (value < 1) throw new ToolError("delay must be positive integer");
    if (value > 0xffffffff) throw new ToolError("too large delay value");
    return value;
  }

  function parseNumber(text: string): number {
    if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) {
      throw new ToolError(`failed to parse argument: '${text}'`);
    }
    const value = Number(text);
    if (Math.abs(value) >= 2 ** 63) {
      throw new ToolError(`failed to parse argument: '${text}': Numerical result out of range`);
    }
    return value;
  }
}

/** Lines between two headings: a screen, 21 where there is none. */
export function headerRows(system: System): number {
  const size = system.windowSize(1);
  return Math.max(1, (size?.[1] ?? 24) - 3);
}
