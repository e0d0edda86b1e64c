/** Registers one container: facts, file, way in, and the host's own note of it. */
import { runDirectory } from "../../lib/container/registration.ts";
import type { HostAccess } from "../../lib/system/host_access.ts";
import type { System } from "../../lib/system/system.ts";
import type { ContainerFacts, Engine } from "../engine/engine.ts";
import { openHostView } from "./host_view.ts";
import { buildInstance, type Instance, instanceText } from "./instance.ts";
import { noteRegistration } from "./notes.ts";
import { type WayOptions, type Written, writeInstance } from "./ways.ts";

export interface Registrar {
  readonly system: System;
  readonly access: HostAccess;
  readonly engine: Engine | null;
  readonly options: WayOptions;
  /** Where the host keeps its notes. */
  readonly runDirectory: string;
}

export interface Registered extends Written {
  readonly instance: Instance | null;
  readonly registeredAtSeconds: number;
}

/** Never throws. `unless`: the fingerprint and init for which nothing is to be done. */
export async function registerContainer(
  registrar: Registrar,
  facts: ContainerFacts,
  unless: { readonly fingerprint: string; readonly ownStartTicks: number } | null = null,
): Promise<Registered | "unchanged"> {
  const { system, options } = registrar;
  const registeredAtSeconds = system.realtimeSeconds();
  if (facts.pid === 0) {
    return { way: null, problems: [`it is ${facts.state}`], gone: true, instance: null, registeredAtSeconds };
  }
  const instance = buildInstance(openHostView(system), facts);
  if (instance === null) {
    return { way: null, problems: ["it has ended"], gone: true, instance: null, registeredAtSeconds };
  }
  if (unless?.fingerprint === instance.fingerprint && unless.ownStartTicks === instance.ownStartTicks) {
    return "unchanged";
  }
  const text = instanceText(instance.registration, registeredAtSeconds);
  const written = await writeInstance(
    system,
    registrar.access,
    registrar.engine,
    facts,
    instance.ownStartTicks,
    text,
    options,
  );
  noteRegistration(system, registrar.runDirectory, {
    id: facts.id,
    name: facts.name,
    pid: facts.pid,
    initStartTicks: instance.ownStartTicks,
    way: written.way,
    registeredAt: written.way === null ? null : new Date(registeredAtSeconds * 1000).toISOString(),
    problems: written.problems,
  });
  return { ...written, instance, registeredAtSeconds };
}

/** BINDROOT: /run/procg/containers unless given. */
export function defaultBindRoot(system: System): string {
  return `${runDirectory(system)}/containers`;
}
