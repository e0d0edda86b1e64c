import { describe, expect, test } from "vitest";
import { type MemoryEntry, memorySystem } from "../system/testing/memory_system.ts";
import { collectDocument, readFiles, readSlowParts, readUsage } from "./collect_document.ts";
import { openContainer } from "./container.ts";
import { dockerMetric } from "./docker_metric.ts";
import type { ContainerDocument, LoadSection } from "./document.ts";
import { type MetricOptions, renderMetrics } from "./openmetrics.ts";

const ID = "1e54ec451f4aea07069230576d90e40343ca50d3139480d3ff582c6d9894b85d";
const G = "/sys/fs/cgroup";

const load: LoadSection = {
  load1: 0.63,
  load5: 0.18,
  load15: 0.06,
  fixedPoint: [1299, 378, 132],
  runnable: 1,
  uninterruptible: 0,
  frozen: 0,
  threads: 12,
  threadsComplete: true,
  processes: 3,
  lastPid: 77,
  samples: 12,
  missedPeriods: 0,
  sinceUnixMs: 1,
  algorithm: "ceil",
  warmingUp: true,
  source: "loadcalc",
};

function documentOf(
  entries: Record<string, MemoryEntry>,
  section: LoadSection | null = load,
): ContainerDocument {
  const system = memorySystem(
    { "/proc/self": { link: "42" }, "/proc/42/ns/pid": { link: "pid:[4026532001]" }, ...entries },
    { pid: 42, names: { nodename: "web-1" }, monotonicSeconds: 5000, boottimeSeconds: 5000 },
  );
  const container = openContainer(system, { host: false, cgroup: null });
  const before = readUsage(container);
  system.advance(5);
  if (system.files.has(`${G}/cpu.stat`)) {
    const stat =
      "usage_usec 4000000\nuser_usec 3500000\nsystem_usec 500000\nnr_periods 92\nnr_throttled 45\nthrottled_usec 20000\n";
    system.files.set(`${G}/cpu.stat`, stat);
  }
  const usage = readUsage(container);
  return collectDocument(container, readSlowParts(container, true), {
    seq: 12,
    intervalMs: 5000,
    load: () => section,
    usage,
    before,
  });
}

const V2: Record<string, MemoryEntry> = {
  "/proc/1/stat": "1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 400000 0 0\n",
  "/proc/1/cgroup": "0::/\n",
  "/proc/42/cgroup": "0::/\n",
  "/proc/42/mountinfo": `30 24 0:26 / ${G} ro - cgroup2 cgroup rw\n40 24 254:0 /docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/vda rw\n`,
  "/proc/42/limits":
    "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n",
  "/proc/42/net/dev":
    "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n  eth0:     736       8    0    0    0     0          0         0      100       2    0    0    0     0       0          0\n",
  "/proc/42/net/snmp":
    "Tcp: ActiveOpens CurrEstab RetransSegs\nTcp: 3 2 1\nUdp: InDatagrams NoPorts\nUdp: 4 5\n",
  "/proc/42/net/netstat":
    "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 6 7\nIpExt: InNoRoutes\nIpExt: 0\n",
  "/sys/class/net/eth0/operstate": "up\n",
  "/sys/class/net/eth0/mtu": "1500\n",
  "/proc/meminfo":
    "MemTotal: 1048576 kB\nMemFree: 524288 kB\nMemAvailable: 800000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
  "/proc/loadavg": "9.99 9.99 9.99 9/900 9\n",
  "/proc/uptime": "5000.00 9000.00\n",
  "/proc/sys/kernel/pid_max": "4194304\n",
  "/proc/sys/kernel/random/boot_id": "11111111-1111-4111-8111-111111111111\n",
  "/sys/devices/system/cpu/online": "0-3\n",
  [`${G}/cgroup.type`]: "domain\n",
  [`${G}/cgroup.events`]: "populated 1\nfrozen 0\n",
  [`${G}/cgroup.procs`]: "1\n42\n",
  [`${G}/cpu.max`]: "50000 100000\n",
  [`${G}/cpu.weight`]: "100\n",
  [`${G}/cpu.stat`]:
    "usage_usec 2000000\nuser_usec 1500000\nsystem_usec 500000\nnr_periods 42\nnr_throttled 20\nthrottled_usec 16687\n",
  [`${G}/cpuset.cpus.effective`]: "1-2\n",
  [`${G}/memory.max`]: "67108864\n",
  [`${G}/memory.high`]: "max\n",
  [`${G}/memory.current`]: "32686080\n",
  [`${G}/memory.peak`]: "34070528\n",
  [`${G}/memory.stat`]:
    "anon 57344\nfile 31461376\nkernel 4096\nshmem 0\nfile_mapped 0\nactive_file 2101248\ninactive_file 29360128\nslab_reclaimable 0\npgfault 1450\npgmajfault 0\n",
  [`${G}/memory.events`]: "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n",
  [`${G}/pids.current`]: "2\n",
  [`${G}/pids.max`]: "50\n",
  [`${G}/pids.peak`]: "9\n",
  [`${G}/pids.events`]: "max 4\n",
  [`${G}/io.stat`]: "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n",
  [`${G}/cpu.pressure`]:
    "some avg10=1.00 avg60=0.50 avg300=0.10 total=123456\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
  [`${G}/memory.pressure`]:
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=10\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n",
  [`${G}/io.pressure`]:
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=20\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=15\n",
  "/sys/dev/block/254:0": { link: "../../devices/virtual/block/vda" },
};

describe("a container on v2", () => {
  const document = documentOf(V2);

  test("every section", () => {
    expect(document).toMatchObject({
      schema: "procg.container/v1",
      seq: 12,
      intervalMs: 5000,
      stale: false,
      monotonicMs: 5_005_000,
      container: {
        id: ID,
        hostname: "web-1",
        cgroupVersion: 2,
        cgroupPath: "/",
        state: "running",
        restartCount: null,
      },
      cpu: {
        usageUs: 4_000_000,
        percpuUs: null,
        usageRatio: 0.4,
        usageRatioOfLimit: 0.8,
        quotaCores: 0.5,
        capacityCores: 0.5,
        quotaUs: 50_000,
        periodUs: 100_000,
        shares: null,
        weight: 100,
        cpusetCpus: [1, 2],
        hostCpus: 4,
        throttling: { periods: 92, throttledPeriods: 45, throttledUs: 20_000, throttledRatio: 0.5 },
      },
      load,
      memory: {
        limitBytes: 67_108_864,
        usageBytes: 32_686_080,
        workingSetBytes: 3_325_952,
        rssBytes: 57_344,
        kernelBytes: 4096,
        softLimitBytes: "max",
        maxUsageBytes: 34_070_528,
        failcnt: null,
        events: { max: 3, oomKill: 1 },
      },
      pids: { current: 2, limit: 50, peak: 9, failedForks: 4, hostPidMax: 4_194_304, hostThreads: 900 },
      io: {
        source: "io.stat",
        bufferedWritesAttributed: true,
        devices: [{ device: "vda", majorMinor: "254:0", readBytes: 4096, writeOps: 2 }],
        total: { readBytes: 4096, writeBytes: 8192 },
      },
      network: {
        interfaces: [{ name: "eth0", rxBytes: 736, txPackets: 2, operState: "up", mtu: 1500 }],
        tcp: {
          activeOpens: 3,
          currEstab: 2,
          retransSegs: 1,
          listenOverflows: 6,
          listenDrops: 7,
          inSegs: null,
        },
        udp: { inDatagrams: 4, noPorts: 5 },
        conntrack: { entries: null, limit: null },
      },
      psi: {
        source: "cgroup",
        cpu: { some: { avg10: 1, totalUs: 123_456 } },
        memory: { full: { totalUs: 5 } },
      },
      files: { limit: 1024 },
    });
  });

  test("no number that JSON readers cannot hold", () => {
    const walk = (value: unknown): void => {
      if (typeof value === "number") expect(Number.isFinite(value) && Math.abs(value) < 2 ** 53).toBe(true);
      else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
    };
    walk(document);
  });

  const options: MetricOptions = { format: "openmetrics", names: "procg", version: "1.2.3", ageSeconds: 1.5 };

  test("OpenMetrics: each family once, TYPE, UNIT, HELP, then its samples; all names ours", () => {
    const text = renderMetrics(document, options);
    expect(text.endsWith("# EOF\n")).toBe(true);
    const seen = new Set<string>();
    let family = "";
    let type = "";
    for (const line of text.slice(0, -"# EOF\n".length).trimEnd().split("\n")) {
      const head = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line);
      if (head !== null) {
        const [, kind, name = "", value = ""] = head;
        if (kind === "TYPE") {
          expect(seen.has(name)).toBe(false);
          seen.add(name);
          [family, type] = [name, value];
        } else expect(name).toBe(family);
        if (kind === "UNIT") expect(name.endsWith(`_${value}`)).toBe(true);
        continue;
      }
      const suffix = type === "counter" ? "_total" : type === "info" ? "_info" : "";
      const sample = /^([a-z0-9_]+)(?:\{([a-z_]+="(?:[^"\\]|\\.)*",?)+\})? -?[0-9.e+]+$/.exec(line);
      expect([line, sample?.[1]]).toEqual([line, `${family}${suffix}`]);
      expect(family.startsWith("procg_") && !family.endsWith("_total") && !family.endsWith("_info")).toBe(
        true,
      );
    }
    expect(text).toContain('procg_load_average{window="1m"} 0.63\n');
    expect(text).toContain("procg_memory_limit_bytes 67108864\n");
    // An ancestor is hidden by the cgroup namespace.
    expect(text).toContain("procg_memory_limit_known 0\n");
    expect(text).toContain("procg_cpu_usage_seconds_total 4\n");
    expect(text).toContain('procg_io_read_bytes_total{device="vda"} 4096\n');
    expect(text).toContain("procg_sample_age_seconds 1.5\n");
    expect(text).toContain('procg_build_info{version="1.2.3"} 1\n');
  });

  test("text 0.0.4: _total in TYPE, info is a gauge, no UNIT, no EOF", () => {
    const text = renderMetrics(document, { ...options, format: "text" });
    expect(text).not.toMatch(/# (UNIT|EOF)/);
    expect(text).toContain("# TYPE procg_cpu_usage_seconds_total counter\n");
    expect(text).toContain("# TYPE procg_container_info gauge\n");
  });

  test("cAdvisor's names where it has them", () => {
    const text = renderMetrics(document, { ...options, names: "cadvisor" });
    for (const line of [
      "container_cpu_usage_seconds_total 4\n",
      "container_cpu_cfs_throttled_periods_total 45\n",
      "container_spec_cpu_quota 50000\n",
      "container_spec_memory_limit_bytes 67108864\n",
      "container_memory_working_set_bytes 3325952\n",
      "container_oom_events_total 1\n",
      'container_network_receive_bytes_total{interface="eth0"} 736\n',
      "container_pressure_memory_stalled_seconds_total 0.000005\n",
      'procg_load_average{window="5m"} 0.18\n',
    ])
      expect([line, text.includes(`\n${line}`)]).toEqual([line, true]);
  });

  test("labels are escaped", () => {
    const odd = { ...document, container: { ...document.container, name: 'a"b\\c\nd\r' } };
    expect(renderMetrics(odd, options)).toContain('name="a\\"b\\\\c\\nd"');
  });

  test("docker metric: nanoseconds, percent from them, empty objects", () => {
    expect(dockerMetric(document)).toEqual({
      cpu_stats: {
        cpu_usage: {
          percent_usage: 40,
          current_usage: 0.4,
          total_usage: 4_000_000_000,
          percpu_usage: [],
          usage_in_kernelmode: 500_000_000,
          usage_in_usermode: 3_500_000_000,
        },
        throttling_data: { periods: 92, throttled_periods: 45, throttled_time: 20_000_000 },
      },
      memory_stats: { usage: 32_686_080, max_usage: 34_070_528, stats: document.memory.stat, failcnt: 0 },
      blkio_stats: {},
      freezer_stats: {},
    });
  });

  test("docker metric on v1: one entry for each CPU of the machine", () => {
    const cpu = { ...document.cpu, percpuUs: { "1": 5, "2": 7 }, hostCpus: 4 };
    expect(dockerMetric({ ...document, cpu }).cpu_stats.cpu_usage.percpu_usage).toEqual([0, 5000, 7000, 0]);
  });
});

describe("where nothing can be read", () => {
  const document = documentOf({ "/proc/42/cgroup": "0::/\n" }, null);

  test("all is null, with reasons; the shape is the same", () => {
    expect(document).toMatchObject({
      load: null,
      psi: null,
      cpu: { usageUs: null },
      memory: { limitBytes: null },
    });
    expect(document.memory.events).toEqual({
      low: null,
      high: null,
      max: null,
      oom: null,
      oomKill: null,
      oomGroupKill: null,
    });
    const sections = new Set(document.errors.map((error) => error.section));
    expect([...sections].sort()).toEqual(["cpu", "filesystems", "io", "load", "memory", "network", "psi"]);
    expect(Object.keys(document)).toEqual(Object.keys(documentOf(V2)));
  });

  test("metrics leave out what is not known", () => {
    const text = renderMetrics(document, { format: "text", names: "procg", version: "1", ageSeconds: 0 });
    expect(text).not.toMatch(/NaN|null|undefined|load_average|memory_usage/);
    expect(text).toContain("procg_memory_limit_known 0\n");
  });
});

test("no limit: the value is left out and known for sure", () => {
  const document = documentOf(V2);
  const memory = { ...document.memory, limitBytes: "max" as const, limitComplete: true };
  const options: MetricOptions = { format: "text", names: "procg", version: "1", ageSeconds: 0 };
  const text = renderMetrics({ ...document, memory }, options);
  expect(text).not.toContain("procg_memory_limit_bytes ");
  expect(text).toContain("procg_memory_limit_known 1\n");
});

test("of very many processes no list is made: a daemon would hold the memory for it ever after", () => {
  const system = memorySystem({ "/proc/1/stat": "1 (x) S 0\n" });
  const listed: string[] = [];
  const { readDirectory } = system;
  Object.assign(system, {
    readDirectory(path: string) {
      listed.push(path);
      return readDirectory(path);
    },
  });
  const container = openContainer(system, { host: false, cgroup: null });
  readFiles(container, false, 1001);
  expect(listed).not.toContain("/proc");
  readFiles(container, false, 1000);
  expect(listed).toContain("/proc");
});
