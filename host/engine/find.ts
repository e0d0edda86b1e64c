/** Which engine is asked: the one that is named, DOCKER_HOST, or the first that is found on this host. */
import { request } from "../../lib/http/client.ts";
import type { HostAccess } from "../../lib/system/host_access.ts";
import type { ServiceHost } from "../../lib/system/service_host.ts";
import type { System } from "../../lib/system/system.ts";
import { containerdEngine } from "./containerd.ts";
import { criEngine } from "./cri.ts";
import { dockerEngine } from "./docker.ts";
import type { Engine } from "./engine.ts";

const SOCKETS: readonly string[] = ["/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock"];
const CONTAINERD_SOCKET = "/run/containerd/containerd.sock";

/** null: there is none; a text: why the address is not usable. */
export async function findEngine(
  system: System,
  host: ServiceHost,
  access: HostAccess,
  address: string | null,
): Promise<Engine | null | string> {
  const wanted = address ?? system.env("DOCKER_HOST") ?? "";
  if (wanted === "none") return null;
  if (wanted === "cri") return criEngine(access);
  const containerd = /^containerd(?::([A-Za-z0-9_.-]+))?(?:@(\/.+))?$/.exec(wanted);
  if (containerd !== null)
    return containerdEngine(access, containerd[2] ?? CONTAINERD_SOCKET, containerd[1] ?? "default");
  if (wanted !== "") {
    const path = /^unix:\/\/(\/.+)$/.exec(wanted)?.[1] ?? (wanted.startsWith("/") ? wanted : null);
    if (path === null) return `${wanted}: only unix sockets (unix:///PATH), containerd, cri, none`;
    return overSocket(system, host, path);
  }
  for (const path of SOCKETS) {
    if (typeof system.stat(path) !== "number") return overSocket(system, host, path);
  }
  for (const path of ["/usr/bin/crictl", "/usr/local/bin/crictl"]) {
    if (typeof system.stat(path) !== "number") return criEngine(access);
  }
  return typeof system.stat(CONTAINERD_SOCKET) === "number"
    ? null
    : containerdEngine(access, CONTAINERD_SOCKET, "default");
}

/** Podman's service says so; an engine that does not answer now is taken for what its path says. */
async function overSocket(system: System, host: ServiceHost, socketPath: string): Promise<Engine> {
  const client = { host, monotonicSeconds: () => system.monotonicSeconds(), socketPath };
  const reply = await request(client, { method: "GET", target: "/version", timeoutSeconds: 2 });
  const isPodman =
    typeof reply === "number" || reply.status !== 200
      ? socketPath.includes("podman")
      : reply.body.includes("Podman Engine");
  return dockerEngine(client, isPodman ? "podman" : "docker");
}
