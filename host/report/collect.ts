/** Looks at containers for a while, and at what they keep of the time before. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { cpuOnline } from "../../lib/procfs/cpu_lists.ts";
import { meminfo } from "../../lib/procfs/meminfo.ts";
import { pidMax } from "../../lib/procfs/pid_max.ts";
import { type Sample, takeSample } from "../../lib/sampler/sample.ts";
import { openFileHost } from "../../lib/system/file_host.ts";
import type { System } from "../../lib/system/system.ts";
import type { Companion } from "../companion.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import { type HostContainer, openHostContainer, readHostDocument } from "../metric/host_container.ts";
import { findContainers } from "../metric/targets.ts";
import { readStoredPoints, type StoredPoints } from "./history.ts";
import { type Point, pointOf, REPORT_GROUPS } from "./points.ts";
import {
  type ContainerReport,
  containerReport,
  type HostReport,
  type HostRoom,
  hostTotal,
} from "./report.ts";

export interface Window {
  /** How long to look, and how often. */
  readonly forSeconds: number;
  readonly intervalSeconds: number;
  /** How far to go back in what a container keeps; 0: not at all. */
  readonly lastSeconds: number;
}

export interface Collected {
  readonly report: HostReport;
  /** By the container's id: for charts. */
  readonly points: ReadonlyMap<string, readonly Point[]>;
}

interface Watched {
  readonly facts: ContainerFacts;
  opened: HostContainer;
  readonly startTicks: number;
  readonly stored: StoredPoints;
  readonly live: Point[];
  before: Sample;
}

const NOTHING: StoredPoints = { points: [], problems: [] };

export async function collectReport(
  context: ToolContext,
  { engine, access }: Companion,
  names: readonly string[] | "all",
  window: Window,
): Promise<Collected> {
  const { system } = context;
  const files = await openFileHost(system);
  if (files === null) throw new ToolError("only on the live system");
  const nowMs = system.realtimeSeconds() * 1000;
  const watched: Watched[] = [];
  for (const facts of await findContainers(context, engine, names)) {
    const opened = facts.pid === 0 ? null : openHostContainer(system, facts);
    if (opened === null) {
      if (names !== "all")
        throw new ToolError(`${facts.name ?? facts.id}: it is ${facts.pid === 0 ? facts.state : "gone"}`);
      continue;
    }
    const startTicks = opened.instance.ownStartTicks;
    const process = { pid: facts.pid, startTicks };
    const stored =
      window.lastSeconds === 0
        ? NOTHING
        : await readStoredPoints(system, access, files, process, nowMs - window.lastSeconds * 1000, nowMs);
    watched.push({ facts, opened, startTicks, stored, live: [], before: look(opened) });
  }
  await watch(system, watched, window);
  const room = hostRoom(system);
  const points = new Map<string, readonly Point[]>();
  const containers: ContainerReport[] = [];
  for (const { facts, opened, stored, live } of watched) {
    const { document } = readHostDocument(opened, null, null, 1);
    const input = { document, stored: stored.points, live, problems: stored.problems };
    containers.push(containerReport(input, room.memoryBytes));
    points.set(facts.id, [...stored.points, ...live]);
  }
  const report: HostReport = {
    schema: "procg.host-report/v1",
    host: system.names().nodename,
    generatedAt: new Date(system.realtimeSeconds() * 1000).toISOString(),
    containers,
    total: hostTotal(containers, room),
  };
  return { report, points };
}

function look(opened: HostContainer): Sample {
  return takeSample(opened.container, REPORT_GROUPS);
}

/** On ideal ticks; a container that ends meanwhile keeps what was seen of it. */
async function watch(system: System, watched: readonly Watched[], window: Window): Promise<void> {
  const began = system.monotonicSeconds();
  for (let tick = 1; tick * window.intervalSeconds <= window.forSeconds + 1e-6; tick++) {
    const wait = began + tick * window.intervalSeconds - system.monotonicSeconds();
    if (wait > 0) await system.sleep(wait);
    for (const each of watched) {
      const opened = openHostContainer(system, each.facts);
      if (opened === null || opened.instance.ownStartTicks !== each.startTicks) continue;
      each.opened = opened;
      const after = look(opened);
      const point = pointOf(each.before, after);
      if (point !== null) each.live.push(point);
      each.before = after;
    }
  }
}

function hostRoom(system: System): HostRoom {
  return {
    memoryBytes: attempt(system, "/proc", meminfo).value?.memTotalBytes ?? null,
    cpus: attempt(system, "/sys/devices/system/cpu", cpuOnline).value?.length ?? null,
    pidMax: attempt(system, "/proc", pidMax).value,
  };
}
