/** A container engine that a test plays over a unix socket. One process stands for the init of all its containers. */
import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";

interface FakeContainer {
  readonly id: string;
  name: string;
  startedAt: string;
}

export interface FakeEngine {
  readonly containers: Map<string, FakeContainer>;
  readonly streams: Set<ServerResponse>;
  /** Requests by path, ids left out. */
  readonly asked: Record<string, number>;
  /** Answers something else than the truth; undefined: the truth. */
  odd: (path: string, answer: ServerResponse) => boolean;
  add(index: number, name: string): void;
  event(action: string, id: string): void;
  /** Below FOLDER/engine.sock. */
  listen(): Promise<void>;
  stop(): Promise<void>;
  /** For ever, with the process. */
  end(): Promise<void>;
}

export const idOf = (index: number): string => index.toString(16).padStart(4, "0").repeat(16);

export function playEngine(folder: string): FakeEngine {
  const sleeper = spawn("sleep", ["600"], { stdio: "ignore" });
  const containers = new Map<string, FakeContainer>();
  const streams = new Set<ServerResponse>();
  const asked: Record<string, number> = {};
  const server = createServer((request, answer) => {
    const path = (request.url ?? "").replace(/\?.*$/, "").replace(/[0-9a-f]{64}/, "ID");
    asked[path] = (asked[path] ?? 0) + 1;
    if (self.odd(path, answer)) return;
    const send = (value: unknown, status = 200) => {
      answer.writeHead(status, { "Content-Type": "application/json" });
      answer.end(JSON.stringify(value));
    };
    if (path === "/version") send({ Version: "fake" });
    else if (path === "/events") {
      answer.writeHead(200, { "Content-Type": "application/json" });
      answer.flushHeaders();
      streams.add(answer);
      answer.on("close", () => streams.delete(answer));
    } else if (path === "/containers/json") {
      const filler = "x".repeat(1000);
      send(
        [...containers.values()].map(({ id, name }) => ({
          Id: id,
          Names: [`/${name}`],
          Labels: { filler, 'a"}{': "\\" },
        })),
      );
    } else {
      const id = /[0-9a-f]{64}/.exec(request.url ?? "")?.[0] ?? "";
      const container = containers.get(id);
      if (container === undefined) send({ message: `No such container: ${id}` }, 404);
      else send(inspected(container));
    }
  });
  const inspected = ({ id, name, startedAt }: FakeContainer) => ({
    Id: id,
    Name: `/${name}`,
    State: { Status: "running", Running: true, Pid: sleeper.pid, StartedAt: startedAt },
    Config: { Image: "fake:1", Hostname: "fake", Labels: { note: "Grüße" }, Env: [] },
    HostConfig: { NetworkMode: "default" },
    Mounts: [
      {
        Type: "bind",
        Source: join(folder, "run/containers", `n${Number.parseInt(id.slice(0, 4), 16)}`),
        Destination: "/run/procg/host",
      },
    ],
  });
  const self: FakeEngine = {
    containers,
    streams,
    asked,
    odd: () => false,
    add(index, name) {
      const id = idOf(index);
      containers.set(id, { id, name, startedAt: new Date().toISOString() });
    },
    event(action, id) {
      const actor = { ID: id, Attributes: { name: containers.get(id)?.name, image: "fake" } };
      const now = Date.now();
      const event = {
        Type: "container",
        Action: action,
        Actor: actor,
        time: Math.floor(now / 1000),
        timeNano: now * 1e6,
      };
      for (const stream of streams) stream.write(`${JSON.stringify(event)}\n`);
    },
    listen: () => new Promise<void>((resolve) => server.listen(join(folder, "engine.sock"), resolve)),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    async end() {
      for (const stream of streams) stream.destroy();
      server.closeAllConnections();
      await self.stop();
      sleeper.kill("SIGKILL");
    },
  };
  return self;
}
