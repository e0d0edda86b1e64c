/** procg host metric: the endpoint's document for any container, read by the host itself. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import { dockerMetric } from "../../lib/container/docker_metric.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import { engineOption, hasOption, openCompanion, optionValue, positiveNumber } from "../companion.ts";
import { openHostContainer, readHostDocument } from "../metric/host_container.ts";
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
  const { system, commandLine, shared, print } = context;
  const all = hasOption(commandLine, "all");
  if (all === commandLine.operands.length > 0) throw new UsageError("name containers, or --all");
  const watches = hasOption(commandLine, "watch");
  const every = optionValue(commandLine, "watch") === null ? 5 : positiveNumber(commandLine, "watch", 5);
  const wait = positiveNumber(commandLine, "wait", 0.3);
  const { engine } = await openCompanion(context);
  const samples = new Map<string, CpuUsageSample>();
  const indent = shared.json ? undefined : 1;
  for (let seq = 1; ; seq++) {
    const targets = await findContainers(context, engine, all ? "all" : commandLine.operands);
    const opened = targets.map((facts) => {
      if (facts.pid === 0) throw new ToolError(`${facts.name ?? facts.id}: it is ${facts.state}`);
      return openHostContainer(system, facts);
    });
    const read = (each: (typeof opened)[number]) => {
      if (each === null) return null;
      const note = readNote(system, runDirectory(system), each.facts.id);
      const key = `${each.facts.id} ${each.instance.ownStartTicks}`;
      const result = readHostDocument(each, note, samples.get(key) ?? null, seq);
      samples.set(key, result.cpu);
      return result.document;
    };
    if (seq === 1) {
      for (const each of opened) read(each);
      await system.sleep(wait);
    }
    for (const each of opened) {
      const document = read(each);
      if (document !== null)
        print(
          `${JSON.stringify(hasOption(commandLine, "compat") ? dockerMetric(document) : document, null, indent)}\n`,
        );
    }
    if (!watches) return opened.every((each) => each !== null) ? 0 : 1;
    await system.sleep(every);
  }
}
