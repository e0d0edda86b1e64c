/** The answer to GET /containers/ID/json (Docker, and Podman's compatible service) as facts. Pure. */
import type { ContainerFacts, EngineMount } from "./engine.ts";

/** null: not such an answer. */
export function parseInspect(text: string, runtime: string): ContainerFacts | null {
  const raw = parseObject(text);
  const id = raw?.Id;
  if (raw === null || typeof id !== "string") return null;
  const state = record(raw.State);
  const config = record(raw.Config);
  const host = record(raw.HostConfig);
  const pid = state.Pid;
  return {
    id,
    name: textOrNull(raw.Name)?.replace(/^\//, "") ?? null,
    image: textOrNull(config.Image) ?? textOrNull(raw.ImageName),
    runtime,
    state: textOrNull(state.Status) ?? (state.Running === true ? "running" : "exited"),
    pid: typeof pid === "number" && pid > 0 ? pid : 0,
    startedAt: textOrNull(state.StartedAt),
    labels: texts(config.Labels),
    hostname: textOrNull(config.Hostname),
    networkMode: networkMode(textOrNull(host.NetworkMode)),
    mounts: mountsOf(raw.Mounts, host.Tmpfs),
    rootfsQuotaBytes: quota(raw, host),
    runDirectory: runDirectoryOf(config.Env),
  };
}

/** go-units RAMInBytes: "10G" is 10 GiB. null: malformed. */
export function parseRamBytes(text: string): number | null {
  const match = /^([0-9]+(?:\.[0-9]+)?) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text.trim());
  if (match === null) return null;
  const power = match[2] === undefined ? 0 : "kmgtp".indexOf(match[2].toLowerCase()) + 1;
  return Math.floor(Number(match[1]) * 1024 ** power);
}

function networkMode(mode: string | null): string | null {
  return mode === "default" ? "bridge" : mode === "" ? null : mode;
}

/** --storage-opt size=, or the device mapper's base size in bytes. */
function quota(raw: Record<string, unknown>, host: Record<string, unknown>): number | null {
  const size = textOrNull(record(host.StorageOpt).size);
  if (size !== null) return parseRamBytes(size);
  const device = textOrNull(record(record(raw.GraphDriver).Data).DeviceSize);
  return device === null ? null : parseRamBytes(device);
}

function mountsOf(mounts: unknown, tmpfs: unknown): EngineMount[] {
  const found: EngineMount[] = [];
  for (const each of Array.isArray(mounts) ? mounts : []) {
    const mount = record(each);
    const destination = textOrNull(mount.Destination);
    if (destination === null) continue;
    found.push({
      source: textOrNull(mount.Source) ?? "",
      destination,
      kind: textOrNull(mount.Type) ?? "bind",
    });
  }
  for (const destination of Object.keys(record(tmpfs)))
    found.push({ source: "", destination, kind: "tmpfs" });
  return found;
}

function runDirectoryOf(environment: unknown): string | null {
  for (const entry of Array.isArray(environment) ? environment : []) {
    if (typeof entry === "string" && entry.startsWith("PROCG_RUN=")) return entry.slice(10) || null;
  }
  return null;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function texts(value: unknown): Record<string, string> {
  const result: Record<string, string> = Object.create(null);
  const from = record(value);
  for (const key of Object.keys(from)) {
    const entry = from[key];
    if (typeof entry === "string") result[key] = entry;
  }
  return result;
}
