/**
 * When to fill the black box (`procg why --last-oom`): looks at figures that the sample has anyway. What writes it is loaded only when
 * something comes near a limit for the first time: a container that is well pays nothing.
 */
import type { Container } from "../../lib/container/container.ts";
import type { ContainerDocument } from "../../lib/container/document.ts";
import type { BoxWriter } from "../../lib/diagnosis/box_writer.ts";
import type { ServiceHost } from "../../lib/system/service_host.ts";

const MEMORY_RATIO = 0.1;
const PIDS_RATIO = 0.9;
/** Percent of the last 10 s. */
const PRESSURE_SOME = 10;

export interface BoxWatch {
  /** After each sample. */
  readonly sample: (document: ContainerDocument) => void;
}

export function watchBox(host: ServiceHost, directory: string, open: () => Container): BoxWatch {
  let writer: BoxWriter | null = null;
  let kills: number | null = null;
  return {
    sample(document) {
      const { oomKill } = document.memory.events;
      const killed = oomKill === null || kills === null ? 0 : Math.max(0, oomKill - kills);
      kills = oomKill;
      const reason = killed > 0 ? "oom" : nearLimit(document);
      if (reason === null) return;
      if (writer !== null) writer.add(open(), document, reason, killed);
      else void load(document, reason, killed);
    },
  };

  async function load(document: ContainerDocument, reason: string, killed: number): Promise<void> {
    const { createBoxWriter } = await import("../../lib/diagnosis/box_writer.ts");
    writer ??= createBoxWriter(host, directory);
    writer.add(open(), document, reason, killed);
  }
}

/** null: all is well. */
export function nearLimit({ memory, pids, psi }: ContainerDocument): string | null {
  const { availableBytes, totalBytes } = memory;
  if (availableBytes !== null && totalBytes && availableBytes < MEMORY_RATIO * totalBytes) return "memory";
  if (pids.current !== null && typeof pids.limit === "number" && pids.current >= PIDS_RATIO * pids.limit)
    return "pids";
  if (psi?.source === "cgroup" && (psi.memory.some?.avg10 ?? 0) >= PRESSURE_SOME) return "pressure";
  return null;
}
