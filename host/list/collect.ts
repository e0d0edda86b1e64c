/** Reads the rows: each look gives the rates since the one before. */
import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import { runDirectory } from "../../lib/container/registration.ts";
import { readThreadLoad } from "../../lib/container/thread_load.ts";
import type { HostAccess } from "../../lib/system/host_access.ts";
import type { System } from "../../lib/system/system.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import { openHostContainers, readHostDocument } from "../metric/host_container.ts";
import { openInsideReader } from "../metric/inside.ts";
import { isAlive } from "../metric/targets.ts";
import { readNote } from "../register/notes.ts";
import { type ContainerRow, computeRow } from "./rows.ts";

export interface RowReader {
  /** Those that have ended have no row. */
  read(containers: Iterable<ContainerFacts>): Promise<ContainerRow[]>;
}

const AT_A_STRETCH_SECONDS = 0.03;

export function openRowReader(system: System, access: HostAccess): RowReader {
  /** Of the look before, by id and start of the init. */
  let samples = new Map<string, CpuUsageSample>();
  const insides = openInsideReader(system, access);
  const run = runDirectory(system);
  return {
    async read(containers) {
      const opened = openHostContainers(system, containers);
      const inside = await insides.read(opened, false);
      const rows: ContainerRow[] = [];
      const seen = new Map<string, CpuUsageSample>();
      let rested = system.monotonicSeconds();
      for (const [index, each] of opened.entries()) {
        // A thousand containers take a second: keys are read in between.
        if (system.monotonicSeconds() - rested > AT_A_STRETCH_SECONDS) {
          await system.sleep(0);
          rested = system.monotonicSeconds();
        }
        const { ownStartTicks } = each.instance;
        const key = `${each.facts.id} ${ownStartTicks}`;
        const note = readNote(system, run, each.facts.id);
        const before = samples.get(key) ?? null;
        const { document, cpu } = readHostDocument(each, note, before, 1, inside[index]);
        seen.set(key, cpu);
        const load = readThreadLoad(each.container);
        const active = typeof load === "number" ? null : load.runnable + load.uninterruptible;
        const isCurrent = note !== null && note.initStartTicks === ownStartTicks && isAlive(system, note);
        rows.push(computeRow(document, active, note === null ? null : { ...note, isCurrent }));
      }
      samples = seen;
      return rows;
    },
  };
}
