/** Which container this is: from its registration, else what can be seen from inside. */
import { attempt } from "../kernfile/kernel_file.ts";
import { bootId } from "../procfs/boot_id.ts";
import { pidStat } from "../procfs/pid_stat.ts";
import type { System } from "../system/system.ts";
import type { Container } from "./container.ts";
import { oldestProcess } from "./processes.ts";

/** null: not known. */
export interface ContainerIdentity {
  /** 64 hexadecimal digits. */
  readonly id: string | null;
  readonly name: string | null;
  readonly image: string | null;
  readonly instanceUuid: string | null;
  readonly hostname: string | null;
  /** RFC 3339. */
  readonly startedAt: string | null;
  readonly runtime: string | null;
  readonly cgroupVersion: 1 | 2 | null;
  readonly cgroupPath: string | null;
  readonly registeredAt: string | null;
  /** "bind": the host's file; null: nobody has registered this container. */
  readonly registrationSource: "bind" | null;
  readonly registrationProblem: string | null;
  readonly bootId: string | null;
  /** Field 22 of the stat of the container's init. */
  readonly initStartTicks: number | null;
}

export function readIdentity(container: Container): ContainerIdentity {
  const { system } = container;
  const { registration, problem } = container.registration();
  const location = container.location("memory") ?? container.location("unified");
  const path = location?.path ?? container.lines[0]?.path ?? null;
  const initStartTicks = readInitStart(container);
  return {
    id: registration?.id ?? idIn(path ?? "") ?? idInMounts(container),
    name: registration?.name ?? null,
    image: registration?.image ?? null,
    instanceUuid: registration?.uuid ?? null,
    hostname: registration?.hostname ?? readHostname(system),
    startedAt: initStartTicks === null ? null : startedAt(container, initStartTicks),
    runtime: registration?.runtime ?? runtimeOf(container, path ?? ""),
    cgroupVersion: location?.version ?? null,
    cgroupPath: path,
    registeredAt: registration?.registeredAt ?? null,
    registrationSource: registration === null ? null : "bind",
    registrationProblem: problem,
    bootId: attempt(system, "/proc", bootId).value,
    initStartTicks,
  };
}

/** Of a capture or a tree only what stands in it: uname is this machine's. */
function readHostname(system: System): string | null {
  if (system.source === "live") return system.names().nodename;
  const text = system.readText("/proc/sys/kernel/hostname");
  return typeof text === "number" || text.trim() === "" ? null : text.trim();
}

/** pid 1's; with a shared pid namespace that of the cgroup's oldest process, as for the uptime. */
function readInitStart(container: Container): number | null {
  const { system } = container;
  const shared = container.kind === "container" && container.sharedPidNamespace;
  const pid = shared || container.linesFrom === "--cgroup" ? oldestProcess(container) : 1;
  return pid === null ? null : (attempt(system, `/proc/${pid}`, pidStat).value?.starttime ?? null);
}

/** null: not a time, of a start that is none (a damaged file). */
function startedAt(container: Container, startTicks: number): string | null {
  const { system } = container;
  const age = system.boottimeSeconds() - startTicks / system.clockTicksPerSecond;
  const date = new Date(Math.round((system.realtimeSeconds() - age) * 100) * 10);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** The last container id in a path. */
function idIn(path: string): string | null {
  const found = path.match(/[0-9a-f]{64}/g);
  return found === null ? null : (found[found.length - 1] ?? null);
}

/** Inside a cgroup namespace the path is "/"; Docker and podman bind files from a directory that carries the id. */
function idInMounts(container: Container): string | null {
  if (container.kind === "machine") return null;
  const text = container.system.readText(`${container.selfDirectory}/mountinfo`);
  if (typeof text === "number") return null;
  const found = /\/(?:containers|overlay-containers)\/([0-9a-f]{64})\/[^ ]* \/etc\/host/.exec(text);
  return found?.[1] ?? null;
}

const RUNTIMES: readonly (readonly [marker: string, runtime: string])[] = [
  ["kubepods", "kubernetes"],
  ["libpod", "podman"],
  ["docker", "docker"],
  ["crio", "cri-o"],
  ["containerd", "containerd"],
  ["lxc", "lxc"],
];

function runtimeOf(container: Container, path: string): string | null {
  if (container.kind === "machine") return null;
  for (const [marker, runtime] of RUNTIMES) if (path.includes(marker)) return runtime;
  const { system } = container;
  if (typeof system.stat("/.dockerenv") !== "number") return "docker";
  return typeof system.stat("/run/.containerenv") !== "number" ? "podman" : null;
}
