/**
 * What the host tells this container: /run/procg/host/instance.json, written by `procg host register`.
 *
 * It carries only what cannot be seen from inside (hidden ancestors' limits, identity, device names). A file of another boot or
 * another init (a committed image carries an old one) is ignored and named.
 */
import { type Limit, toLimit } from "../kernfile/limit.ts";
import { errnoText } from "../system/errno.ts";
import type { System } from "../system/system.ts";

export const INSTANCE_SCHEMA = "procg.instance/v1";

/** What the host tells a container. Fields that the host did not know are null. */
export interface Registration {
  readonly schema: typeof INSTANCE_SCHEMA;
  readonly id: string;
  readonly name: string | null;
  readonly image: string | null;
  readonly uuid: string | null;
  readonly runtime: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly registeredAt: string | null;
  readonly bootId: string;
  readonly initStartTicks: number;
  readonly cpuset: string | null;
  /** controller -> the kernel's path on the host. */
  readonly cgroup: Readonly<Record<string, string>>;
  readonly hiddenLimits: {
    readonly memoryBytes: Limit | null;
    readonly swapBytes: Limit | null;
    readonly cpuCores: Limit | null;
    readonly pids: Limit | null;
  };
  readonly rootfsQuotaBytes: number | null;
  /** "8:0" -> "sda". */
  readonly devices: Readonly<Record<string, string>>;
  readonly hostname: string | null;
  readonly networkMode: string | null;
}

/** `registration` null: none usable; `problem` then says why, unless there is simply no file. */
export interface RegistrationReading {
  readonly path: string;
  readonly registration: Registration | null;
  readonly problem: string | null;
}

export const USUAL_RUN_DIRECTORY = "/run/procg";

/** Directory of procg's run-time files: PROCG_RUN, else the usual one. */
export function runDirectory(system: System): string {
  const moved = system.env("PROCG_RUN");
  return moved === undefined || moved === "" ? USUAL_RUN_DIRECTORY : moved;
}

/** A few hundred bytes are usual; the labels of an image may be long. */
const LONGEST = 1024 * 1024;

/** @param initStartTicks field 22 of the init's stat; null when it could not be read */
export function readRegistration(system: System, initStartTicks: () => number | null): RegistrationReading {
  const path = `${runDirectory(system)}/host/instance.json`;
  const text = system.readText(path);
  if (typeof text === "number") {
    return { path, registration: null, problem: text === -2 || text === -20 ? null : errnoText(text) };
  }
  const registration = parseRegistration(text);
  if (typeof registration === "string") return { path, registration: null, problem: registration };
  const bootId = system.readText("/proc/sys/kernel/random/boot_id");
  if (typeof bootId === "number") return { path, registration: null, problem: "boot_id cannot be read" };
  if (bootId.trim() !== registration.bootId)
    return { path, registration: null, problem: "written in another boot" };
  if (initStartTicks() !== registration.initStartTicks) {
    return { path, registration: null, problem: "written for another container (init's start differs)" };
  }
  return { path, registration, problem: null };
}

/** The registration, or what is wrong with the text. Everything in it is checked: a container may have written it. */
export function parseRegistration(text: string): Registration | string {
  if (text.length > LONGEST) return "larger than 1 MiB";
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return "not JSON";
  }
  if (!isRecord(raw)) return "not an object";
  if (raw.schema !== INSTANCE_SCHEMA) return `schema is not ${INSTANCE_SCHEMA}`;
  const { id, bootId, initStartTicks } = raw;
  if (typeof id !== "string" || typeof bootId !== "string") return "id or bootId is missing";
  if (count(initStartTicks) === null || typeof initStartTicks !== "number")
    return "initStartTicks is missing";
  const hidden = isRecord(raw.hiddenLimits) ? raw.hiddenLimits : {};
  return {
    schema: INSTANCE_SCHEMA,
    id,
    bootId,
    initStartTicks,
    name: textOrNull(raw.name),
    image: textOrNull(raw.image),
    uuid: textOrNull(raw.uuid),
    runtime: textOrNull(raw.runtime),
    labels: texts(raw.labels),
    registeredAt: time(raw.registeredAt),
    cpuset: textOrNull(raw.cpuset),
    cgroup: texts(raw.cgroup),
    hiddenLimits: {
      memoryBytes: positive(limit(hidden.memoryBytes)),
      swapBytes: limit(hidden.swapBytes),
      cpuCores: positive(limit(hidden.cpuCores)),
      pids: limit(hidden.pids),
    },
    rootfsQuotaBytes: count(raw.rootfsQuotaBytes),
    devices: texts(raw.devices),
    hostname: textOrNull(raw.hostname),
    networkMode: textOrNull(raw.networkMode),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function count(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

/** v1's "no limit" is a number too. */
function limit(value: unknown): Limit | null {
  if (value === "max") return "max";
  const number = count(value);
  return number === null ? null : toLimit(number);
}

/** No container runs with none of it: 0 is a mistake of the writer. */
function positive(value: Limit | null): Limit | null {
  return value === 0 ? null : value;
}

/** It is printed: nothing but a time gets through. */
function time(value: unknown): string | null {
  return typeof value === "string" && /^[0-9TZ:.+-]{1,40}$/.test(value) ? value : null;
}

function texts(value: unknown): Record<string, string> {
  const result: Record<string, string> = Object.create(null);
  if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      const entry = value[key];
      if (typeof entry === "string") result[key] = entry;
    }
  }
  return result;
}
