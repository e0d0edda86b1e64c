/** A container as the host sees it: its cgroups, its network, what is registered of it. The readers of lib/container do the rest. */

import { collectDocument, readUsage, type SlowParts } from "../../lib/container/collect_document.ts";
import type { Container } from "../../lib/container/container.ts";
import type { CpuUsageSample } from "../../lib/container/cpu_usage.ts";
import type { ContainerDocument, DocumentError } from "../../lib/container/document.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { pidLimits } from "../../lib/procfs/pid_limits.ts";
import { ENOENT } from "../../lib/system/errno.ts";
import type { System } from "../../lib/system/system.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import { type ContainerCgroups, openHostView, readCgroups } from "../register/host_view.ts";
import { buildInstance, type Instance } from "../register/instance.ts";
import type { RegistrationNote } from "../register/notes.ts";
import { statvfsEntry } from "./root_filesystem.ts";

export interface HostContainer {
  readonly facts: ContainerFacts;
  readonly container: Container;
  readonly cgroups: ContainerCgroups;
  readonly instance: Instance;
}

/** null: its init is gone. */
export function openHostContainer(system: System, facts: ContainerFacts): HostContainer | null {
  const view = openHostView(system);
  const instance = buildInstance(view, facts);
  const cgroups = readCgroups(view, facts.pid, facts.id);
  if (instance === null || cgroups === null) return null;
  const locations = new Map<string, ReturnType<Container["location"]>>();
  const container: Container = {
    system: withoutHostNetwork(system),
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
): { readonly document: ContainerDocument; readonly cpu: CpuUsageSample } {
  const { system } = container;
  const { registration } = instance;
  const errors: DocumentError[] = [
    { section: "filesystems", code: "ENODATA", message: "from the host only the root file system is asked" },
    { section: "files", code: "ENODATA", message: "open files are not counted from the host" },
  ];
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
    filesystems: statvfsEntry(system, facts),
    files: {
      open: null,
      limit: attempt(system, `/proc/${facts.pid}`, pidLimits).value?.get("Max open files")?.soft ?? null,
    },
    errors,
  };
  const cpu = readUsage(container);
  const document = collectDocument(container, slow, {
    seq,
    intervalMs: null,
    load: () => null,
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

/** What these paths show is the host's network, not the container's. */
function withoutHostNetwork(system: System): System {
  return new Proxy(system, {
    get(target, key) {
      if (key !== "readText") return target[key as keyof System];
      return (path: string) =>
        path.startsWith("/sys/class/net/") || path.startsWith("/proc/sys/net/")
          ? ENOENT
          : target.readText(path);
    },
  });
}
