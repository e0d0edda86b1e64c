/** containerd by its program `ctr`: tasks with their pids, labels and image of a container. No exec, no events, no update. */
import { errnoText } from "../../lib/system/errno.ts";
import type { HostAccess } from "../../lib/system/host_access.ts";
import type { ContainerFacts, Engine, EngineFailure } from "./engine.ts";

const ANSWER_SECONDS = 10;

export function containerdEngine(access: HostAccess, socketPath: string, namespace: string): Engine {
  const ctr = async (...words: readonly string[]): Promise<string | EngineFailure> => {
    const result = await access.run(["ctr", "-a", socketPath, "-n", namespace, ...words], "", ANSWER_SECONDS);
    if (typeof result === "number") return { failed: `ctr: ${errnoText(result)}`, gone: false };
    if (result.status === 0) return result.stdout;
    const words_ = result.stderr.trim().split("\n")[0] ?? "";
    return { failed: words_ === "" ? "ctr failed" : words_, gone: /not found/i.test(words_) };
  };
  return {
    name: "containerd",
    address: `${socketPath} (namespace ${namespace})`,
    async list(found) {
      const text = await ctr("tasks", "ls");
      if (typeof text !== "string") return text;
      for (const task of parseTasks(text)) {
        if (task.state === "running" || task.state === "paused") found({ id: task.id, name: null });
      }
      return null;
    },
    async inspect(id) {
      const tasks = await ctr("tasks", "ls");
      if (typeof tasks !== "string") return tasks;
      const task = parseTasks(tasks).find((each) => each.id === id);
      if (task === undefined) return { failed: "no such container", gone: true };
      const text = await ctr("containers", "info", id);
      return typeof text === "string" ? containerdFacts(text, task) : text;
    },
    exec: () => null,
    events: () => null,
    info: async () => null,
    update: () => null,
  };
}

export interface Task {
  readonly id: string;
  readonly pid: number;
  readonly state: string;
}

/** "TASK PID STATUS", aligned by spaces. */
export function parseTasks(text: string): Task[] {
  const tasks: Task[] = [];
  for (const line of text.split("\n").slice(1)) {
    const [id, pid, state] = line.trim().split(/\s+/);
    if (id === undefined || pid === undefined || !/^[0-9]+$/.test(pid)) continue;
    tasks.push({ id, pid: Number(pid), state: (state ?? "").toLowerCase() });
  }
  return tasks;
}

export function containerdFacts(text: string, task: Task): ContainerFacts {
  const info = parse(text);
  const labels: Record<string, string> = {};
  const from = record(info.Labels);
  for (const key of Object.keys(from)) if (typeof from[key] === "string") labels[key] = from[key] as string;
  const image = info.Image;
  const spec = record(info.Spec);
  const hostname = spec.hostname;
  const process = record(spec.process);
  const environment = Array.isArray(process.env) ? process.env : [];
  const run = environment.find((each) => typeof each === "string" && each.startsWith("PROCG_RUN="));
  return {
    id: task.id,
    name: labels["nerdctl/name"] ?? labels["io.kubernetes.container.name"] ?? task.id,
    image: typeof image === "string" && image !== "" ? image : null,
    runtime: "containerd",
    state: task.state,
    pid: task.pid,
    startedAt: null,
    labels,
    hostname: typeof hostname === "string" ? hostname : null,
    networkMode: null,
    mounts: mountsOf(spec.mounts),
    rootfsQuotaBytes: null,
    runDirectory: typeof run === "string" ? run.slice(10) || null : null,
  };
}

function mountsOf(mounts: unknown): ContainerFacts["mounts"] {
  return (Array.isArray(mounts) ? mounts : []).map((each) => {
    const mount = record(each);
    return {
      source: `${mount.source ?? ""}`,
      destination: `${mount.destination ?? ""}`,
      kind: `${mount.type ?? ""}`,
    };
  });
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
