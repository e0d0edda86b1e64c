/** Fills the black box: loaded by loadcalc when something comes near a limit for the first time. */
import type { Container } from "../container/container.ts";
import type { ContainerDocument } from "../container/document.ts";
import { readIdentity } from "../container/identity.ts";
import type { ServiceHost } from "../system/service_host.ts";
import {
  type BlackBox,
  type BoxEntry,
  boxPath,
  boxText,
  PROCESSES,
  readBox,
  withEntry,
} from "./black_box.ts";
import { lookAtProcesses, type ProcessLook } from "./tasks.ts";

export interface BoxWriter {
  /** `kills`: OOM kills since the sample before. */
  readonly add: (container: Container, document: ContainerDocument, reason: string, kills: number) => void;
}

/** Pressure that lasts is written at every sample for a minute, then this seldom, unless usage grows by GROWTH of the limit. */
const LASTING_SECONDS = 30;
const FRESH_ENTRIES = 12;
const GROWTH = 0.02;

/** `directory`: where loadcalc keeps its files. */
export function createBoxWriter(host: ServiceHost, directory: string): BoxWriter {
  let box: BlackBox | null = null;
  let inRow = 0;
  let last: BoxEntry | null = null;
  return {
    add(container, document, reason, kills) {
      const { system } = container;
      const atUnixMs = document.sampledAtUnixMs;
      const age = last === null ? Number.POSITIVE_INFINITY : (atUnixMs - last.atUnixMs) / 1000;
      inRow = age <= 2 * LASTING_SECONDS ? inRow + 1 : 1;
      const { limitBytes, usageBytes } = document.memory;
      const grown = (usageBytes ?? 0) - (last?.usageBytes ?? 0);
      const grows = typeof limitBytes === "number" && grown > GROWTH * limitBytes;
      if (kills === 0 && inRow > FRESH_ENTRIES && age < LASTING_SECONDS && !grows) return;
      const processes = lookAtProcesses(container);
      if (typeof processes === "number") return;
      box ??= readBox(system, directory);
      const { bootId, initStartTicks } = readIdentity(container);
      last = entryOf(document, reason, processes);
      const empty = { version: 1, recent: [], ooms: [] } as const;
      box = {
        ...withEntry({ ...empty, bootId: "", initStartTicks: 0, ...box }, last, kills),
        bootId: bootId ?? "",
        initStartTicks: initStartTicks ?? 0,
      };
      // A directory that cannot be written is told by loadcalc's other files.
      host.replaceFile(boxPath(directory), boxText(box), 0o644);
    },
  };
}

function entryOf(document: ContainerDocument, reason: string, processes: readonly ProcessLook[]): BoxEntry {
  const { memory, pids } = document;
  const largest = processes
    .filter((one) => one.rssBytes > 0)
    .sort((a, b) => b.rssBytes - a.rssBytes)
    .slice(0, PROCESSES);
  return {
    atUnixMs: document.sampledAtUnixMs,
    reason,
    limitBytes: typeof memory.limitBytes === "number" ? memory.limitBytes : null,
    usageBytes: memory.usageBytes,
    anonBytes: memory.rssBytes,
    shmemBytes: memory.shmemBytes,
    kernelBytes: memory.kernelBytes,
    pids: pids.current,
    processes: largest.map(({ pid, startTicks, comm, rssBytes, anonBytes, cpuUsec }) => ({
      pid,
      startTicks,
      comm,
      residentBytes: rssBytes,
      anonBytes,
      cpuUsec: Math.round(cpuUsec),
    })),
  };
}
