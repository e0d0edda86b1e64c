/** free --json and free --explain: loaded only when asked for. */
import type { Container } from "../../lib/container/container.ts";
import { explainContainer, explainFigures } from "../../lib/container/explain.ts";
import type { MemoryModel } from "../../lib/container/memory_model.ts";
import { readSoftLimit } from "../../lib/container/soft_limit.ts";
import type { Limit } from "../../lib/kernfile/limit.ts";

/** `procg.free/v1`. Bytes; null: not known, "max": no limit in what is visible. */
export interface FreeDocument {
  readonly schema: "procg.free/v1";
  readonly memory: {
    readonly totalBytes: number | null;
    readonly limitBytes: Limit | null;
    /** false: a hidden ancestor may be tighter. */
    readonly limitComplete: boolean;
    /** The file that gave the limit, "registration", or who serves a virtual /proc. */
    readonly limitSource: string | null;
    readonly softLimitBytes: Limit | null;
    readonly usedBytes: number | null;
    readonly freeBytes: number | null;
    readonly sharedBytes: number | null;
    readonly buffCacheBytes: number | null;
    readonly availableBytes: number | null;
    /** "container", the directory of the ancestor, or "host". */
    readonly availableBoundBy: string | null;
    readonly workingSetBytes: number | null;
    /** "cgroup", "machine", "host" (upper bounds only), or who serves a virtual /proc. */
    readonly totalSource: string;
  };
  readonly swap: {
    readonly totalBytes: number | null;
    readonly usedBytes: number | null;
    readonly freeBytes: number | null;
  };
}

export function freeDocument(model: MemoryModel, softLimitBytes: Limit | null): FreeDocument {
  return {
    schema: "procg.free/v1",
    memory: {
      totalBytes: model.totalBytes.value,
      limitBytes: model.limit.value,
      limitComplete: model.limit.complete,
      limitSource: model.limit.source,
      softLimitBytes,
      usedBytes: model.usedBytes.value,
      freeBytes: model.freeBytes.value,
      sharedBytes: model.sharedBytes.value,
      buffCacheBytes: model.buffCacheBytes.value,
      availableBytes: model.availableBytes.value,
      availableBoundBy: model.availableBoundBy,
      workingSetBytes: model.workingSetBytes.value,
      totalSource: model.source,
    },
    swap: {
      totalBytes: model.swap.totalBytes.value,
      usedBytes: model.swap.usedBytes.value,
      freeBytes: model.swap.freeBytes.value,
    },
  };
}

export function memoryJson(container: Container, model: MemoryModel): string {
  return `${JSON.stringify(freeDocument(model, readSoftLimit(container)))}\n`;
}

export function explainMemory(container: Container, model: MemoryModel): string {
  const bound = model.limit.complete ? undefined : "a hidden ancestor may be tighter";
  const notes: string[] = [];
  if (model.source === "cgroup" && container.location("memory")?.version === 1) {
    notes.push("v1 publishes no reclaimable slab: available is a lower bound by as much\n");
  }
  return (
    explainContainer(container) +
    explainFigures("memory, bytes", [
      ["limit", model.limit, bound],
      ["total", model.totalBytes],
      ["used", model.usedBytes],
      ["free", model.freeBytes],
      ["shared", model.sharedBytes],
      ["buff/cache", model.buffCacheBytes],
      ["available", model.availableBytes, `bound by ${model.availableBoundBy ?? "nothing known"}`],
      ["working set", model.workingSetBytes],
    ]) +
    notes.join("") +
    explainFigures("swap, bytes", [
      ["total", model.swap.totalBytes],
      ["used", model.swap.usedBytes],
      ["free", model.swap.freeBytes],
    ])
  );
}
