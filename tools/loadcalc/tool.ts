/** loadcalc: keeps the container's own load averages, and serves everything that is known of it. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { procgVersion } from "../../lib/cli/version.ts";
import { openServiceHost, type ServiceHost } from "../../lib/system/service_host.ts";
import { runDaemon, runOnce } from "./daemon.ts";
import { createSampler } from "./sampler.ts";
import { environmentOf, optionSpecs, readSettings } from "./settings.ts";

export const tool: ToolDeclaration = {
  name: "loadcalc",
  summary: "keep this container's load averages, and serve its numbers to monitoring agents",
  family: "procg",
  section: 8,
  usage: "[options]",
  linked: true,
  options: optionSpecs,
  description: [
    "Counts the threads of this container that run or wait uninterruptibly, every 5 seconds, and computes the load averages from them as the " +
      "kernel does for a machine. They are kept in RUN/loadavg (the format of /proc/loadavg), where uptime and top find them, and survive a " +
      "restart in RUN/loadcalc.state.",
    "Everything that is known of the container is served on a unix socket and on 127.0.0.1: /v1/metrics.json, /v1/load, /metrics (OpenMetrics " +
      "or the Prometheus text format), /healthz, /version, and a live page at /. See docs/endpoint.md.",
    "Each option can be given in the environment instead: PROCG_LISTEN for --listen, PROCG_NO_LISTEN=1 for --no-listen, and so on.",
    "SIGTERM and SIGINT save the state and end it; SIGHUP opens log and sockets anew and looks for the cgroup and the registration again; " +
      "SIGUSR1 prints a line about its state.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print } = context;
  const [extra] = commandLine.operands;
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const settings = readSettings(commandLine.options, (name) => system.env(name));
  const host = await openServiceHost(system);
  if (host === null) throw new ToolError("only the live system has a load to keep: no --root, no --replay");
  if (context.commandLine.options.length > 0 && !settings.once) restartLean(context, host);
  const cgroup = shared.cgroup ?? (system.env("PROCG_CGROUP") || null);
  const choice = { host: shared.host, cgroup };
  const sampler = createSampler(system, choice, settings.algorithm);
  const parts = { system, host, settings, sampler, version: procgVersion, choice };
  if (!settings.once) return runDaemon(parts);
  print(runOnce(parts, shared.json));
  return 0;
}

/**
 * Starts anew in the same process with the options in the environment: the memory that reading a command line takes (200 kB) is not kept
 * for months. Where that fails it just goes on.
 */
function restartLean({ system, commandLine, shared }: ToolContext, host: ServiceHost): void {
  const name = system.argv[0] ?? "procg";
  const argv = name === "loadcalc" || name.endsWith("/loadcalc") ? [name] : [name, "loadcalc"];
  const environment = environmentOf(commandLine.options, (key) => system.env(key));
  host.restart(argv, [
    ...environment,
    ["PROCG_HOST", shared.host ? "1" : ""],
    ["PROCG_CGROUP", shared.cgroup ?? (system.env("PROCG_CGROUP") || "")],
  ]);
}
