/** Reads the rows: every container twice, so that there are rates. */
import type { ToolContext } from "../../lib/cli/tool.ts";
import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import { readThreadLoad } from "../../lib/container/thread_load.ts";
import type { Engine } from "../engine/engine.ts";
import { openHostContainer, readHostDocument } from "../metric/host_container.ts";
import { findContainers, isAlive } from "../metric/targets.ts";
import { readNote } from "../register/notes.ts";
import { type ContainerRow, computeRow } from "./rows.ts";

/** Kept between two readings, by id and start of the init. */
export type Samples = Map<string, CpuUsageSample>;

export async function collectRows(
  context: ToolContext,
  engine: Engine | null,
  names: readonly string[] | "all",
  samples: Samples,
): Promise<ContainerRow[]> {
  const { system } = context;
  const rows: ContainerRow[] = [];
  const seen = new Set<string>();
  for (const facts of await findContainers(context, engine, names)) {
    const opened = facts.pid === 0 ? null : openHostContainer(system, facts);
    if (opened === null) continue;
    const note = readNote(system, runDirectory(system), facts.id);
    const key = `${facts.id} ${opened.instance.ownStartTicks}`;
    seen.add(key);
    const { document, cpu } = readHostDocument(opened, note, samples.get(key) ?? null, 1);
    samples.set(key, cpu);
    const load = readThreadLoad(opened.container);
    const active = typeof load === "number" ? null : load.runnable + load.uninterruptible;
    const isCurrent =
      note !== null && note.initStartTicks === opened.instance.ownStartTicks && isAlive(system, note);
    rows.push(computeRow(document, active, note === null ? null : { ...note, isCurrent }));
  }
  for (const key of [...samples.keys()]) if (!seen.has(key)) samples.delete(key);
  return rows;
}
