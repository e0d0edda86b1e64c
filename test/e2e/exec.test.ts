/** What unmodified programs take the container for, without and with procg exec. Their runtimes are the host's, mounted in. */
import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Container, MIB, program, removeAllContainers, startContainer } from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const CPUS = 1.5;
const MEMORY_BYTES = 256 * MIB;
/** As nproc rounds. */
const WHOLE_CPUS = 2;

/** Folders of the host that its programs need, at the same places. */
const FOLDERS = ["/usr", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"].filter(existsSync);
const PYTHON = "/usr/bin/python3";
const JAVA = program("java");

const shared = new Set([...FOLDERS, process.execPath]);
// Debian's runtime looks for its settings there.
if (JAVA !== null) {
  const home = dirname(dirname(realpathSync(JAVA)));
  if (!home.startsWith("/usr/")) shared.add(home);
  for (const version of ["8", "11", "17", "21", "25"]) {
    if (existsSync(`/etc/java-${version}-openjdk`)) shared.add(`/etc/java-${version}-openjdk`);
  }
}

afterAll(() => removeAllContainers());

describe.skipIf(SKIP !== undefined)("programs in a container of 1.5 CPUs and 256 MiB", () => {
  let container: Container;

  beforeAll(() => {
    const mounts = [...shared].flatMap((path) => ["-v", `${path}:${path}:ro`]);
    const limits = ["--cpus", `${CPUS}`, "--memory", "256m"];
    container = startContainer({
      flags: [...limits, ...mounts, "-e", "PATH=/bin:/usr/bin", "-e", "UV_THREADPOOL_SIZE=3"],
      command: ["procg", "exec", "--", "sh", "-c", "env > /tmp/environment; exec sleep 600"],
    });
  });

  const told = (...words: readonly string[]) => container.output("procg", "exec", "--", ...words);

  test("the variables are those of the documentation, and the user's own stays", () => {
    const lines = told("env").split("\n");
    const expected = {
      GOMAXPROCS: "2",
      GOMEMLIMIT: "241591910",
      OMP_NUM_THREADS: "2",
      OPENBLAS_NUM_THREADS: "2",
      MKL_NUM_THREADS: "2",
      NODE_OPTIONS: "--max-old-space-size=192",
      UV_THREADPOOL_SIZE: "3",
      DOTNET_PROCESSOR_COUNT: "2",
      DOTNET_GCHeapHardLimit: "C000000",
      RAYON_NUM_THREADS: "2",
      MAKEFLAGS: "-j2",
      PYTHON_CPU_COUNT: "2",
    };
    expect(lines).toEqual(expect.arrayContaining(Object.entries(expected).map(([k, v]) => `${k}=${v}`)));
  });

  test("they agree with nproc and free", () => {
    const document = container.json("procg", "env", "--json");
    const memory = container.json("procg", "free", "--json").memory as { limitBytes: number };
    expect(document).toMatchObject({ schema: "procg.env/v1", cpus: WHOLE_CPUS, memoryBytes: MEMORY_BYTES });
    expect(container.json("procg", "nproc", "--json").cpus).toBe(document.cpus);
    expect(memory.limitBytes).toBe(document.memoryBytes);
  });

  test("as the container's first process it is process 1, and its signals are those of the program", () => {
    expect(container.output("cat", "/proc/1/comm")).toBe("sleep\n");
    expect(container.output("cat", "/tmp/environment")).toContain("GOMAXPROCS=2\n");
    expect(container.output("grep", "SigIgn", "/proc/1/status")).toMatch(/SigIgn:\t0+\n/);
  });

  test("a shell that evaluates procg env has the same", () => {
    const shown = container.output(
      "sh",
      "-c",
      'eval "$(procg env --shell)"; env | grep -c -e GO -e MAKEFLAGS',
    );
    expect(shown).toBe("3\n");
  });

  test("Node's heap fits into the limit", () => {
    const ask = "console.log(v8.getHeapStatistics().heap_size_limit)";
    const limit = Number(told(process.execPath, "-e", ask));
    // The old generation, and beside it the young one.
    expect(limit).toBeGreaterThanOrEqual(192 * MIB);
    expect(limit).toBeLessThan(MEMORY_BYTES);
    const plain = Number(container.output(process.execPath, "-e", ask));
    expect(plain).not.toBe(limit);
  });

  test("Python: the count since 3.13, the variable before", () => {
    const ask =
      "import os; print(getattr(os, 'process_cpu_count', lambda: int(os.environ['PYTHON_CPU_COUNT']))())";
    expect(told(PYTHON, "-c", ask)).toBe(`${WHOLE_CPUS}\n`);
  });

  test("Java counts the same CPUs; an old one is told the memory too, and one that nobody knows nothing", () => {
    if (JAVA !== null) {
      const { stdout, stderr, status } = container.exec(
        ...["procg", "exec", JAVA, "-XX:+PrintFlagsFinal", "-version"],
      );
      expect([status, stderr]).toEqual([0, expect.stringContaining("ActiveProcessorCount=2")]);
      expect(stdout).toMatch(/ActiveProcessorCount += 2 /);
      const heap = Number(/ MaxHeapSize += (\d+) /.exec(stdout)?.[1]);
      expect(heap).toBeGreaterThan(0);
      expect(heap).toBeLessThanOrEqual(MEMORY_BYTES / 2);
    }
    const script = `mkdir -p /tmp/jdk; echo 'JAVA_VERSION="1.8.0_181"' > /tmp/jdk/release; JAVA_HOME=/tmp/jdk procg env; PATH=/bin procg env`;
    const java = container
      .output("sh", "-c", script)
      .split("\n")
      .filter((line) => line.startsWith("JAVA"));
    expect(java).toEqual(["JAVA_TOOL_OPTIONS=-XX:MaxRAM=268435456"]);
  });

  test("make runs as many jobs as there are CPUs", () => {
    const make = program("make");
    if (make === null) {
      expect(told("printenv", "MAKEFLAGS")).toBe("-j2\n");
      return;
    }
    const makefile = "all: ; @echo $(filter -j%,$(MAKEFLAGS))";
    const jobs = (...words: readonly string[]) =>
      container.output("sh", "-c", `echo '${makefile}' > /tmp/m; "$@" -f /tmp/m`, "sh", ...words);
    expect(jobs("procg", "exec", make)).toBe("-j2\n");
    expect(jobs(make)).toBe("\n");
  });
});

test.skipIf(SKIP !== undefined)("without limits nothing is set", () => {
  const container = startContainer();
  expect(container.output("procg", "env")).toBe("");
  const { cpusReason, memoryReason } = container.json("procg", "env", "--json");
  expect([cpusReason, memoryReason]).toEqual(["no limit on CPUs that binds", "no memory limit"]);
});
