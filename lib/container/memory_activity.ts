/**
 * Pages that were used lately and that were not, and swapping, of the container. Bytes.
 *
 * The machine: /proc/meminfo and /proc/vmstat. A cgroup: memory.stat; pswpin and pswpout are there since Linux 6.13 on v2 only.
 */
import { memoryStat as memoryStatV1 } from "../cgroupfs/v1/memory_stat.ts";
import { memoryStat as memoryStatV2 } from "../cgroupfs/v2/memory_stat.ts";
import { attempt, type Reading } from "../kernfile/kernel_file.ts";
import { meminfo } from "../procfs/meminfo.ts";
import { vmstat } from "../procfs/vmstat.ts";
import { type Container, isServedAnswer } from "./container.ts";
import { type Figure, figure, term } from "./figure.ts";
import { isRootCgroup } from "./root_cgroup.ts";

export interface MemoryActivity {
  readonly activeBytes: Figure;
  readonly inactiveBytes: Figure;
  /** Since boot, or since the cgroup was made. */
  readonly swappedInBytes: Figure;
  readonly swappedOutBytes: Figure;
}

export function readMemoryActivity(container: Container): MemoryActivity {
  const { system } = container;
  const location = container.kind === "machine" ? null : container.location("memory");
  if (container.kind === "machine" || isRootCgroup(container, "memory")) return fromProc(container, true);
  if (isServedAnswer(container, "/proc/meminfo", "memory")) return fromProc(container, false);
  if (location === null) {
    const none = figure(null, "not known: no memory cgroup can be seen", []);
    return { activeBytes: none, inactiveBytes: none, swappedInBytes: none, swappedOutBytes: none };
  }
  const stat: Reading<Readonly<Record<string, number | undefined>>> =
    location.version === 2
      ? attempt(system, location.directory, memoryStatV2)
      : attempt(system, location.directory, memoryStatV1);
  const prefix = location.version === 2 ? "" : "total_";
  const lru = (kind: "active" | "inactive"): Figure => {
    const keys = [`${prefix}${kind}_anon`, `${prefix}${kind}_file`];
    const values = keys.map((key) => stat.value?.[key]);
    const [anon, file] = values;
    const sum = anon === undefined || file === undefined ? null : anon + file;
    return figure(
      sum,
      keys.join(" + "),
      keys.map((key, i) => term(stat, key, values[i])),
    );
  };
  const swapped = (key: "pswpin" | "pswpout"): Figure => {
    const pages = location.version === 2 ? stat.value?.[key] : undefined;
    const bytes = pages === undefined ? null : pages * system.pageSizeBytes;
    return figure(bytes, `${key} x page size`, [term(stat, key, pages)]);
  };
  return {
    activeBytes: lru("active"),
    inactiveBytes: lru("inactive"),
    swappedInBytes: swapped("pswpin"),
    swappedOutBytes: swapped("pswpout"),
  };
}

/** @param isMachine /proc/vmstat is the answer too: lxcfs does not serve it */
function fromProc({ system }: Container, isMachine: boolean): MemoryActivity {
  const info = attempt(system, "/proc", meminfo);
  const events = isMachine ? attempt(system, "/proc", vmstat) : null;
  const lru = (key: "Active" | "Inactive"): Figure => {
    const bytes = info.value?.lookup(key) ?? null;
    return figure(bytes, key, [term(info, key, bytes)]);
  };
  const swapped = (key: "pswpin" | "pswpout"): Figure => {
    const pages = events?.value?.[key];
    const bytes = pages === undefined ? null : pages * system.pageSizeBytes;
    return figure(bytes, `${key} x page size`, events === null ? [] : [term(events, key, pages)]);
  };
  return {
    activeBytes: lru("Active"),
    inactiveBytes: lru("Inactive"),
    swappedInBytes: swapped("pswpin"),
    swappedOutBytes: swapped("pswpout"),
  };
}
