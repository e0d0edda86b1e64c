/** The root cgroup is the whole machine: it has no limits and counts since boot, whoever is in it (cgroup-v2.rst, "Root cgroup"). */
import type { Container } from "./container.ts";

/** The container is in the root cgroup of this controller's hierarchy, and that is certain. */
export function isRootCgroup(
  container: Container,
  controller: Parameters<Container["location"]>[0],
): boolean {
  const location = container.location(controller);
  return location?.complete === true && location.chain.length === 1;
}
