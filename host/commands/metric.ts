/** procg host metric: the endpoint's document for any container, read by the host itself. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { readUsage } from "../../lib/container/collect_document.ts";
import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import { dockerMetric } from "../../lib/container/docker_metric.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import { engineOption, hasOption, openCompanion, optionValue, positiveNumber } from "../companion.ts";
import { readCompatStats } from "../metric/compat.ts";
import { type HostContainer, openHostContainers, readHostDocument } from "../metric/host_container.ts";
import { openInsideReader } from "../metric/inside.ts";
import { findContainers } from "../metric/targets.ts";
import { readNote } from "../register/notes.ts";

export const tool: ToolDeclaration = {
  name: "metric",
  summary: "print everything that is known of containers",
  family: "procg",
  section: 8,
  usage: "[options] CONTAINER... | --all",
  options: [
    { key: "all", short: "a", long: "all", help: "every running container" },
    {
      key: "compat",
      long: "compat",
      help: "the JSON of `docker metric`: cpu_stats, memory_stats, blkio_stats, freezer_stats",
    },
    {
      key: "watch",
      short: "w",
      long: "watch",
      argument: "SECONDS",
      optionalArgument: true,
      help: "again and again (every 5 s)",
    },
    { key: "wait", long: "wait", argument: "SECONDS", help: "look twice, so far apart, for the rates (0.3)" },
    engineOption,
  ],
  description: [
    "The document is procg.container/v1, as loadcalc serves it inside (docs/endpoint.md), read from the cgroup files and /proc; the engine is " +
      "asked for the name only, and is not needed for containers that procg host watch has registered. Without --json it is indented; " +
      "with --json each document is one line.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print, warn } = context;
  const all = hasOption(commandLine, "all");
  if (all === commandLine.operands.length > 0) throw new UsageError("name containers, or --all");
  const watches = hasOption(commandLine, "watch");
  const every = optionValue(commandLine, "watch") === null ? 5 : positiveNumber(commandLine, "watch", 5);
  const wait = positiveNumber(commandLine, "wait", 0.3);
  const isCompat = hasOption(commandLine, "compat");
  const { access, engine } = await openCompanion(context);
  const insides = openInsideReader(system, access);
  const samples = new Map<string, CpuUsageSample>();
  const indent = shared.json ? undefined : 1;
  const keyOf = ({ facts, instance }: HostContainer): string => `${facts.id} ${instance.ownStartTicks}`;
  for (let seq = 1; ; seq++) {
    const targets = await findContainers(context, engine, all ? "all" : commandLine.operands);
    for (const { name, id, pid, state } of targets)
      if (pid === 0) throw new ToolError(`${name ?? id}: it is ${state}`);
    const opened = openHostContainers(system, targets);
    if (seq === 1) {
      for (const each of opened) samples.set(keyOf(each), readUsage(each.container));
      await system.sleep(wait);
    }
    const inside = await insides.read(opened, !isCompat);
    for (const [index, each] of opened.entries()) {
      const key = keyOf(each);
      const note = readNote(system, runDirectory(system), each.facts.id);
      const { document, cpu } = readHostDocument(each, note, samples.get(key) ?? null, seq, inside[index]);
      samples.set(key, cpu);
      const answer = isCompat ? dockerMetric(document, readCompatStats(each.container)) : document;
      print(`${JSON.stringify(answer, null, indent)}\n`);
    }
    for (const { name, id } of targets)
      if (!opened.some((each) => each.facts.id === id)) warn(`${name ?? id}: it has ended`);
    if (!watches) return opened.length === targets.length ? 0 : 1;
    await system.sleep(every);
  }
}
