/**
 * The containers that run, kept true by the engine's events: what an event names is asked for again at once, the whole list now and
 * then. The engine is never asked on behalf of a reader. Events in plenty are taken together.
 */
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { pidStat } from "../../lib/procfs/pid_stat.ts";
import type { ServiceHost } from "../../lib/system/service_host.ts";
import type { System } from "../../lib/system/system.ts";
import { type ContainerFacts, type Engine, isFailure } from "./engine.ts";
import { followEvents } from "./follow.ts";

export interface Roster {
  /** By id, as the engine said last; one that has ended since is seen by its pid. */
  readonly known: ReadonlyMap<string, ContainerFacts>;
  /** Why the last list failed; null: it did not. */
  readonly problem: string | null;
  /** A list has been read. */
  readonly isFilled: boolean;
  /** Compares with the engine's list now; asks only for what is new. */
  refresh(): Promise<void>;
  close(): void;
}

export interface RosterOptions {
  readonly system: System;
  readonly host: ServiceHost;
  readonly engine: Engine;
  /** Between two lists without any event. */
  readonly refreshSeconds: number;
}

const ACTIONS = /^(start|restart|rename|update|pause|unpause|die|died|destroy|remove|cleanup)$/;
/** After the first of several events; and the share of the time that lists may take. */
const GATHER_SECONDS = 0.1;
const BUSY_RATIO = 0.2;
const PAUSE_MOST_SECONDS = 1;

export function openRoster({ system, host, engine, refreshSeconds }: RosterOptions): Roster {
  const known = new Map<string, ContainerFacts>();
  const starts = new Map<string, number | null>();
  /** Named by an event since the last list. */
  const stale = new Set<string>();
  let problem: string | null = null;
  let isFilled = false;
  let running: Promise<void> | null = null;
  let soon = -1;
  let notBefore = 0;
  let closed = false;

  const startTicksOf = (pid: number): number | null =>
    attempt(system, `/proc/${pid}`, pidStat).value?.starttime ?? null;

  const drop = (id: string): void => {
    known.delete(id);
    starts.delete(id);
  };

  const compare = async (): Promise<void> => {
    const began = system.monotonicSeconds();
    const ids = new Set<string>();
    const changed: string[] = [];
    const named = new Set(stale);
    stale.clear();
    const failure = await engine.list(({ id, name }) => {
      ids.add(id);
      const before = known.get(id);
      const same =
        before !== undefined &&
        !named.has(id) &&
        (name === null || name === before.name) &&
        startTicksOf(before.pid) === starts.get(id);
      if (!same) changed.push(id);
    });
    problem = failure === null ? null : failure.failed;
    if (failure !== null) {
      for (const id of named) stale.add(id);
    } else {
      for (const id of [...known.keys()]) if (!ids.has(id)) drop(id);
      for (const id of changed) {
        const facts = await engine.inspect(id);
        if (closed) return;
        if (isFailure(facts) || facts.pid === 0) {
          drop(id);
          continue;
        }
        known.set(id, facts);
        starts.set(id, startTicksOf(facts.pid));
      }
      isFilled = true;
    }
    const now = system.monotonicSeconds();
    notBefore = now + Math.min(PAUSE_MOST_SECONDS, (now - began) / BUSY_RATIO);
  };

  const refresh = (): Promise<void> => {
    running ??= compare().then(() => {
      running = null;
      if (stale.size > 0 && problem === null) gather();
    });
    return running;
  };

  const gather = (): void => {
    if (soon >= 0 || closed || running !== null) return;
    const at = Math.max(notBefore, system.monotonicSeconds() + GATHER_SECONDS);
    soon = host.addTimer(at, 0, () => {
      soon = -1;
      void refresh();
    });
  };

  const follower = followEvents(engine, host, system, {
    opened: () => void refresh(),
    event: ({ id, action }) => {
      if (!ACTIONS.test(action)) return;
      stale.add(id);
      gather();
    },
    broken: () => undefined,
  });
  const timer = host.addTimer(
    system.monotonicSeconds() + refreshSeconds,
    refreshSeconds,
    () => void refresh(),
  );

  return {
    known,
    get problem() {
      return problem;
    },
    get isFilled() {
      return isFilled;
    },
    refresh,
    close() {
      closed = true;
      follower.close();
      host.removeTimer(timer);
      if (soon >= 0) host.removeTimer(soon);
    },
  };
}
