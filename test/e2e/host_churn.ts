/** Containers started, stopped, restarted, renamed and updated at random while `procg host watch` runs; dockerd restarts in between. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Daemon, Watch } from "./host_daemon.ts";

export interface ChurnOutcome {
  readonly operations: Readonly<Record<string, number>>;
  readonly registrations: number;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  readonly worstSeconds: number;
  readonly rssBytes: number;
  readonly anonBytes: number;
}

interface State {
  readonly State: { Pid: number; Running: boolean; Paused: boolean; StartedAt: string };
  readonly Name: string;
  readonly Id: string;
}

/** A small generator, so that a failure can be had again. */
function randomOf(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

export async function churn(daemon: Daemon, containers: number, seconds: number): Promise<ChurnOutcome> {
  const random = randomOf(7);
  const watch = daemon.watch("--reconcile", "20", "--limits", "5");
  await sleep(300);
  const operations: Record<string, number> = {};
  try {
    const started = Date.now();
    const count = (name: string) => {
      operations[name] = (operations[name] ?? 0) + 1;
    };
    for (let i = 0; i < containers; i++) {
      await daemon.dockerSoon(
        "create",
        "--network",
        "none",
        "--name",
        `churn-${i}`,
        "procg-e2e",
        "sleep",
        "3000",
      );
    }
    const names = Array.from({ length: containers }, (_, i) => `churn-${i}`);
    const busy = new Set<number>();
    const operate = async (): Promise<void> => {
      const index = random(containers);
      if (busy.has(index)) return;
      busy.add(index);
      const name = names[index] ?? "";
      const which = random(10);
      if (which < 4) {
        count("start");
        await daemon.dockerSoon("start", name);
      } else if (which < 6) {
        count("restart");
        await daemon.dockerSoon("restart", "-t", "0", name);
      } else if (which < 7) {
        count("stop");
        await daemon.dockerSoon("stop", "-t", "0", name);
      } else if (which < 9) {
        count("rename");
        const next = `churn-${index}-${random(1000)}`;
        if ((await daemon.dockerSoon("rename", name, next)).status === 0) names[index] = next;
      } else {
        count("update");
        await daemon.dockerSoon("update", "--cpus", `${(random(15) + 5) / 10}`, name);
      }
      busy.delete(index);
    };
    let restarted = false;
    while (Date.now() - started < seconds * 1000) {
      await Promise.all([operate(), operate()]);
      if (!restarted && Date.now() - started > seconds * 500) {
        restarted = true;
        count("dockerd restart");
        await daemon.stop();
        await sleep(300);
        await daemon.start();
      }
    }
    // The daemon's restart has stopped everything: some of it runs again at the end.
    for (const name of names.slice(0, Math.ceil(containers / 4))) await daemon.dockerSoon("start", name);
    await sleep(2000);
    await filesAreRight(daemon, watch);
    await sleep(1500);
    const latencies = latenciesOf(watch);
    return {
      operations,
      registrations: latencies.length,
      p50Seconds: quantile(latencies, 0.5),
      p95Seconds: quantile(latencies, 0.95),
      worstSeconds: quantile(latencies, 1),
      ...watch.memory(),
    };
  } finally {
    expect(await watch.stop()).toBe(0);
  }
}

/** The file of each running container names it, is of its init, and is seen inside. */
export async function filesAreRight(daemon: Daemon, watch: Watch): Promise<void> {
  const ids = daemon
    .docker("ps", "-q", "--no-trunc")
    .split("\n")
    .filter((id) => id !== "");
  const states: State[] = ids.length === 0 ? [] : JSON.parse(daemon.docker("inspect", ...ids));
  for (const state of states) {
    const path = `/proc/${state.State.Pid}/root/run/procg/host/instance.json`;
    const text = readFileSync(path, "utf8");
    const file = JSON.parse(text);
    const stat = readFileSync(`/proc/${state.State.Pid}/stat`, "utf8");
    const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    expect(
      { id: file.id, name: file.name, ticks: file.initStartTicks },
      watch.lines.slice(-5).join("\n"),
    ).toEqual({
      id: state.Id,
      name: state.Name.slice(1),
      ticks,
    });
  }
}

/** Seconds to the first registration of each start; what follows is a rename, or a limit that changed. */
export function latenciesOf(watch: Watch): number[] {
  const first = new Map<string, number>();
  for (const line of watch.lines) {
    const match = /registered \S+ ([0-9a-f]{12}) by \w+, (-?[0-9.]+) s after its start at (\S+)$/.exec(line);
    const key = `${match?.[1]} ${match?.[3]}`;
    if (match !== null && !first.has(key)) first.set(key, Number(match[2]));
  }
  return [...first.values()];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
