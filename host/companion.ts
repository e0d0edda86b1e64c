/** What every command of the companion opens first: the machine, an engine, and the options that they share. */
import {
  type OptionSpec,
  type ParsedCommandLine,
  type ToolContext,
  ToolError,
  UsageError,
} from "../lib/cli/tool.ts";
import { runDirectory } from "../lib/container/registration.ts";
import { type HostAccess, openHostAccess } from "../lib/system/host_access.ts";
import { openServiceHost, type ServiceHost } from "../lib/system/service_host.ts";
import type { Engine } from "./engine/engine.ts";
import { findEngine } from "./engine/find.ts";
import type { Registrar } from "./register/register.ts";
import { ALL_WAYS, type Way } from "./register/ways.ts";

export const engineOption: OptionSpec = {
  key: "engine",
  long: "engine",
  argument: "ADDRESS",
  help: "ask this engine: unix:///PATH, containerd[:NAMESPACE], cri, or none",
};

export const registerOptions: readonly OptionSpec[] = [
  engineOption,
  {
    key: "ways",
    long: "ways",
    argument: "LIST",
    help: "ways into a container, tried in order: bind,exec,procroot (all, unless given)",
  },
  {
    key: "bind-root",
    long: "bind-root",
    argument: "DIR",
    help: "the folder whose children are bound into containers (/run/procg/containers)",
  },
  { key: "timeout", long: "timeout", argument: "SECONDS", help: "for each way into a container (5)" },
  { key: "no-openat2", long: "no-openat2", help: "walk as on a kernel without openat2", hidden: true },
];

export interface Companion {
  readonly host: ServiceHost;
  readonly access: HostAccess;
  /** null: none was found. */
  readonly engine: Engine | null;
}

export async function openCompanion(context: ToolContext): Promise<Companion> {
  const { system, commandLine } = context;
  const host = await openServiceHost(system);
  const access = await openHostAccess(system);
  if (host === null || access === null) throw new ToolError("only on the live system");
  const engine = await findEngine(system, host, access, optionValue(commandLine, "engine"));
  if (typeof engine === "string") throw new ToolError(engine);
  return { host, access, engine };
}

export function requireEngine(companion: Companion): Engine {
  if (companion.engine === null) {
    throw new ToolError(
      "no container engine found (Docker, Podman, containerd, CRI): name one with --engine",
    );
  }
  return companion.engine;
}

export function registrarOf(context: ToolContext, companion: Companion): Registrar {
  const { system, commandLine } = context;
  const run = runDirectory(system);
  return {
    system,
    access: companion.access,
    engine: companion.engine,
    runDirectory: run,
    options: {
      ways: waysOf(optionValue(commandLine, "ways")),
      bindRoot: optionValue(commandLine, "bind-root") ?? `${run}/containers`,
      timeoutSeconds: positiveNumber(commandLine, "timeout", 5),
      walkOnly: hasOption(commandLine, "no-openat2"),
    },
  };
}

function waysOf(text: string | null): readonly Way[] {
  if (text === null) return ALL_WAYS;
  const ways: Way[] = [];
  for (const word of text.split(",")) {
    const way = ALL_WAYS.find((each) => each === word);
    if (way === undefined) throw new UsageError(`no such way: '${word}' (${ALL_WAYS.join(", ")})`);
    if (!ways.includes(way)) ways.push(way);
  }
  return ways;
}

/** Ids of everything that runs. Throws ToolError. */
export async function listOrFail(engine: Engine): Promise<string[]> {
  const ids: string[] = [];
  const failure = await engine.list(({ id }) => ids.push(id));
  if (failure !== null) throw new ToolError(`${engine.address}: ${failure.failed}`);
  return ids;
}

export function optionValue(commandLine: ParsedCommandLine, key: string): string | null {
  let value: string | null = null;
  for (const option of commandLine.options) if (option.key === key) value = option.value;
  return value;
}

export function hasOption(commandLine: ParsedCommandLine, key: string): boolean {
  return commandLine.options.some((option) => option.key === key);
}

export function positiveNumber(commandLine: ParsedCommandLine, key: string, standard: number): number {
  const text = optionValue(commandLine, key);
  if (text === null) return standard;
  const value = Number(text);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text) || value <= 0)
    throw new UsageError(`--${key}: not a positive number: '${text}'`);
  return value;
}
