/** A container as the host sees it: its cgroups, its network, what is registered of it. The readers of lib/container do the rest. */

import { collectDocument, readUsage, type SlowParts } from "../../lib/container/collect_document.ts";
import type { Container } from "../../lib/container/container.ts";
import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import type { ContainerDocument } from "../../lib/container/document.ts";
import { ENOENT } from "../../lib/system/errno.ts";
import type { Errno, System } from "../../lib/system/system.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import { type ContainerCgroups, type HostView, openHostView } from "../register/host_view.ts";
import { buildInstance, type Instance } from "../register/instance.ts";
import type { RegistrationNote } from "../register/notes.ts";
import { type Inside, NOTHING_INSIDE } from "./inside.ts";

export interface HostContainer {
  readonly facts: ContainerFacts;
  readonly container: Container;
  readonly cgroups: ContainerCgroups;
  readonly instance: Instance;
}

/** Those whose init is there. */
export function openHostContainers(system: System, containers: Iterable<ContainerFacts>): HostContainer[] {
  const view = openHostView(system);
  const opened: HostContainer[] = [];
  for (const facts of containers) {
    const each = facts.pid === 0 ? null : openHostContainer(system, facts, view);
    if (each !== null) opened.push(each);
  }
  return opened;
}

/** null: its init is gone. One view serves all containers of a moment. */
export function openHostContainer(
  system: System,
  facts: ContainerFacts,
  view: HostView = openHostView(system),
): HostContainer | null {
  const instance = buildInstance(view, facts);
  if (instance === null) return null;
  const { cgroups } = instance;
  const locations = new Map<string, ReturnType<Container["location"]>>();
  const container: Container = {
    system: asContainerSees(system, facts.pid),
    kind: "container",
    because: "procg host",
    selfDirectory: `/proc/${facts.pid}`,
    sharedPidNamespace: true,
    linesFrom: "--cgroup",
    lines: cgroups.lines,
    virtual: null,
    location: (controller) => {
      let found = locations.get(controller);
      if (found === undefined) {
        found = cgroups.location(controller);
        locations.set(controller, found);
      }
      return found;
    },
    registration: () => ({ path: "procg host", registration: instance.registration, problem: null }),
  };
  return { facts, container, cgroups, instance };
}

/** `before`: the sample for rates. Never throws for what cannot be read. */
export function readHostDocument(
  { facts, container, instance }: HostContainer,
  note: RegistrationNote | null,
  before: CpuUsageSample | null,
  seq: number,
  inside: Inside = NOTHING_INSIDE,
): { readonly document: ContainerDocument; readonly cpu: CpuUsageSample } {
  const { registration } = instance;
  const slow: SlowParts = {
    identity: {
      id: facts.id,
      name: facts.name,
      image: facts.image,
      instanceUuid: registration.uuid,
      hostname: facts.hostname,
      startedAt: facts.startedAt,
      runtime: facts.runtime,
      cgroupVersion: (container.location("memory") ?? container.location("unified"))?.version ?? null,
      cgroupPath: registration.cgroup.memory ?? registration.cgroup[""] ?? null,
      registeredAt: note?.registeredAt ?? null,
      registrationSource: null,
      registrationProblem: null,
      bootId: registration.bootId,
      initStartTicks: registration.initStartTicks,
    },
    filesystems: inside.filesystems,
    files: inside.files,
    interfaces: inside.interfaces,
    errors: inside.errors,
  };
  const cpu = readUsage(container);
  const document = collectDocument(container, slow, {
    seq,
    intervalMs: null,
    load: () => inside.load,
    usage: cpu,
    before,
  });
  const told = {
    ...document.container,
    initPid: facts.pid,
    state: facts.state === "paused" ? ("paused" as const) : document.container.state,
  };
  return { document: { ...document, container: told }, cpu };
}

/**
 * What these paths show is the host's network, not the container's. Of connection tracking each namespace has its own count, in
 * /proc/PID/net/stat/nf_conntrack (hexadecimal, the first column), and all have one limit.
 */
function asContainerSees(system: System, pid: number): System {
  return new Proxy(system, {
    get(target, key) {
      if (key !== "readText") return target[key as keyof System];
      return (path: string) => {
        if (path === CONNTRACK_COUNT)
          return conntrackEntries(target.readText(`/proc/${pid}/net/stat/nf_conntrack`));
        const isHosts = path.startsWith("/sys/class/net/") || path.startsWith("/proc/sys/net/");
        return isHosts && path !== CONNTRACK_MAX ? ENOENT : target.readText(path);
      };
    },
  });
}

const CONNTRACK_COUNT = "/proc/sys/net/netfilter/nf_conntrack_count";
const CONNTRACK_MAX = "/proc/sys/net/netfilter/nf_conntrack_max";

function conntrackEntries(table: string | Errno): string | Errno {
  if (typeof table === "number") return table;
  const entries = /^entries .*\n([0-9a-f]{8}) /.exec(table)?.[1];
  return entries === undefined ? ENOENT : `${Number.parseInt(entries, 16)}\n`;
}
