/** procg host watch: registers every container as it starts, until it is told to stop. */
import { type ToolContext, type ToolDeclaration, UsageError } from "../../lib/cli/tool.ts";
import { SIGINT, SIGTERM, SIGUSR1 } from "../../lib/system/service_host.ts";
import {
  hasOption,
  openCompanion,
  positiveNumber,
  registerOptions,
  registrarOf,
  requireEngine,
} from "../companion.ts";
import { startWatcher } from "../watch/watcher.ts";

export const tool: ToolDeclaration = {
  name: "watch",
  summary: "register every container as it starts, is renamed or changed",
  family: "procg",
  section: 8,
  usage: "[options]",
  options: [
    { key: "verbose", short: "v", long: "verbose", help: "one line on stderr for each registration" },
    {
      key: "reconcile",
      long: "reconcile",
      argument: "SECONDS",
      help: "compare with the engine's list this often (60)",
    },
    {
      key: "limits",
      long: "limits",
      argument: "SECONDS",
      help: "look at the limits of hidden ancestors this often (15)",
    },
    ...registerOptions,
  ],
  description: [
    "Runs in the foreground and is silent unless something is wrong; --verbose names each registration and how long after the container's " +
      "start it stood. Ends on SIGTERM and SIGINT; SIGUSR1 prints its counts. An engine that restarts or is away is waited for.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { commandLine, warn } = context;
  const [extra] = commandLine.operands;
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const companion = await openCompanion(context);
  const engine = requireEngine(companion);
  const { host } = companion;
  const isVerbose = hasOption(commandLine, "verbose");
  const watcher = startWatcher({
    registrar: registrarOf(context, companion),
    engine,
    host,
    reconcileSeconds: positiveNumber(commandLine, "reconcile", 60),
    limitSeconds: positiveNumber(commandLine, "limits", 15),
    log: (text) => {
      if (isVerbose || !text.startsWith("registered ")) warn(text);
    },
  });
  return new Promise((resolve) => {
    const stop = (): void => {
      watcher.close();
      resolve(0);
    };
    host.watchSignal(SIGTERM, stop);
    host.watchSignal(SIGINT, stop);
    host.watchSignal(SIGUSR1, () => warn(JSON.stringify(watcher.counts)));
  });
}
