/** What the companion asks of a container engine. Docker and Podman speak it over a socket, containerd and CRI by their programs. */

/** A failed question. `gone`: the container is not there, or not in a state to be asked: the next event decides. */
export interface EngineFailure {
  readonly failed: string;
  readonly gone: boolean;
}

export interface ListedContainer {
  readonly id: string;
  readonly name: string | null;
}

export interface EngineMount {
  /** On the host. */
  readonly source: string;
  /** In the container. */
  readonly destination: string;
  readonly kind: string;
}

/** One container as its engine describes it. null: the engine does not say. */
export interface ContainerFacts {
  readonly id: string;
  readonly name: string | null;
  readonly image: string | null;
  readonly runtime: string;
  /** "running", "paused", "created", "exited", "restarting", "removing", "dead". */
  readonly state: string;
  /** The init as the host sees it; 0: none. */
  readonly pid: number;
  readonly startedAt: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly hostname: string | null;
  /** "none", "host", "bridge", "container:ID". */
  readonly networkMode: string | null;
  readonly mounts: readonly EngineMount[];
  readonly rootfsQuotaBytes: number | null;
  /** PROCG_RUN of the container's environment. */
  readonly runDirectory: string | null;
}

export interface ExecResult {
  readonly exitCode: number | null;
  /** What it wrote, both streams. */
  readonly output: string;
}

export interface EngineEvent {
  readonly id: string;
  readonly action: string;
  /** Seconds since the epoch, as the engine counts. */
  readonly atSeconds: number;
}

export interface EventListener {
  readonly opened: () => void;
  readonly event: (event: EngineEvent) => void;
  readonly ended: (why: string) => void;
}

export interface Engine {
  /** "docker", "podman", "containerd", "cri". */
  readonly name: string;
  /** Where it is asked, for messages. */
  readonly address: string;
  /** Containers that run (or are paused). Called for each as it is read, so that a thousand never stand in memory together. */
  list(found: (container: ListedContainer) => void): Promise<EngineFailure | null>;
  inspect(idOrName: string): Promise<ContainerFacts | EngineFailure>;
  /** null: this engine cannot. As root, with nothing but the program itself. */
  exec(
    id: string,
    argv: readonly string[],
    stdin: string,
    timeoutSeconds: number,
  ): Promise<ExecResult | EngineFailure> | null;
  /** null: there is no stream; the list is asked again and again. */
  events(sinceSeconds: number | null, listener: EventListener): { close(): void } | null;
  /** What it says of itself and of the host (Docker: GET /info); null: it does not answer, or cannot. */
  info(): Promise<Readonly<Record<string, unknown>> | null>;
  /** Changes limits so that a restart keeps them; null: this engine cannot. */
  update(id: string, body: Readonly<Record<string, unknown>>): Promise<EngineFailure | null> | null;
}

export function isFailure(value: object | null): value is EngineFailure {
  return value !== null && "failed" in value;
}
