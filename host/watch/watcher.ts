/**
 * Keeps every container registered. Subscribes before it lists, lists again after every break and every minute; what is known of a
 * container is keyed by id and by the start of its init, so that doing a thing twice changes nothing.
 */

import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { pidStat } from "../../lib/procfs/pid_stat.ts";
import type { ServiceHost } from "../../lib/system/service_host.ts";
import type { System } from "../../lib/system/system.ts";
import { type ContainerFacts, type Engine, type EngineEvent, isFailure } from "../engine/engine.ts";
import { followEvents } from "../engine/follow.ts";
import { openHostView, readCgroups, readHiddenLimits } from "../register/host_view.ts";
import { forgetRegistration, notedIds } from "../register/notes.ts";
import { type Registrar, registerContainer } from "../register/register.ts";

export interface WatchOptions {
  readonly registrar: Registrar;
  readonly engine: Engine;
  readonly host: ServiceHost;
  /** Between two lists while the stream of events stands. */
  readonly reconcileSeconds: number;
  /** Between two looks at the limits of hidden ancestors. */
  readonly limitSeconds: number;
  /** One line for each thing done; not called for what is unchanged. */
  readonly log: (text: string) => void;
}

export interface Watcher {
  /** What is known now, for tests and for SIGUSR1. */
  readonly counts: WatchCounts;
  close(): void;
}

export interface WatchCounts {
  containers: number;
  registered: number;
  failed: number;
  events: number;
  reconciles: number;
  reconnects: number;
}

interface Known {
  readonly id: string;
  name: string | null;
  pid: number;
  ownStartTicks: number;
  fingerprint: string;
  /** The hidden limits when the file was written. */
  limits: string;
  failures: number;
  /** After a failure: not before this. */
  retryAt: number;
}

/** Asked at the same time: inspects and ways in. */
const AT_ONCE = 4;
/** A queue that is longer has lost its meaning: the next list says what is true. */
const QUEUE_MOST = 4096;
const RETRY_FIRST_SECONDS = 5;
const RETRY_MOST_SECONDS = 3600;
const POLL_SECONDS = 3;

const REGISTER_ON: readonly string[] = ["start", "restart", "rename", "update", "unpause", "pause"];
const FORGET_ON: readonly string[] = ["die", "died", "destroy", "remove", "cleanup"];

export function startWatcher(options: WatchOptions): Watcher {
  const { engine, host, registrar, log } = options;
  const system: System = registrar.system;
  const known = new Map<string, Known>();
  /** Waiting; true: a failure before does not count. */
  const queue = new Map<string, boolean>();
  const busy = new Set<string>();
  const counts: WatchCounts = {
    containers: 0,
    registered: 0,
    failed: 0,
    events: 0,
    reconciles: 0,
    reconnects: 0,
  };
  let reconciling = false;
  let reconcileAgain = false;
  let closed = false;
  let toldBreak = false;

  const now = (): number => system.monotonicSeconds();

  const enqueue = (id: string, isNews: boolean): void => {
    if (closed) return;
    if (queue.size >= QUEUE_MOST && !queue.has(id)) {
      reconcileAgain = true;
      return;
    }
    queue.set(id, isNews || queue.get(id) === true);
    pump();
  };

  const pump = (): void => {
    for (const [id, isNews] of queue) {
      if (busy.size >= AT_ONCE || closed) return;
      // What happens to a container while it is being registered is looked at afterwards.
      if (busy.has(id)) continue;
      queue.delete(id);
      busy.add(id);
      registerOne(id, isNews).then(() => {
        busy.delete(id);
        pump();
      });
    }
    if (queue.size === 0 && busy.size === 0 && reconcileAgain) reconcile();
  };

  const registerOne = async (id: string, isNews: boolean): Promise<void> => {
    const before = known.get(id);
    if (!isNews && before !== undefined && before.failures > 0 && before.retryAt > now()) return;
    const facts = await engine.inspect(id);
    if (closed) return;
    if (isFailure(facts)) {
      if (facts.gone) forget(id);
      else log(`${id.slice(0, 12)}: ${facts.failed}`);
      return;
    }
    if (facts.pid === 0 || (facts.state !== "running" && facts.state !== "paused")) {
      forget(id);
      return;
    }
    const unless = before === undefined || before.failures > 0 ? null : before;
    const done = await registerContainer(registrar, facts, unless);
    if (done === "unchanged" || closed) return;
    const label = facts.name ?? facts.id.slice(0, 12);
    if (done.instance === null) {
      // Ended meanwhile: its next start is another event.
      if (done.gone) forget(id);
      return;
    }
    const entry: Known = {
      id: facts.id,
      name: facts.name,
      pid: facts.pid,
      ownStartTicks: done.instance.ownStartTicks,
      fingerprint: done.instance.fingerprint,
      limits: JSON.stringify(done.instance.registration.hiddenLimits),
      failures: 0,
      retryAt: 0,
    };
    known.set(facts.id, entry);
    if (done.way !== null) {
      counts.registered++;
      log(`registered ${label} ${facts.id.slice(0, 12)} by ${done.way}${sinceStart(system, facts)}`);
      return;
    }
    counts.failed++;
    entry.failures = (before?.failures ?? 0) + 1;
    const wait = Math.min(RETRY_MOST_SECONDS, RETRY_FIRST_SECONDS * 2 ** Math.min(entry.failures - 1, 10));
    entry.retryAt = now() + wait;
    // The first time only: an hour later it is the same container with the same root.
    if (entry.failures === 1 && !done.gone)
      log(`${label} ${facts.id.slice(0, 12)}: ${done.problems.join("; ")}`);
  };

  const forget = (id: string): void => {
    known.delete(id);
    forgetRegistration(system, registrar.runDirectory, id);
  };

  const take = (event: EngineEvent): void => {
    counts.events++;
    if (REGISTER_ON.includes(event.action)) enqueue(event.id, true);
    else if (FORGET_ON.includes(event.action) && !busy.has(event.id)) {
      // Not where a start came before it in the queue and is newer: an inspect says which.
      if (known.has(event.id) || queue.has(event.id)) enqueue(event.id, true);
    }
  };

  /** The list against what is known; each running container that is unknown, renamed or started anew is registered. */
  const reconcile = async (): Promise<void> => {
    if (reconciling) {
      reconcileAgain = true;
      return;
    }
    reconciling = true;
    reconcileAgain = false;
    counts.reconciles++;
    const seen = new Set<string>();
    const failure = await engine.list(({ id, name }) => {
      seen.add(id);
      const entry = known.get(id);
      const same = entry !== undefined && (name === null || entry.name === name) && isAlive(entry);
      if (!same || entry.failures > 0) enqueue(id, false);
    });
    reconciling = false;
    if (closed) return;
    if (failure !== null) {
      log(`${engine.address}: ${failure.failed}`);
      return;
    }
    for (const id of [...known.keys()]) if (!seen.has(id) && !busy.has(id)) forget(id);
    for (const id of notedIds(system, registrar.runDirectory)) {
      if (!seen.has(id) && !known.has(id) && !busy.has(id))
        forgetRegistration(system, registrar.runDirectory, id);
    }
    if (reconcileAgain && queue.size === 0 && busy.size === 0) reconcile();
  };

  const isAlive = (entry: Known): boolean =>
    attempt(system, `/proc/${entry.pid}`, pidStat).value?.starttime === entry.ownStartTicks;

  /** Limits of ancestors change without any event, and a direct write to a cgroup file has none either. */
  const checkLimits = (): void => {
    if (known.size === 0) return;
    const view = openHostView(system);
    for (const entry of known.values()) {
      if (entry.failures > 0) {
        if (entry.retryAt <= now()) enqueue(entry.id, false);
        continue;
      }
      const cgroups = readCgroups(view, entry.pid, entry.id);
      if (
        cgroups === null ||
        JSON.stringify(readHiddenLimits(view, cgroups)) !== entry.limits ||
        !isAlive(entry)
      ) {
        enqueue(entry.id, true);
      }
    }
  };

  const follower = followEvents(engine, host, system, {
    opened: () => {
      if (toldBreak) log(`${engine.address}: events again`);
      toldBreak = false;
      reconcile();
    },
    event: take,
    broken: (why, answers) => {
      if (!toldBreak) log(`${engine.address}: ${why}`);
      toldBreak = true;
      counts.reconnects++;
      if (answers) reconcile();
    },
  });
  if (!follower.hasStream) reconcile();

  const interval = (seconds: number, work: () => void): number =>
    host.addTimer(now() + seconds, seconds, work);
  const reconcileTimer = interval(follower.hasStream ? options.reconcileSeconds : POLL_SECONDS, () => {
    if (follower.isUp() || !follower.hasStream) reconcile();
  });
  const limitTimer = interval(options.limitSeconds, checkLimits);

  return {
    get counts() {
      counts.containers = known.size;
      return counts;
    },
    close() {
      closed = true;
      follower.close();
      for (const id of [reconcileTimer, limitTimer]) host.removeTimer(id);
    },
  };
}

/** ", 0.123 s after its start at 2026-11-21T10:00:00.123Z": by the engine's clock, which is ours. */
function sinceStart(system: System, { startedAt }: ContainerFacts): string {
  const started = startedAt === null ? Number.NaN : Date.parse(startedAt.replace(/(\.[0-9]{3})[0-9]*/, "$1"));
  if (Number.isNaN(started)) return "";
  return `, ${(system.realtimeSeconds() - started / 1000).toFixed(3)} s after its start at ${startedAt}`;
}
