/** Which containers a command means, with an engine, or from the host's notes while the engine is away. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { pidStat } from "../../lib/procfs/pid_stat.ts";
import type { System } from "../../lib/system/system.ts";
import { type ContainerFacts, type Engine, isFailure } from "../engine/engine.ts";
import { notedIds, type RegistrationNote, readNote } from "../register/notes.ts";

/** Throws ToolError: names that are not there; with `all`, an engine that does not answer and no notes either. */
export async function findContainers(
  { system, warn }: ToolContext,
  engine: Engine | null,
  names: readonly string[] | "all",
): Promise<ContainerFacts[]> {
  if (names !== "all") {
    const found: ContainerFacts[] = [];
    for (const name of names) found.push(await findOne(system, engine, name));
    return found;
  }
  const ids: string[] = [];
  const failure = engine === null ? null : await engine.list(({ id }) => ids.push(id));
  if (engine === null || failure !== null) {
    const noted = notedContainers(system);
    const why = failure === null ? "no container engine found" : `${engine?.address}: ${failure.failed}`;
    if (noted.length === 0) throw new ToolError(why);
    warn(`${why}: from the notes of procg host watch`);
    return noted;
  }
  const found: ContainerFacts[] = [];
  for (const id of ids) {
    const facts = await engine.inspect(id);
    if (!isFailure(facts) && facts.pid > 0) found.push(facts);
  }
  return found.sort((a, b) => ((a.name ?? a.id) < (b.name ?? b.id) ? -1 : 1));
}

async function findOne(system: System, engine: Engine | null, name: string): Promise<ContainerFacts> {
  const facts = engine === null ? null : await engine.inspect(name);
  if (facts !== null && !isFailure(facts)) return facts;
  const noted = notedContainers(system).find(
    (each) => each.name === name || each.id === name || (name.length >= 12 && each.id.startsWith(name)),
  );
  if (noted !== undefined && (facts === null || !facts.gone)) return noted;
  throw new ToolError(`${name}: ${facts === null ? "no container engine found" : facts.failed}`);
}

/** What is noted and still runs. */
function notedContainers(system: System): ContainerFacts[] {
  const run = runDirectory(system);
  const found: ContainerFacts[] = [];
  for (const id of notedIds(system, run)) {
    const note = readNote(system, run, id);
    if (note === null || !isAlive(system, note)) continue;
    found.push({
      id: note.id,
      name: note.name,
      image: null,
      runtime: "unknown",
      state: "running",
      pid: note.pid,
      startedAt: null,
      labels: {},
      hostname: null,
      networkMode: null,
      mounts: [],
      rootfsQuotaBytes: null,
      runDirectory: null,
    });
  }
  return found;
}

export function isAlive(system: System, note: RegistrationNote): boolean {
  return attempt(system, `/proc/${note.pid}`, pidStat).value?.starttime === note.initStartTicks;
}
