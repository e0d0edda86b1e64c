/** Installed processors, for --all. */
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { cpuPossible } from "../../lib/procfs/cpu_lists.ts";
import { procStat } from "../../lib/procfs/stat.ts";
import type { System } from "../../lib/system/system.ts";

/** As glibc's _SC_NPROCESSORS_CONF: /sys/devices/system/cpu/possible, else the cpuN lines of /proc/stat; null: neither. */
export function installedCpus(system: System): number | null {
  const possible = attempt(system, "/sys/devices/system/cpu", cpuPossible).value;
  if (possible !== null && possible.length > 0) return possible.length;
  return attempt(system, "/proc", procStat).value?.cpus.length ?? null;
}
