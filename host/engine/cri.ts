/** A CRI runtime (containerd or CRI-O below Kubernetes) by its program `crictl`. */
import { errnoText } from "../../lib/system/errno.ts";
import type { HostAccess } from "../../lib/system/host_access.ts";
import type { ContainerFacts, Engine, EngineFailure } from "./engine.ts";

const ANSWER_SECONDS = 10;

export function criEngine(access: HostAccess): Engine {
  const crictl = async (...words: readonly string[]): Promise<string | EngineFailure> => {
    const result = await access.run(["crictl", ...words], "", ANSWER_SECONDS);
    if (typeof result === "number") return { failed: `crictl: ${errnoText(result)}`, gone: false };
    if (result.status === 0) return result.stdout;
    const first = result.stderr.trim().split("\n")[0] ?? "";
    return { failed: first === "" ? "crictl failed" : first, gone: /not found/i.test(first) };
  };
  return {
    name: "cri",
    address: "crictl",
    async list(found) {
      const text = await crictl("ps", "--quiet", "--no-trunc");
      if (typeof text !== "string") return text;
      for (const id of text.split("\n")) if (id.trim() !== "") found({ id: id.trim(), name: null });
      return null;
    },
    async inspect(id) {
      const text = await crictl("inspect", "--output", "json", id);
      if (typeof text !== "string") return text;
      return criFacts(text) ?? { failed: "crictl's answer is malformed", gone: false };
    },
    exec: () => null,
    events: () => null,
    info: async () => null,
    update: () => null,
  };
}

/** `crictl inspect`: status as in the CRI, info as the runtime has it. null: not such an answer. */
export function criFacts(text: string): ContainerFacts | null {
  const raw = parse(text);
  const status = record(raw.status);
  const info = record(raw.info);
  const { id } = status;
  if (typeof id !== "string") return null;
  const labels: Record<string, string> = {};
  const from = record(status.labels);
  for (const key of Object.keys(from)) if (typeof from[key] === "string") labels[key] = from[key] as string;
  const pod = labels["io.kubernetes.pod.name"];
  const name = labels["io.kubernetes.container.name"] ?? textOrNull(record(status.metadata).name);
  const spec = record(info.runtimeSpec);
  const { pid } = info;
  const state = textOrNull(status.state) ?? "";
  const startedAt = textOrNull(status.startedAt);
  return {
    id,
    name:
      pod === undefined || name === null
        ? name
        : `${labels["io.kubernetes.pod.namespace"] ?? "default"}/${pod}/${name}`,
    image: textOrNull(record(status.image).image) ?? textOrNull(status.imageRef),
    runtime: "cri",
    state: state === "CONTAINER_RUNNING" ? "running" : state.replace(/^CONTAINER_/, "").toLowerCase(),
    pid: typeof pid === "number" ? pid : 0,
    startedAt,
    labels,
    hostname: textOrNull(spec.hostname),
    networkMode: null,
    mounts: (Array.isArray(status.mounts) ? status.mounts : []).map((each) => {
      const mount = record(each);
      return {
        source: `${mount.hostPath ?? ""}`,
        destination: `${mount.containerPath ?? ""}`,
        kind: "bind",
      };
    }),
    rootfsQuotaBytes: null,
    runDirectory: null,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function parse(text: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text));
  } catch {
    return {};
  }
}
