/** One sample after another: counts the threads, steps the averages, makes the document. */
import {
  collectDocument,
  readSlowParts,
  readUsage,
  type SlowParts,
} from "../../lib/container/collect_document.ts";
import { type Container, type ContainerChoice, openContainer } from "../../lib/container/container.ts";
import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import type { ContainerDocument, LoadSection, PidsSection } from "../../lib/container/document.ts";
import { readThreadLoad, type ThreadLoad } from "../../lib/container/thread_load.ts";
import { type Algorithm, LOAD_PERIOD_SECONDS, loadValue } from "../../lib/loadavg/fixed_point.ts";
import { accountSample, isWarmingUp, type LoadState, startLoad } from "../../lib/loadavg/load_state.ts";
import { parseState, renderLoadavg, renderState, type StateOwner } from "../../lib/loadavg/state_file.ts";
import { errnoText } from "../../lib/system/errno.ts";
import type { Errno, System } from "../../lib/system/system.ts";

/** What clients see: never changed, only replaced. */
export interface Snapshot {
  readonly document: ContainerDocument;
  readonly monotonicSeconds: number;
  /** The line of RUN/loadavg. */
  readonly loadavg: string;
  /** Another one when the averages or the number of active threads are others. */
  readonly stateKey: string;
}

export interface Sampler {
  /** Takes a sample; null: threads cannot be counted, `problem` says why. */
  sample(): Snapshot | null;
  readonly problem: string | null;
  readonly snapshot: Snapshot | null;
  /** The text of the state file; "" before the first sample. */
  stateText(): string;
  /** Takes up a state file's text. Why not, or null. */
  restore(text: string): string | null;
  /** When the next sample is due. */
  nextTickSeconds(): number;
  /** Look for the cgroup and the registration anew at the next sample. */
  reopen(): void;
  /** The container shares the host's network, as its registration says. */
  sharesHostNetwork(): boolean;
}

/** Samples until cgroup, registration, file systems are looked for anew: a minute. */
const REOPEN_SAMPLES = 12;

export function createSampler(system: System, choice: ContainerChoice, algorithm: Algorithm): Sampler {
  let container: Container = openContainer(system, choice);
  let processes = processesOf(readThreadLoad(container));
  let slow: SlowParts = readSlowParts(container, false, processes);
  let untilReopen = REOPEN_SAMPLES;
  let state: LoadState | null = null;
  let before: CpuUsageSample | null = null;
  let snapshot: Snapshot | null = null;
  let problem: string | null = null;
  let seq = 0;

  const owner = (): StateOwner => ({
    bootId: slow.identity.bootId ?? "",
    initStartTicks: slow.identity.initStartTicks ?? 0,
    cgroup: choice.host ? "--host" : choice.cgroup,
  });

  const sample = (): Snapshot | null => {
    if (--untilReopen < 0) {
      container = openContainer(system, choice);
      slow = readSlowParts(container, false, processes);
      untilReopen = REOPEN_SAMPLES;
    }
    const threads = readThreadLoad(container);
    if (typeof threads === "number") {
      problem = `threads cannot be counted: ${errnoText(threads)}`;
      return null;
    }
    problem = null;
    processes = threads.processes;
    const usage = readUsage(container);
    const taken = {
      monotonicSeconds: system.monotonicSeconds(),
      realtimeSeconds: system.realtimeSeconds(),
      active: threads.runnable + threads.uninterruptible,
      cpuUsageUsec: usage.usageUsec,
    };
    const next = state === null ? startLoad(taken) : accountSample(state, taken, algorithm);
    state = next;
    const document = collectDocument(container, slow, {
      seq: ++seq,
      intervalMs: LOAD_PERIOD_SECONDS * 1000,
      load: (pids) => loadSection(next, threads, pids, algorithm, container),
      usage,
      before,
    });
    before = usage;
    snapshot = {
      document,
      monotonicSeconds: taken.monotonicSeconds,
      stateKey: `${next.averages.join(" ")} ${next.active}`,
      loadavg: renderLoadavg(next.averages, taken.active, threads.threads, threads.lastPid),
    };
    return snapshot;
  };

  return {
    sample,
    get problem() {
      return problem;
    },
    get snapshot() {
      return snapshot;
    },
    stateText: () => (state === null ? "" : renderState(state, owner(), algorithm)),
    restore(text) {
      if (slow.identity.bootId === null || slow.identity.initStartTicks === null)
        return "boot or container cannot be told from others";
      const restored = parseState(text, owner(), system.monotonicSeconds());
      if (typeof restored === "string") return restored;
      state = restored;
      return null;
    },
    nextTickSeconds() {
      const now = system.monotonicSeconds();
      if (state === null) return now + LOAD_PERIOD_SECONDS;
      const passed = Math.floor((now - state.tickMonotonicSeconds) / LOAD_PERIOD_SECONDS + 1e-6);
      return state.tickMonotonicSeconds + LOAD_PERIOD_SECONDS * Math.max(1, passed + 1);
    },
    reopen() {
      untilReopen = 0;
    },
    sharesHostNetwork: () => container.registration().registration?.networkMode === "host",
  };
}

function processesOf(load: ThreadLoad | Errno): number | null {
  return typeof load === "number" ? null : load.processes;
}

function loadSection(
  state: LoadState,
  threads: ThreadLoad,
  pids: PidsSection,
  algorithm: Algorithm,
  container: Container,
): LoadSection {
  const [one, five, fifteen] = state.averages;
  return {
    load1: loadValue(one),
    load5: loadValue(five),
    load15: loadValue(fifteen),
    fixedPoint: state.averages,
    runnable: threads.runnable,
    uninterruptible: threads.uninterruptible,
    frozen: threads.frozen,
    threads: threads.threads,
    threadsComplete: container.kind === "machine" ? true : isComplete(threads.threads, pids.current),
    processes: threads.processes,
    lastPid: threads.lastPid,
    samples: state.samples,
    missedPeriods: state.missedPeriods,
    sinceUnixMs: state.sinceUnixMs,
    algorithm,
    warmingUp: isWarmingUp(state),
    source: "loadcalc",
  };
}

/** The two are not counted at the same instant: a few threads more or less, or one in twenty, say nothing. */
function isComplete(threads: number, current: number | null): boolean | null {
  if (current === null) return null;
  return threads + 1 >= current - Math.max(2, current / 20);
}
