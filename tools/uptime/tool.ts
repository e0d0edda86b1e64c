/** uptime: how long this container runs, and its load averages. Replaces procps-ng's uptime(1). */
import { type ToolContext, type ToolDeclaration, UsageError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { collectUptime } from "./collect.ts";
import { renderPretty, renderRaw, renderSince, renderUptime } from "./render.ts";

export const tool: ToolDeclaration = {
  name: "uptime",
  summary: "tell how long this container has been running, and its load",
  family: "procps",
  section: 1,
  usage: "[options]",
  compatibleWith: "procps-ng 4.0",
  options: [
    { key: "pretty", short: "p", long: "pretty", help: "show the uptime in words" },
    { key: "help", short: "h", long: "help", help: "display this help and exit", immediate: true },
    { key: "raw", short: "r", long: "raw", help: "show the values without units", immediate: true },
    { key: "since", short: "s", long: "since", help: "show the time of the start", immediate: true },
    { key: "container", short: "c", long: "container", help: "the age of process 1, also on a host" },
    { key: "version", short: "V", long: "version", help: "display the version and exit", immediate: true },
  ],
  description: [
    "The uptime is the age of the container's first process. The load averages are those that loadcalc keeps for this container; without " +
      "loadcalc they are not known and print as -.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, shared, print, commandLine } = context;
  if (commandLine.operands.length > 0) throw new UsageError("");
  const has = (key: string): boolean => commandLine.options.some((option) => option.key === key);
  const container = openContainer(system, shared);
  const initAge = has("container") || (system.env("PROCPS_CONTAINER") ?? "") !== "";
  const model = await collectUptime(container, initAge);
  if (shared.json || shared.explain) {
    const { explainUptime, uptimeJson } = await import("./json.ts");
    print(shared.json ? uptimeJson(model) : explainUptime(container, model));
  } else if (has("since")) print(renderSince(model, (seconds) => system.localTime(seconds)));
  else if (has("raw")) print(renderRaw(model));
  else if (has("pretty")) print(renderPretty(model));
  else print(renderUptime(model, system.localTime(model.nowSeconds)));
  return 0;
}
