/** vmstat --json and vmstat --explain: loaded only when asked for. */
import type { Container } from "../../lib/container/container.ts";
import { explainContainer, explainFigures } from "../../lib/container/explain.ts";
import { type Figure, figure, type Term } from "../../lib/container/figure.ts";
import { collectMemory, computeMemory } from "../../lib/container/memory.ts";
import { readMemoryActivity } from "../../lib/container/memory_activity.ts";
import type { VmstatModel } from "./compute.ts";

/** `procg.vmstat/v1`, one for each report. Bytes, per second, parts of 1; null: not known. */
export interface VmstatDocument {
  readonly schema: "procg.vmstat/v1";
  /** null: since the start. */
  readonly intervalSeconds: number | null;
  readonly procs: { readonly running: number | null; readonly blocked: number | null };
  readonly memory: {
    readonly swapUsedBytes: number | null;
    readonly freeBytes: number | null;
    readonly buffersBytes: number | null;
    readonly cacheBytes: number | null;
    readonly activeBytes: number | null;
    readonly inactiveBytes: number | null;
  };
  readonly swap: { readonly inBytesPerSec: number | null; readonly outBytesPerSec: number | null };
  readonly io: { readonly readBytesPerSec: number | null; readonly writtenBytesPerSec: number | null };
  readonly system: {
    readonly interruptsPerSec: number | null;
    readonly contextSwitchesPerSec: number | null;
  };
  /** Of capacity. */
  readonly cpu: {
    readonly userRatio: number | null;
    readonly systemRatio: number | null;
    readonly idleRatio: number | null;
    readonly iowaitRatio: number | null;
    readonly stealRatio: number | null;
    readonly guestRatio: number | null;
    readonly capacityCores: number | null;
    readonly usageCores: number | null;
    /** Throttled periods of all that ended; null without a quota. */
    readonly throttledRatio: number | null;
    /** "cgroup", "machine", or who serves a virtual /proc. */
    readonly source: string;
  };
  /** Share of the time in which some task waited. */
  readonly pressure: {
    readonly cpuRatio: number | null;
    readonly memoryRatio: number | null;
    readonly ioRatio: number | null;
  };
}

export function vmstatDocument(model: VmstatModel): VmstatDocument {
  const { now, cpu, pressureRatio } = model;
  return {
    schema: "procg.vmstat/v1",
    intervalSeconds: model.intervalSeconds,
    procs: { running: now.running, blocked: now.blocked },
    memory: {
      swapUsedBytes: now.swapUsedBytes,
      freeBytes: now.freeBytes,
      buffersBytes: now.buffersBytes,
      cacheBytes: now.cacheBytes,
      activeBytes: now.activeBytes,
      inactiveBytes: now.inactiveBytes,
    },
    swap: { inBytesPerSec: model.swapInBytesPerSec, outBytesPerSec: model.swapOutBytesPerSec },
    io: { readBytesPerSec: model.readBytesPerSec, writtenBytesPerSec: model.writtenBytesPerSec },
    system: {
      interruptsPerSec: model.interruptsPerSec,
      contextSwitchesPerSec: model.contextSwitchesPerSec,
    },
    cpu: {
      userRatio: model.userRatio,
      systemRatio: model.systemRatio,
      idleRatio: model.idleRatio,
      iowaitRatio: model.iowaitRatio,
      stealRatio: model.stealRatio,
      guestRatio: model.guestRatio,
      capacityCores: cpu.capacityCores,
      usageCores: cpu.rate?.usageCores ?? null,
      throttledRatio: model.throttledRatio,
      source: cpu.source,
    },
    pressure: {
      cpuRatio: pressureRatio?.cpu ?? null,
      memoryRatio: pressureRatio?.memory ?? null,
      ioRatio: pressureRatio?.io ?? null,
    },
  };
}

export function vmstatJson(model: VmstatModel): string {
  return `${JSON.stringify(vmstatDocument(model))}\n`;
}

export function explainVmstat(container: Container, model: VmstatModel): string {
  const memory = computeMemory(collectMemory(container));
  const activity = readMemoryActivity(container);
  const { now, cpu } = model;
  const isMachine = container.kind === "machine";
  const from = (path: string, key: string | null, value: number | null): Term => ({
    path,
    key,
    value,
    missing: value === null ? "not known" : null,
  });
  const threads = isMachine ? "/proc/stat" : "/proc/PID/task/TID/stat";
  const io = isMachine ? "/proc/vmstat" : "io.stat or blkio";
  const capacity: Figure = now.cpu.cgroup?.limit.capacityCores ?? figure(null, "the ticks of /proc/stat", []);
  const usage = now.cpu.cgroup?.usage;
  const none = "not known: the kernel does not count it by cgroup";
  const since = model.intervalSeconds === null ? "since the start" : `over ${model.intervalSeconds} s`;
  const share = (value: number | null, parts: string): Figure =>
    figure(value, cpu.problem ?? `${parts} / (capacity x time), ${since}`, [
      ...(usage?.from ?? ["/proc/stat"]).map((path) => from(path, null, value)),
    ]);
  return (
    explainContainer(container) +
    explainFigures("vmstat", [
      ["r", figure(now.running, "threads in state R, without this one", [from(threads, null, now.running)])],
      ["b", figure(now.blocked, "threads in state D", [from(threads, null, now.blocked)])],
      ["swpd, bytes", memory.swap.usedBytes],
      ["free, bytes", memory.freeBytes],
      ["buff, bytes", memory.buffersBytes],
      ["cache, bytes", memory.cacheBytes],
      ["inact, bytes", activity.inactiveBytes],
      ["active, bytes", activity.activeBytes],
      ["si, bytes per second", { ...activity.swappedInBytes, value: model.swapInBytesPerSec }],
      ["so, bytes per second", { ...activity.swappedOutBytes, value: model.swapOutBytesPerSec }],
      [
        "bi, bytes per second",
        figure(model.readBytesPerSec, `bytes read / time, ${since}`, [from(io, null, now.readBytes)]),
      ],
      [
        "bo, bytes per second",
        figure(model.writtenBytesPerSec, `bytes written / time, ${since}`, [
          from(io, null, now.writtenBytes),
        ]),
      ],
      ["in", figure(model.interruptsPerSec, isMachine ? "intr / time" : none, [])],
      ["cs", figure(model.contextSwitchesPerSec, isMachine ? "ctxt / time" : none, [])],
      ["capacity, cores", capacity],
      ["us", share(model.userRatio, "user + nice")],
      ["sy", share(model.systemRatio, "system")],
      ["id", share(model.idleRatio, "the rest")],
      ["wa", figure(model.iowaitRatio, isMachine ? "iowait" : `0: ${none.slice(11)}`, [])],
      ["st", figure(model.stealRatio, isMachine ? "steal" : `0: ${none.slice(11)}`, [])],
    ])
  );
}
