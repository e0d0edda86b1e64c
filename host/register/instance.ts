/** The registration of one container: what its engine says, and what the host sees. */

import { cpusetCpus } from "../../lib/cgroupfs/v1/cpuset_cpus.ts";
import { cpusetCpusEffective } from "../../lib/cgroupfs/v2/cpuset_cpus.ts";
import { INSTANCE_SCHEMA, type Registration } from "../../lib/container/registration.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { bootId } from "../../lib/procfs/boot_id.ts";
import { diskstats } from "../../lib/procfs/diskstats.ts";
import { pidStat } from "../../lib/procfs/pid_stat.ts";
import type { System } from "../../lib/system/system.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import {
  type ContainerCgroups,
  type HostView,
  initStartTicks,
  readCgroups,
  readHiddenLimits,
} from "./host_view.ts";

export interface Instance {
  readonly registration: Registration;
  readonly cgroups: ContainerCgroups;
  /** Start of the container's own init: with its pid it names the process. */
  readonly ownStartTicks: number;
  /** Equal as long as the file need not be written again. */
  readonly fingerprint: string;
}

/** Labels that may carry the instance's uuid, the first wins. */
const UUID_LABELS: readonly string[] = ["procg.uuid", "com.procg.uuid", "instance.uuid", "uuid"];
const LABELS_MOST_CHARS = 16_384;

/** null: the container's init is gone. */
export function buildInstance(view: HostView, facts: ContainerFacts): Instance | null {
  const { system } = view;
  const own = attempt(system, `/proc/${facts.pid}`, pidStat).value?.starttime;
  const cgroups = readCgroups(view, facts.pid, facts.id);
  const seen = initStartTicks(system, facts.pid);
  const boot = attempt(system, "/proc", bootId).value;
  if (own === undefined || cgroups === null || seen === null || boot === null) return null;
  const registration: Registration = {
    schema: INSTANCE_SCHEMA,
    id: facts.id,
    name: facts.name,
    image: facts.image,
    uuid: uuidOf(facts),
    runtime: facts.runtime,
    labels: boundedLabels(facts.labels),
    registeredAt: null,
    bootId: boot,
    initStartTicks: seen,
    cpuset: cpusetText(system, cgroups),
    cgroup: cgroups.paths,
    hiddenLimits: readHiddenLimits(view, cgroups),
    rootfsQuotaBytes: facts.rootfsQuotaBytes,
    devices: deviceNames(system),
    hostname: facts.hostname,
    networkMode: facts.networkMode,
  };
  return { registration, cgroups, ownStartTicks: own, fingerprint: hashOf(JSON.stringify(registration)) };
}

export function instanceText(registration: Registration, realtimeSeconds: number): string {
  const registeredAt = new Date(realtimeSeconds * 1000).toISOString();
  return `${JSON.stringify({ ...registration, registeredAt })}\n`;
}

/** A label's, or made from the id: the same for the same container, whoever asks. */
export function uuidOf(facts: Pick<ContainerFacts, "id" | "labels">): string | null {
  for (const label of UUID_LABELS) {
    const value = facts.labels[label];
    if (value !== undefined && value !== "") return value;
  }
  const hex = facts.id.toLowerCase();
  if (!/^[0-9a-f]{32,}$/.test(hex)) return null;
  // Version 8 of RFC 9562: the bits are ours; the variant takes two of them.
  const variant = "89ab"[Number.parseInt(hex[16] ?? "0", 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function boundedLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const result: Record<string, string> = {};
  let left = LABELS_MOST_CHARS;
  for (const key of Object.keys(labels)) {
    const value = labels[key] ?? "";
    left -= key.length + value.length;
    if (left >= 0) result[key] = value;
  }
  return result;
}

/** As the kernel writes it: "0-1". */
function cpusetText(system: System, cgroups: ContainerCgroups): string | null {
  const location = cgroups.location("cpuset");
  if (location === null) return null;
  const file = location.version === 2 ? cpusetCpusEffective : cpusetCpus;
  for (const directory of location.chain) {
    const text = system.readText(`${directory}/${file.name}`);
    if (typeof text === "string" && text.trim() !== "") return text.trim();
  }
  return null;
}

/** Whole disks and partitions that have been used: a container need not have them in its /dev. */
function deviceNames(system: System): Record<string, string> {
  const names: Record<string, string> = {};
  for (const row of attempt(system, "/proc", diskstats).value ?? []) {
    if (/^(ram|loop)/.test(row.name) && row.reads === 0 && row.writes === 0) continue;
    names[`${row.major}:${row.minor}`] = row.name;
  }
  return names;
}

/** 53 bits of a polynomial hash and the length: equal texts, as far as a registration goes. */
function hashOf(text: string): string {
  let low = 7;
  let high = 11;
  for (let i = 0; i < text.length; i++) {
    low = (Math.imul(low, 31) + text.charCodeAt(i)) | 0;
    high = (Math.imul(high, 131) + text.charCodeAt(i)) | 0;
  }
  return `${low}.${high}.${text.length}`;
}
