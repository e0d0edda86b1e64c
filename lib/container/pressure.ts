/**
 * Pressure stall information of the container: the share of time in which some, or all, of its tasks waited for CPU, memory or IO.
 *
 * v2: *.pressure of its cgroup, which needs no controller. v1 has none: /proc/pressure is the machine's and is not used for a container.
 * See Documentation/accounting/psi.rst.
 */
import { cpuPressure, ioPressure, memoryPressure } from "../cgroupfs/v2/pressure.ts";
import { attempt, type Reading } from "../kernfile/kernel_file.ts";
import type { Pressure } from "../kernfile/pressure.ts";
import { pressureCpu, pressureIo, pressureMemory } from "../procfs/pressure.ts";
import type { Container } from "./container.ts";
import { isRootCgroup } from "./root_cgroup.ts";

export type PressureKind = "cpu" | "memory" | "io";

const CGROUP_FILES = { cpu: cpuPressure, memory: memoryPressure, io: ioPressure };
const PROC_FILES = { cpu: pressureCpu, memory: pressureMemory, io: pressureIo };
/** In the root of all of them the container is the machine. */
const CONTROLLERS = ["cpu", "memory", "io"] as const;

/** `value` null: the kernel has no such figure for this container. */
export function readPressure(container: Container, kind: PressureKind): Reading<Pressure> {
  const { system } = container;
  if (container.kind === "machine") return attempt(system, "/proc", PROC_FILES[kind]);
  const location = container.location("unified");
  if (location === null || location.version !== 2) {
    return { path: CGROUP_FILES[kind].name, value: null, errno: 0, problem: "no v2 cgroup can be seen" };
  }
  if (isRootCgroup(container, "unified")) {
    // The real root has no such files: it is the machine. On a hybrid host it may be the root only because its manager uses v1.
    if (CONTROLLERS.every((controller) => isRootCgroup(container, controller)))
      return attempt(system, "/proc", PROC_FILES[kind]);
    const problem = "its v2 cgroup is the root, whose pressure is the machine's";
    return { path: CGROUP_FILES[kind].name, value: null, errno: 0, problem };
  }
  return attempt(system, location.directory, CGROUP_FILES[kind]);
}
