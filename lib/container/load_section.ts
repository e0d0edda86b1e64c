/** The load section of a document for a program that is not loadcalc: from its socket, with all it knows; else from its file. */
import type { Loadavg } from "../procfs/loadavg.ts";
import type { Container } from "./container.ts";
import type { LoadSection } from "./document.ts";
import { loadSocketPath, readLoad } from "./load.ts";
import { readLoadSocket } from "./load_socket.ts";

export async function readLoadSection(container: Container): Promise<LoadSection | null> {
  const path = loadSocketPath(container);
  if (path !== null) {
    const section = await readLoadSocket(container.system, path);
    if (typeof section !== "string") return section;
  }
  const { load, source } = readLoad(container);
  return load === null || source === null ? null : loadSection(load, source);
}

/** What a file in the format of /proc/loadavg tells of it. */
export function loadSection(load: Loadavg, source: LoadSection["source"]): LoadSection {
  return {
    load1: load.load1,
    load5: load.load5,
    load15: load.load15,
    fixedPoint: null,
    runnable: load.runnable,
    uninterruptible: null,
    frozen: null,
    threads: load.total,
    threadsComplete: null,
    processes: null,
    lastPid: load.lastPid,
    samples: null,
    missedPeriods: null,
    sinceUnixMs: null,
    algorithm: null,
    warmingUp: null,
    source,
  };
}
