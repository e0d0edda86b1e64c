/** A container that a loadcalc can run in, with a clock that the test moves: cgroup v2, a pid namespace of its own. */
import { EADDRINUSE } from "../../../lib/system/service_host.ts";
import {
  type MemoryServiceHost,
  memoryServiceHost,
} from "../../../lib/system/testing/memory_service_host.ts";
import {
  type MemoryEntry,
  type MemorySystem,
  memorySystem,
} from "../../../lib/system/testing/memory_system.ts";
import { runDaemon } from "../daemon.ts";
import { createSampler } from "../sampler.ts";
import { readSettings, type Settings } from "../settings.ts";

export const ADDRESS_IN_USE = EADDRINUSE;

export interface TestContainer {
  readonly system: MemorySystem;
  readonly host: MemoryServiceHost;
  readonly files: Map<string, MemoryEntry>;
  /** CPU time that cpu.stat shows. */
  cpuSeconds: number;
  /** Moves the wall clock alone. */
  jump(seconds: number): void;
  breakProc(isBroken: boolean): void;
}

export function statFile(pid: number, state: string, threads = 1): string {
  return `${pid} (x) ${state} 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 ${threads} 0 500 0 0 0 0 0\n`;
}

const CGROUP = "/sys/fs/cgroup";

export function container(): TestContainer {
  let wall = 0;
  let broken = false;
  const base = memorySystem(
    {
      "/proc/self": { link: "42" },
      "/proc/42/stat": statFile(42, "R"),
      "/proc/42/cgroup": "0::/\n",
      "/proc/42/mountinfo": "30 24 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
      "/proc/42/ns/pid": { link: "pid:[4026532001]" },
      "/proc/1/stat": statFile(1, "S"),
      "/proc/1/cgroup": "0::/\n",
      "/proc/meminfo":
        "MemTotal: 1048576 kB\nMemFree: 524288 kB\nMemAvailable: 800000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
      "/proc/uptime": "5000.00 9000.00\n",
      "/proc/loadavg": "9.99 9.99 9.99 9/900 9\n",
      "/proc/sys/kernel/random/boot_id": "11111111-1111-4111-8111-111111111111\n",
      "/sys/devices/system/cpu/online": "0-3\n",
      [`${CGROUP}/cgroup.procs`]: "1\n42\n",
      [`${CGROUP}/cgroup.type`]: "domain\n",
      [`${CGROUP}/cgroup.events`]: "populated 1\nfrozen 0\n",
      [`${CGROUP}/cpu.max`]: "50000 100000\n",
      [`${CGROUP}/cpu.stat`]: "",
      [`${CGROUP}/memory.max`]: "67108864\n",
      [`${CGROUP}/memory.current`]: "32686080\n",
      [`${CGROUP}/memory.stat`]:
        "anon 1000\nfile 2000\nactive_file 500\ninactive_file 1500\nslab_reclaimable 0\nshmem 0\n",
      [`${CGROUP}/memory.events`]: "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n",
      "/run/procg": { directory: true },
    },
    { pid: 42, monotonicSeconds: 5000, names: { nodename: "web-1" } },
  );
  const test: TestContainer = {
    system: base,
    host: memoryServiceHost(base),
    files: base.files,
    cpuSeconds: 10,
    jump(seconds) {
      wall += seconds;
    },
    breakProc(isBroken) {
      broken = isBroken;
    },
  };
  const { readText, readDirectory, realtimeSeconds, stat, lstat } = base;
  const asSocket = (path: string, found: ReturnType<typeof stat>) =>
    typeof found !== "number" && path.endsWith(".sock") ? { ...found, mode: 0o140666 } : found;
  Object.assign(base, {
    readText(path: string) {
      if (path !== `${CGROUP}/cpu.stat`) return readText(path);
      const usec = Math.round(test.cpuSeconds * 1e6);
      return `usage_usec ${usec}\nuser_usec ${usec}\nsystem_usec 0\nnr_periods 10\nnr_throttled 2\nthrottled_usec 5000\n`;
    },
    readDirectory: (path: string) => (broken && path === "/proc" ? -13 : readDirectory(path)),
    realtimeSeconds: () => realtimeSeconds() + wall,
    stat: (path: string) => asSocket(path, stat(path)),
    lstat: (path: string) => asSocket(path, lstat(path)),
  });
  return test;
}

export interface TestDaemon {
  readonly ended: Promise<number>;
  end(signal: "TERM" | "INT"): Promise<number>;
}

export function start(
  { system, host }: TestContainer,
  settings: Settings = readSettings([], () => undefined),
): TestDaemon {
  const choice = { host: false, cgroup: null };
  const sampler = createSampler(system, choice, settings.algorithm);
  const ended = runDaemon({ system, host, settings, sampler, version: "1.2.3", choice });
  return {
    ended,
    end(signal) {
      host.signal(signal === "TERM" ? 15 : 2);
      return ended;
    },
  };
}

export async function get(
  { host }: TestContainer,
  address: string,
  path: string,
  headers = "",
): Promise<{ status: number; head: string; body: string }> {
  const client = host.connect(address);
  client.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`);
  // The page is loaded from its file when it is asked for, which takes a busy machine more than a second.
  for (let i = 0; i < 2000 && !client.finished; i++) {
    await host.settle();
    if (!client.finished) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  client.end();
  await host.settle();
  const [head = "", body = ""] = client.received.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head: `${head}\r\n`, body };
}
