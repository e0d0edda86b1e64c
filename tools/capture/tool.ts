/** procg capture DIR: writes what the tools read of this container to a folder, for bug reports and tests. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { attempt, mustRead } from "../../lib/kernfile/kernel_file.ts";
import { cpuOnline } from "../../lib/procfs/cpu_lists.ts";
import { uptime } from "../../lib/procfs/uptime.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { CAPTURE_SCHEMA, type Capture, type CaptureStep } from "../../lib/system/replay.ts";
import type { System } from "../../lib/system/system.ts";
import { captureStep, type StepSummary } from "./collect.ts";

export const tool: ToolDeclaration = {
  name: "capture",
  summary: "write what the tools read of this container to a folder that --replay shows again",
  family: "procg",
  section: 1,
  usage: "[options] DIR",
  options: [
    {
      key: "steps",
      short: "n",
      long: "steps",
      argument: "N",
      help: "look N times (default 2: rates need two)",
    },
    {
      key: "interval",
      short: "i",
      long: "interval",
      argument: "SECONDS",
      help: "between two looks (default 1)",
    },
    { key: "no-cmdline", long: "no-cmdline", help: "leave out command lines: they may hold secrets" },
  ],
  description: [
    "DIR must not exist or be empty. Files of /proc, /sys and the container's cgroup directories are copied as they are; environments, " +
      "file contents and login records are not. What could not be read is listed in unreadable.json, never invented.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, shared, print, commandLine } = context;
  const [directory, extra] = commandLine.operands;
  if (directory === undefined) throw new UsageError("missing operand: DIR");
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  let steps = 2;
  let interval = 1;
  let cmdlines = true;
  for (const option of commandLine.options) {
    if (option.key === "steps") steps = parsePositive("--steps", option.value ?? "", true);
    if (option.key === "interval") interval = parsePositive("--interval", option.value ?? "", false);
    if (option.key === "no-cmdline") cmdlines = false;
  }
  // Their paths would be looked for, and written, below that directory.
  if (shared.root !== null || shared.replay !== null) {
    throw new UsageError(
      `${shared.root === null ? "--replay" : "--root"}: only the live system can be captured`,
    );
  }
  const target = directory.length > 1 && directory.endsWith("/") ? directory.slice(0, -1) : directory;
  const container = openContainer(system, shared);
  // Before anything is made: without /proc there is nothing to capture.
  mustRead(system, "/proc", uptime);
  prepare(system, target);

  const done: CaptureStep[] = [];
  let files = 0;
  let unreadable = 0;
  const first = system.monotonicSeconds();
  for (let index = 0; index < steps; index++) {
    if (index > 0) await system.sleep(Math.max(0, first + index * interval - system.monotonicSeconds()));
    const step = {
      dir: `t${index}`,
      monotonicSeconds: system.monotonicSeconds(),
      realtimeSeconds: system.realtimeSeconds(),
    };
    const summary: StepSummary = captureStep(container, `${target}/${step.dir}`, cmdlines);
    files += summary.files;
    unreadable += summary.unreadable;
    done.push(step);
  }
  const capture: Capture = {
    schema: CAPTURE_SCHEMA,
    kernel: system.names().release,
    clockTicksPerSecond: system.clockTicksPerSecond,
    pageSizeBytes: system.pageSizeBytes,
    onlineCpus: attempt(system, "/sys/devices/system/cpu", cpuOnline).value ?? [],
    steps: done,
  };
  const written = system.writeFileAtomic(
    `${target}/capture.json`,
    `${JSON.stringify(capture, null, 2)}\n`,
    0o644,
  );
  if (written < 0) throw new ToolError(`${target}/capture.json: ${errnoText(written)}`);
  if (shared.json) print(`${JSON.stringify(capture)}\n`);
  else
    print(
      `${target}: ${steps} ${steps === 1 ? "look" : "looks"}, ${files} files, ${unreadable} unreadable\n`,
    );
  return 0;
}

/** An empty directory to write to, made where there is none. */
function prepare(system: System, directory: string): void {
  const names = system.readDirectory(directory);
  if (typeof names !== "number") {
    if (names.length > 0) throw new ToolError(`${directory}: Directory not empty`);
    return;
  }
  const made = system.makeDirectory(directory, 0o755);
  if (made < 0) throw new ToolError(`${directory}: ${errnoText(made)}`);
}

function parsePositive(option: string, text: string, whole: boolean): number {
  const value = Number(text);
  const wellFormed = whole ? /^\d{1,4}$/.test(text) : /^\d{1,6}(\.\d+)?$/.test(text);
  if (!wellFormed || value <= 0) throw new UsageError(`${option}: not a positive number: '${text}'`);
  return value;
}
