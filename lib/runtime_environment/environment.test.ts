import { expect, test } from "vitest";
import { openContainer } from "../container/container.ts";
import { MIB, memoryV2, procFiles } from "../container/testing/container_tree.ts";
import { type MemoryEntry, type MemoryOptions, memorySystem } from "../system/testing/memory_system.ts";
import { changesOf, readRuntimeEnvironment } from "./environment.ts";

const CGROUP = "/sys/fs/cgroup";

interface Shape {
  readonly cpuMax?: string;
  readonly memoryMax?: string;
  readonly files?: Readonly<Record<string, MemoryEntry>>;
  readonly env?: MemoryOptions["env"];
  readonly affinity?: readonly number[];
  readonly schedulingPolicy?: number;
  readonly program?: string;
}

/** The whole answer for a container of 4 CPUs of the machine and 8 GiB. */
function answers(shape: Shape) {
  const system = memorySystem(
    {
      ...procFiles({ online: "0-15" }),
      ...memoryV2(CGROUP, { max: shape.memoryMax ?? `${256 * MIB}` }),
      [`${CGROUP}/cpu.max`]: `${shape.cpuMax ?? "150000 100000"}\n`,
      ...shape.files,
    },
    {
      affinity: shape.affinity ?? Array.from({ length: 16 }, (_, cpu) => cpu),
      ...(shape.env === undefined ? {} : { env: shape.env }),
      ...(shape.schedulingPolicy === undefined ? {} : { schedulingPolicy: shape.schedulingPolicy }),
    },
  );
  const container = openContainer(system, { host: false, cgroup: null });
  return readRuntimeEnvironment(container, null, shape.program ?? null);
}

const values = (shape: Shape) => Object.fromEntries(changesOf(answers(shape)));
const reason = (shape: Shape, name: string) =>
  answers(shape).variables.find((variable) => variable.name === name)?.reason;

test("1.5 CPUs and 256 MiB", () => {
  expect(values({})).toEqual({
    GOMAXPROCS: "2",
    GOMEMLIMIT: "241591910",
    OMP_NUM_THREADS: "2",
    OPENBLAS_NUM_THREADS: "2",
    MKL_NUM_THREADS: "2",
    NODE_OPTIONS: "--max-old-space-size=192",
    DOTNET_PROCESSOR_COUNT: "2",
    DOTNET_GCHeapHardLimit: "C000000",
    RAYON_NUM_THREADS: "2",
    MAKEFLAGS: "-j2",
    PYTHON_CPU_COUNT: "2",
  });
});

test.each([
  ["no quota, no limit: nothing is set", { cpuMax: "max 100000", memoryMax: "max" }, {}],
  [
    "a quota above the CPUs and a limit above the machine's memory do not bind",
    { cpuMax: "3200000 100000", memoryMax: `${9 * 1024 * MIB}` },
    {},
  ],
  [
    "the machine's own memory as a limit is one",
    { cpuMax: "max 100000", memoryMax: `${8 * 1024 * MIB}` },
    {
      GOMEMLIMIT: "7730941132",
      NODE_OPTIONS: "--max-old-space-size=6144",
      DOTNET_GCHeapHardLimit: "180000000",
    },
  ],
])("%s", (_name, shape, expected) => {
  expect(values(shape)).toEqual(expected);
});

test("affinity alone is a limit; .NET's count is decimal, its heap hexadecimal; threads of libuv beyond its own four", () => {
  const affinity = Array.from({ length: 12 }, (_, cpu) => cpu);
  expect(values({ cpuMax: "max 100000", memoryMax: "max", affinity })).toMatchObject({
    GOMAXPROCS: "12",
    DOTNET_PROCESSOR_COUNT: "12",
    UV_THREADPOOL_SIZE: "12",
  });
});

test("a quota does not bind a real-time thread", () => {
  expect(values({ memoryMax: "max", schedulingPolicy: 1 })).toEqual({});
});

test("what cannot be read is not known, and nothing is set", () => {
  const unread = {
    [`${CGROUP}/cpu.max`]: { errno: "EACCES" },
    [`${CGROUP}/memory.max`]: { errno: "EACCES" },
  } as const;
  expect(values({ files: unread })).toEqual({});
  expect(reason({ files: unread }, "GOMAXPROCS")).toBe("the CPU quota is not known");
  expect(reason({ files: unread }, "GOMEMLIMIT")).toBe("the memory limit is not known");
});

test.each([
  ["absent", { errno: "ENOENT" }],
  ["refused", { errno: "EACCES" }],
  ["nonsense", "MemTotal: much\n"],
] as const)("/proc/meminfo %s: the CPUs are told all the same", (_what, entry) => {
  expect(values({ files: { "/proc/meminfo": entry } })).toMatchObject({ GOMAXPROCS: "2" });
  expect(reason({ files: { "/proc/meminfo": entry } }, "GOMEMLIMIT")).toBe("the memory limit is not known");
});

test("what the user has set stays, an empty value too", () => {
  const set = values({ env: { GOMAXPROCS: "7", PYTHON_CPU_COUNT: "", NODE_OPTIONS: "" } });
  expect(Object.keys(set)).not.toEqual(expect.arrayContaining(["GOMAXPROCS"]));
  expect([set.GOMAXPROCS, set.PYTHON_CPU_COUNT, set.NODE_OPTIONS]).toEqual([undefined, undefined, undefined]);
  expect(set.GOMEMLIMIT).toBe("241591910");
});

test.each([
  ["OMP_NUM_THREADS", ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]],
  ["GOTO_NUM_THREADS", ["OPENBLAS_NUM_THREADS"]],
  ["COMPlus_GCHeapHardLimit", ["DOTNET_GCHeapHardLimit"]],
  ["DOTNET_GCHeapHardLimitPercent", ["DOTNET_GCHeapHardLimit"]],
])("%s of the user's speaks for others too", (name, silent) => {
  const all = Object.keys(values({}));
  expect(Object.keys(values({ env: { [name]: "8" } })).sort()).toEqual(
    all.filter((each) => !silent.includes(each)).sort(),
  );
});

test.each([
  ["NODE_OPTIONS", "--enable-source-maps", "--enable-source-maps --max-old-space-size=192"],
  ["NODE_OPTIONS", "--max-old-space-size=64", undefined],
  ["NODE_OPTIONS", "--max_old_space_size=64", undefined],
  ["NODE_OPTIONS", "--max-old-space-size-percentage=50", undefined],
  ["MAKEFLAGS", "k", "k -j2"],
  ["MAKEFLAGS", "-k", "-k -j2"],
  ["MAKEFLAGS", "k -- CC=gcc", "k -j2 -- CC=gcc"],
  ["MAKEFLAGS", "kj4", undefined],
  ["MAKEFLAGS", "-sj", undefined],
  ["MAKEFLAGS", "--jobs=3", undefined],
  ["MAKEFLAGS", " -j4 --jobserver-auth=3,4", undefined],
])("%s=%s becomes %s", (name, own, expected) => {
  expect(values({ env: { [name]: own } })[name]).toBe(expected);
});

const RELEASE = "/opt/jdk/release";
const java = (version: string, more: Shape = {}) =>
  values({
    ...more,
    env: { JAVA_HOME: "/opt/jdk", ...more.env },
    files: { [RELEASE]: `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`, ...more.files },
  }).JAVA_TOOL_OPTIONS;

test.each([
  ["1.8.0_181", "-XX:MaxRAM=268435456"],
  ["1.8.0_191", "-XX:ActiveProcessorCount=2 -XX:MaxRAM=268435456"],
  ["1.8.0_372", "-XX:ActiveProcessorCount=2"],
  ["9.0.4", "-XX:MaxRAM=268435456"],
  ["11.0.15", "-XX:ActiveProcessorCount=2 -XX:MaxRAM=268435456"],
  ["11.0.16.1", "-XX:ActiveProcessorCount=2"],
  ["14", "-XX:ActiveProcessorCount=2 -XX:MaxRAM=268435456"],
  ["17.0.15", "-XX:ActiveProcessorCount=2"],
  ["21", "-XX:ActiveProcessorCount=2"],
])("Java %s on cgroup v2 is told %s", (version, expected) => {
  expect(java(version)).toBe(expected);
});

test("no JVM is told an option that it might not know", () => {
  expect(values({}).JAVA_TOOL_OPTIONS).toBeUndefined();
  expect(java("unknown")).toBeUndefined();
});

test("what the user tells the JVM stays; other options are added to", () => {
  expect(java("17", { env: { JAVA_TOOL_OPTIONS: "-Dx=1" } })).toBe("-Dx=1 -XX:ActiveProcessorCount=2");
  for (const [own, all] of [
    ["-Xmx64m", "-Xmx64m -XX:ActiveProcessorCount=2"],
    ["-XX:MaxRAMPercentage=50", "-XX:MaxRAMPercentage=50 -XX:ActiveProcessorCount=2"],
    ["-XX:ActiveProcessorCount=1", "-XX:ActiveProcessorCount=1 -XX:MaxRAM=268435456"],
    ["-XX:ActiveProcessorCount=1 -Xmx1g", undefined],
  ]) {
    expect(java("11.0.2", { env: { JAVA_TOOL_OPTIONS: own } })).toBe(all);
  }
});

test("the java in PATH is found through links; a java that is to be run counts before JAVA_HOME", () => {
  const files = {
    "/usr/bin/java": { link: "/etc/alternatives/java" },
    "/etc/alternatives/java": { link: "/usr/lib/jvm/8/jre/bin/java" },
    "/usr/lib/jvm/8/jre/bin/java": "program",
    "/usr/lib/jvm/8/release": 'JAVA_VERSION="1.8.0_181"\n',
  };
  const env = { PATH: "/bin:/usr/bin" };
  expect(values({ files, env }).JAVA_TOOL_OPTIONS).toBe("-XX:MaxRAM=268435456");
  expect(java("17", { files, program: "/usr/bin/java" })).toBe("-XX:MaxRAM=268435456");
  expect(java("17", { files, program: "/bin/sh" })).toBe("-XX:ActiveProcessorCount=2");
});

test("on a machine nothing is set", () => {
  const files = procFiles({ pidNamespace: "pid:[4026531836]" });
  expect(values({ files })).toEqual({});
  expect(reason({ files }, "GOMAXPROCS")).toMatch(/^no container: /);
});
