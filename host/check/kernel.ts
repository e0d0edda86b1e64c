/** The kernel: its settings, its clock, its memory, its device mapper. */
import { type Check, finding, read } from "./finding.ts";
import type { Finding } from "./report.ts";

export const kernel: Check = ({ system }) => finding("kernel", system.names().release, "ok");

/** dm-thin crashed kernels on discard. */
export const discard: Check = ({ system }) => {
  const mounts = read(system, "/proc/self/mounts") ?? "";
  const found = mounts
    .split("\n")
    .filter((line) => line.startsWith("/dev/mapper/") && /[ ,]discard[ ,]/.test(line));
  return finding(
    "dm.discard",
    found.length === 0 ? "off" : `${found.length} mounts`,
    found.length === 0 ? "ok" : "warn",
    "discard on device mapper: nodiscard, and blkdiscard=false for a thin pool",
  );
};

/** Global ones concern all containers when one of them changes it; namespaced ones are each container's own. */
const GLOBAL_SYSCTLS: readonly string[] = [
  "vm.swappiness",
  "vm.overcommit_memory",
  "vm.panic_on_oom",
  "kernel.panic",
  "fs.file-max",
  "fs.inotify.max_user_watches",
  "fs.inotify.max_user_instances",
  "kernel.keys.maxkeys",
];
const NAMESPACED_SYSCTLS: readonly string[] = [
  "net.core.somaxconn",
  "net.ipv4.tcp_tw_reuse",
  "net.ipv4.ip_local_port_range",
  "kernel.shmmax",
  "kernel.msgmax",
];

export const sysctls: Check = ({ system }) => {
  const findings: Finding[] = [];
  for (const [kind, names] of [
    ["global", GLOBAL_SYSCTLS],
    ["namespaced", NAMESPACED_SYSCTLS],
  ] as const) {
    for (const name of names) {
      const value = read(system, `/proc/sys/${name.replace(/\./g, "/")}`)?.replace(/\s+/g, " ") ?? null;
      const bad = name === "vm.panic_on_oom" && value !== null && value !== "0";
      if (value !== null)
        findings.push(
          finding(
            `sysctl.${name}`,
            value,
            bad ? "warn" : "ok",
            `${kind}: a container's own OOM would stop the host`,
          ),
        );
    }
  }
  return findings;
};

export const clock: Check = ({ system }) => {
  const source = read(system, "/sys/devices/system/clocksource/clocksource0/current_clocksource");
  const slow = source !== null && !/tsc|kvm|hyperv|arch_sys_counter|xen/.test(source);
  const year = new Date(system.realtimeSeconds() * 1000).getUTCFullYear();
  return [
    finding("clock.source", source, slow ? "note" : "ok", "reading the clock is a system call with it"),
    finding(
      "clock.year",
      year < 2024 ? year : "plausible",
      year < 2024 ? "warn" : "ok",
      "the clock is not set",
    ),
  ];
};

export const hugePages: Check = ({ system }) => {
  const text =
    /\[([a-z]+)\]/.exec(read(system, "/sys/kernel/mm/transparent_hugepage/enabled") ?? "")?.[1] ?? null;
  return finding(
    "thp",
    text,
    text === "always" ? "note" : "ok",
    "memory of a container can be larger than what it asked for",
  );
};
