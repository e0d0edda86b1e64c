/**
 * nproc: how many processing units a program may keep busy here. Replaces coreutils' nproc(1); follows coreutils 9.8, the first
 * that honours a CPU quota, and does so on cgroup v1 too.
 */
import { quote } from "../../lib/cli/quote.ts";
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { readCpuLimit } from "../../lib/container/cpu_limit.ts";
import { quotaDoubt } from "../../lib/container/doubt.ts";
import { isRealtime } from "../../lib/container/usable_cpus.ts";
import type { System } from "../../lib/system/system.ts";
import { installedCpus } from "./collect.ts";
import { countCpus, cpusText, type OmpLimits, parseOmpThreads } from "./compute.ts";

export const tool: ToolDeclaration = {
  name: "nproc",
  summary: "print the number of processing units available in this container",
  family: "coreutils",
  section: 1,
  usage: "[OPTION]...",
  compatibleWith: "coreutils 9.8",
  options: [
    { key: "all", long: "all", help: "print the number of installed processors" },
    {
      key: "ignore",
      long: "ignore",
      argument: "N",
      help: "if possible, exclude N processing units",
      check: (option, _before, system) => void parseIgnore(system, option.value ?? ""),
    },
    { key: "help", long: "help", help: "display this help and exit", immediate: true },
    { key: "version", long: "version", help: "display the version and exit", immediate: true },
  ],
  description: [
    "The smallest of: the CPUs that this process may run on, and the CPU quota (rounded to the nearest whole number, at least 1) of the " +
      "container and of every visible parent cgroup. OMP_NUM_THREADS and OMP_THREAD_LIMIT are honoured as in coreutils.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, shared, print } = context;
  let all = false;
  let ignore = 0;
  for (const option of context.commandLine.options) {
    if (option.key === "all") all = true;
    if (option.key === "ignore") ignore = parseIgnore(system, option.value ?? "");
  }
  const [operand] = context.commandLine.operands;
  if (operand !== undefined) throw new UsageError(`extra operand ${quote(system, operand)}`);
  const container = openContainer(system, shared);
  const limit = readCpuLimit(container);
  const omp: OmpLimits = {
    threads: parseOmpThreads(system.env("OMP_NUM_THREADS")),
    most: parseOmpThreads(system.env("OMP_THREAD_LIMIT")),
  };
  const cpus = countCpus({
    all,
    ignore,
    omp,
    installed: all ? installedCpus(system) : null,
    limit,
    realtime: isRealtime(system),
  });
  if (cpus === null)
    throw new ToolError("the number of CPUs cannot be read: neither affinity nor cpuset nor /sys");
  if (limit.quotaUnread !== null && !all) context.warn(quotaDoubt(limit.quotaUnread));
  if (shared.json || shared.explain) {
    const { explainCpus, nprocJson } = await import("./json.ts");
    print(shared.json ? nprocJson(cpus, limit) : explainCpus(container, cpus, limit));
  } else {
    print(`${cpusText(cpus)}\n`);
  }
  return 0;
}

/** As coreutils 9: a decimal number without a minus, below 2^64. */
function parseIgnore(system: System, text: string): number {
  if (!/^\s*\+?\d+$/.test(text)) throw new ToolError(`invalid number: ${quote(system, text)}`);
  const value = Number(text);
  if (value >= 2 ** 64) {
    throw new ToolError(`invalid number: ${quote(system, text)}: Value too large for defined data type`);
  }
  return value;
}
