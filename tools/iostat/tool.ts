/** iostat: what the container reads from and writes to block devices, and its CPU time. Replaces sysstat's iostat(1). */
import { type ToolContext, type ToolDeclaration, UsageError } from "../../lib/cli/tool.ts";
import { type Container, openContainer } from "../../lib/container/container.ts";
import { readCpuLimit } from "../../lib/container/cpu_limit.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { procStat } from "../../lib/procfs/stat.ts";
import { isDirectory } from "../../lib/system/file_type.ts";
import { sleepOrStop, watchStop } from "../../lib/system/interrupt.ts";
import type { LocalTime, System } from "../../lib/system/system.ts";
import { type Selection, selectDevices, selectionOf } from "./choose.ts";
import { collectIostat, type IostatSample } from "./collect.ts";
import { computeIostat, type IostatModel } from "./compute.ts";
import { optionSpecs, parseWords } from "./options.ts";
import type { OtherFiles } from "./other_files.ts";
import { type Layout, renderCpu, renderDevices, renderSystemLine, type SystemLine } from "./render.ts";
import { type Colors, parseColors } from "./render_colors.ts";

export const tool: ToolDeclaration = {
  name: "iostat",
  summary: "show what this container reads from and writes to block devices",
  family: "sysstat",
  section: 1,
  usage: "[ options ] [ <interval> [ <count> ] ]",
  compatibleWith: "sysstat 12",
  options: optionSpecs,
  parse: parseWords,
  description: [
    "Operations and bytes of each block device as the container's cgroup counts them (io.stat, on cgroup v1 blkio.throttle.*); avg-cpu is of the CPU " +
      "time that the container may use. The kernel does not count waiting times, merges and utilisation by cgroup: they print as -.",
    "On cgroup v1 writes through the page cache are not attributed to a container; only direct and synchronous ones are.",
  ],
  run,
};

const SIGINT = 2;

interface Plan {
  readonly layout: Layout;
  readonly cpu: boolean;
  readonly disk: boolean;
  readonly timestamp: boolean;
  readonly limits: boolean;
  readonly isoDates: boolean;
  readonly active: boolean;
  readonly other: OtherFiles | null;
  /** null: one report. */
  readonly intervalSeconds: number | null;
  readonly count: number;
  readonly noFirst: boolean;
}

async function run(context: ToolContext): Promise<number> {
  const { system, shared, print, commandLine } = context;
  const plan = readPlan(context);
  const other = plan.other === null ? null : system.stat(plan.other.directory);
  if (typeof other === "number" || (other !== null && !isDirectory(other))) throw new UsageError("");
  const selection = selectionOf(commandLine.options, system);
  const container = openContainer(system, shared);
  const isJson = commandLine.options.some((option) => option.key === "json");
  const wantsReports = shared.json || shared.explain || isJson || plan.limits;
  const reports = wantsReports ? await import("./json.ts") : null;
  const line = systemLine(container, plan);
  const asText = !shared.json && !shared.explain && !isJson;
  if (asText) print(`${renderSystemLine(line)}\n${plan.noFirst ? "\n" : ""}`);
  else if (isJson && reports !== null) print(reports.sysstatHead(line, plan.noFirst));

  const stop = plan.intervalSeconds === null ? null : await watchStop(system, [SIGINT]);
  const first = system.monotonicSeconds();
  const last = plan.noFirst ? plan.count : plan.count - 1;
  let before: IostatSample | null = null;
  let printed = 0;
  for (let done = 0; ; done++) {
    const sample = collectIostat(container, selection, plan.other);
    const isLast = done >= last || !system.hasNextStep();
    if (done > 0 || !plan.noFirst) {
      const model = report(plan, selection, before, sample);
      const now = system.localTime(system.realtimeSeconds());
      if (reports === null) print(text(plan, model, now));
      else if (shared.json) print(reports.iostatJson(container, sample, model));
      else if (shared.explain) print(reports.explainIostat(container, sample, model));
      else if (isJson)
        print(reports.sysstatReport(plan, model, plan.timestamp ? stamp(plan, now) : null, printed === 0));
      else print(text(plan, model, now) + reports.renderLimits(container, model));
      printed++;
    }
    before = sample;
    if (isLast) break;
    // On ideal ticks, so that the time a report takes does not add up.
    const due = first + (done + 1) * (plan.intervalSeconds ?? 0);
    // ^C ends it in peace, as sysstat's: its JSON is whole then.
    if ((await sleepOrStop(system, stop, Math.max(0, due - system.monotonicSeconds()))) === "stopped") break;
  }
  if (isJson && asText === false && reports !== null && !shared.json && !shared.explain)
    print(reports.sysstatTail(printed > 0));
  return 0;
}

/** S_COLORS: never, always, else on a terminal that does not ask for none. */
function chooseColors(system: System): Colors | null {
  const when = system.env("S_COLORS");
  const isWanted = when === "always" || (system.isTerminal(1) && !system.env("NO_COLOR"));
  return when === "never" || !isWanted ? null : parseColors(system.env("S_COLORS_SGR") ?? "");
}

function report(
  plan: Plan,
  selection: Selection,
  before: IostatSample | null,
  sample: IostatSample,
): IostatModel {
  const model = computeIostat(before, sample, selectDevices(selection, sample.devices));
  return plan.active ? { ...model, devices: model.devices.filter((one) => !one.isIdle) } : model;
}

function text(plan: Plan, model: IostatModel, now: LocalTime): string {
  return (
    (plan.timestamp ? `${stamp(plan, now)}\n` : "") +
    (plan.cpu ? renderCpu(model.cpu.total, plan.layout) : "") +
    (plan.disk ? renderDevices(model.devices, plan.layout) : "") +
    "\n\n"
  );
}

function readPlan({ system, commandLine }: ToolContext): Plan {
  const { options, operands } = commandLine;
  const has = (key: string): boolean => options.some((option) => option.key === key);
  const last = (key: string) => options.filter((option) => option.key === key).pop();
  const [interval, count] = operands.map(Number);
  const decimals = last("decimals")?.value;
  const other = last("otherFiles");
  const repeats = interval !== undefined && interval > 0;
  const onlyCpu = has("cpu") && !has("disk") && !has("extended") && !has("partitions");
  const onlyDisk = has("disk") && !has("cpu");
  return {
    layout: {
      extended: has("extended"),
      short: has("short"),
      pretty: has("people") || has("pretty"),
      human: has("people") || has("human"),
      compact: has("compact"),
      decimals: decimals === "0" ? 0 : decimals === "1" ? 1 : decimals === "2" ? 2 : null,
      unit: has("megabytes")
        ? "MB"
        : has("kilobytes") || system.env("POSIXLY_CORRECT") === undefined
          ? "kB"
          : "Blk",
      colors: chooseColors(system),
    },
    cpu: !onlyDisk,
    disk: !onlyCpu,
    timestamp: has("timestamp"),
    limits: has("limits"),
    isoDates: system.env("S_TIME_FORMAT") === "ISO",
    active: has("active"),
    other:
      other === undefined || other.value === null
        ? null
        : { directory: other.value, only: other.name === "-f" },
    intervalSeconds: repeats ? (interval ?? null) : null,
    count: !repeats ? 1 : (count ?? Number.POSITIVE_INFINITY),
    noFirst: has("noFirst") && repeats,
  };
}

function systemLine(container: Container, plan: Plan): SystemLine {
  const { system } = container;
  const now = system.localTime(system.realtimeSeconds());
  return { ...system.names(), cpus: cpuCount(container), date: date(plan, now) };
}

/** The machine's, or those that the container may use. */
function cpuCount(container: Container): number | null {
  if (container.kind === "container") {
    const { cpus, hostCpus } = readCpuLimit(container);
    return cpus?.length ?? hostCpus.value;
  }
  return configuredCpus(container.system);
}

function configuredCpus(system: System): number | null {
  const names = system.readDirectory("/sys/devices/system/cpu");
  const count = typeof names === "number" ? 0 : names.filter((name) => /^cpu\d+$/.test(name)).length;
  return count > 0 ? count : (attempt(system, "/proc", procStat).value?.cpus.length ?? null);
}

function date({ isoDates }: Plan, time: LocalTime): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return isoDates
    ? `${time.year}-${two(time.month)}-${two(time.day)}`
    : `${two(time.month)}/${two(time.day)}/${two(time.year % 100)}`;
}

function stamp(plan: Plan, time: LocalTime): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
  if (!plan.isoDates) return `${date(plan, time)} ${clock}`;
  const minutes = Math.abs(Math.trunc(time.offsetSeconds / 60));
  const zone = `${time.offsetSeconds < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
  return `${date(plan, time)}T${clock}${zone}`;
}
