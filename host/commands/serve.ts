/** procg host serve: all containers as OpenMetrics on a unix socket or on loopback. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { procgVersion } from "../../lib/cli/version.ts";
import { METRIC_NAMES } from "../../lib/container/openmetrics.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import { httpServer } from "../../lib/http/server.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { EADDRINUSE, type ServiceHost, SIGINT, SIGTERM } from "../../lib/system/service_host.ts";
import type { System } from "../../lib/system/system.ts";
import { engineOption, openCompanion, optionValue, positiveNumber, requireEngine } from "../companion.ts";
import { openRoster } from "../engine/roster.ts";
import { createExporter } from "../serve/exporter.ts";

export const tool: ToolDeclaration = {
  name: "serve",
  summary: "serve the metrics of all containers to a monitoring agent",
  family: "procg",
  section: 8,
  usage: "[options]",
  options: [
    {
      key: "listen",
      short: "l",
      long: "listen",
      argument: "ADDRESS",
      help: "unix:PATH (unix:/run/procg/host.sock), or ADDRESS:PORT of loopback",
    },
    { key: "most", long: "most", argument: "N", help: "containers that are exported at most (500)" },
    {
      key: "refresh",
      long: "refresh",
      argument: "SECONDS",
      help: "compare with the engine's list this often, besides its events (10)",
    },
    { key: "metric-names", long: "metric-names", argument: "NAMES", help: "procg (default) or cadvisor" },
    engineOption,
  ],
  description: [
    "Paths: /metrics (OpenMetrics 1.0.0 or text 0.0.4, by Accept) and /healthz. Each sample has the labels name, image and uuid of its container. " +
      "Only loopback addresses are listened on; runs in the foreground until SIGTERM or SIGINT.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, warn } = context;
  const [extra] = commandLine.operands;
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const names = METRIC_NAMES.find((each) => each === (optionValue(commandLine, "metric-names") ?? "procg"));
  if (names === undefined) throw new UsageError(`--metric-names: ${METRIC_NAMES.join(" or ")}`);
  const companion = await openCompanion(context);
  const engine = requireEngine(companion);
  const { host } = companion;
  const address = optionValue(commandLine, "listen") ?? `unix:${runDirectory(system)}/host.sock`;
  const { fd, isTcp, path } = listen(system, host, address);
  const roster = openRoster({
    system,
    host,
    engine,
    refreshSeconds: positiveNumber(commandLine, "refresh", 10),
  });
  await roster.refresh();
  const exporter = createExporter({
    system,
    access: companion.access,
    roster,
    version: procgVersion,
    metricNames: names,
    most: Math.floor(positiveNumber(commandLine, "most", 500)),
  });
  const server = httpServer({
    host,
    monotonicSeconds: () => system.monotonicSeconds(),
    realtimeSeconds: () => system.realtimeSeconds(),
    answer: (request) => exporter.answer(request),
    hostNames: [],
    log: warn,
  });
  server.serve(fd, isTcp);
  return new Promise((resolve) => {
    const stop = (): void => {
      roster.close();
      server.close();
      host.close(fd);
      if (path !== null) system.remove(path);
      resolve(0);
    };
    host.watchSignal(SIGTERM, stop);
    host.watchSignal(SIGINT, stop);
  });
}

interface Listening {
  readonly fd: number;
  readonly isTcp: boolean;
  readonly path: string | null;
}

function listen(system: System, host: ServiceHost, address: string): Listening {
  const unix = /^unix:(?:\/\/)?(\/.+)$/.exec(address)?.[1];
  if (unix !== undefined) {
    const folder = unix.slice(0, unix.lastIndexOf("/"));
    if (typeof system.stat(folder) === "number") system.makeDirectory(folder, 0o755);
    let fd = host.listenUnix(unix, 0o660, 64);
    if (fd === EADDRINUSE && isDead(host, unix)) {
      system.remove(unix);
      fd = host.listenUnix(unix, 0o660, 64);
    }
    if (fd < 0) throw new ToolError(`${unix}: ${errnoText(fd)}`);
    return { fd, isTcp: false, path: unix };
  }
  const match = /^(127\.[0-9]+\.[0-9]+\.[0-9]+|\[::1\]|localhost):([0-9]{1,5})$/.exec(address);
  if (match === null) throw new UsageError(`not unix:PATH and not a loopback ADDRESS:PORT: '${address}'`);
  const ip = match[1] === "localhost" ? "127.0.0.1" : (match[1] ?? "").replace(/[[\]]/g, "");
  const fd = host.listenTcp(ip, Number(match[2]), 64);
  if (fd < 0) throw new ToolError(`${address}: ${errnoText(fd)}`);
  return { fd, isTcp: true, path: null };
}

/** A socket that nobody listens on: left by a process that died. */
function isDead(host: ServiceHost, path: string): boolean {
  const fd = host.connectUnix(path);
  if (fd >= 0) host.close(fd);
  return fd < 0;
}
