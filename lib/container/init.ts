/** The process whose start is the container's start. */
import type { Container } from "./container.ts";
import { oldestProcess } from "./processes.ts";

/** /proc/PID: pid 1, or where pid 1 is somebody else's, the process of the cgroup that started first. */
export function initDirectory(container: Container): string {
  const foreign = container.kind === "container" && container.sharedPidNamespace;
  if (!foreign && container.linesFrom !== "--cgroup") return "/proc/1";
  const oldest = oldestProcess(container);
  // No process has the number 0: nothing will be found there.
  return oldest === null ? "/proc/0" : `/proc/${oldest}`;
}
