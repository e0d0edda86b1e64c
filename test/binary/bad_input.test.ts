/** Bad command lines, files and outputs through the executable: one clear line, the right exit code, nothing hangs. */
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { toolLoaders } from "procg:tools";
import { describe, expect, test } from "vitest";
import { captureDirectory, realCaptureNames } from "../fixtures/captures.ts";
import { syntheticNames } from "../fixtures/synthetic.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";
import {
  type Content,
  expectNoTrace,
  expectOneLine,
  isRoot,
  runTool,
  start,
  temporaryDirectory,
  tree,
} from "./spawn.ts";

const NOBODY = 65534;

/** Tools that report once and end. */
const REPORTERS = ["free", "nproc", "uptime", "doctor"];

/** The files of a usual container on v2, changed: null takes a file away. */
function container(changes: Readonly<Record<string, Content | { readonly fifo: true } | null>> = {}): string {
  const top = join(temporaryDirectory(), "root");
  cpSync(join(captureDirectory("v2-plain"), "t0"), top, { recursive: true, verbatimSymlinks: true });
  for (const [path, content] of Object.entries(changes)) {
    const full = join(top, path);
    rmSync(full, { recursive: true, force: true });
    if (content === null) continue;
    mkdirSync(dirname(full), { recursive: true });
    if (typeof content === "string") writeFileSync(full, content);
    else if ("link" in content) symlinkSync(content.link, full);
    else if ("fifo" in content) start("mkfifo", [full], "mkfifo");
    else mkdirSync(full);
  }
  return top;
}

const json = (tool: string, root: string): Record<string, unknown> & { memory: Record<string, unknown> } => {
  const outcome = runTool(tool, ["--root", root, "--json"]);
  expect(outcome.code, outcome.stderr).toBe(0);
  return JSON.parse(outcome.stdout);
};

describe.skipIf(!hasBinary())("command lines", () => {
  test.each(Object.keys(toolLoaders))("%s: an unknown option", (tool) => {
    const outcome = runTool(tool, ["--nonexistent-option"]);
    expectNoTrace(outcome);
    expect(outcome.code).not.toBe(0);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).not.toBe("");
  });

  test.each([
    ["free", ["-s", "0"], "free: seconds argument `0' is not positive number"],
    ["free", ["-s", "-1"], "free: seconds argument `-1' is not positive number"],
    ["free", ["-s", "abc"], "free: seconds argument failed: 'abc': Invalid argument"],
    ["free", ["-s", ""], "free: seconds argument failed: ''"],
    ["free", ["-c", "0"], "free: failed to parse count argument: '0': Numerical result out of range"],
    [
      "free",
      ["-c", "99999999999"],
      "free: failed to parse count argument: '99999999999': Numerical result out of range",
    ],
    ["free", ["-c", "x"], "free: failed to parse count argument: 'x'"],
    ["free", ["-k", "-m"], "free: Multiple unit options don't make sense."],
    ["free", ["--root", "/a", "--replay", "/b"], "free: --root and --replay exclude each other"],
    ["free", ["--root", ""], "free: --root needs a path"],
    [
      "free",
      ["--cgroup", "/no/such/cgroup"],
      "free: cannot read cgroup /no/such/cgroup: No such file or directory",
    ],
    ["nproc", ["--cgroup", "/../.."], "nproc: cannot read cgroup /../..: No such file or directory"],
    ["uptime", ["--host", "--cgroup", "/"], "uptime: --host and --cgroup exclude each other"],
    ["capture", ["--steps", "0", "/tmp/x"], "capture: --steps: not a positive number: '0'"],
    ["capture", ["--interval", "1e9", "/tmp/x"], "capture: --interval: not a positive number: '1e9'"],
    ["capture", [], "capture: missing operand: DIR"],
    ["capture", ["/a", "/b"], "capture: extra operand '/b'"],
    ["capture", ["--root", "/", "/tmp/x"], "capture: --root: only the live system can be captured"],
    ["install", [], "install: missing operand: DIR"],
    ["install", ["/nonexistent"], "install: /nonexistent: No such file or directory"],
    ["install", ["/etc/passwd"], "install: /etc/passwd: Not a directory"],
    ["doctor", ["x"], "doctor: extra operand 'x'"],
  ])("%s %j", (tool, args, line) => {
    const outcome = runTool(tool, args);
    expectNoTrace(outcome);
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr.split("\n")[0]).toBe(line);
  });

  test("a very long option, an option that is not UTF-8", () => {
    expectNoTrace(runTool("free", [`--${"x".repeat(100_000)}`]));
    expectNoTrace(start("sh", ["-c", `"$0" free "$(printf -- '--\\377\\376')"`, binaryPath()], "sh"));
  });
});

describe.skipIf(!hasBinary())("below --root", () => {
  test("no /proc: the file that was read, exit 1", () => {
    const root = temporaryDirectory();
    expectOneLine(
      runTool("free", ["--root", root]),
      1,
      `free: cannot read ${root}/proc/meminfo: No such file or directory\n`,
    );
    expectOneLine(
      runTool("uptime", ["--root", `${root}/`]),
      1,
      `uptime: cannot read ${root}/proc/uptime: No such file or directory\n`,
    );
    expectOneLine(runTool("nproc", ["--root", root]), 1, "the number of CPUs cannot be read");
    expect(runTool("doctor", ["--root", root])).toMatchObject({ code: 1, stderr: "" });
  });

  test("--root that is not there, or a file", () => {
    expectOneLine(runTool("free", ["--root", "/nonexistent"]), 1, "/nonexistent/proc/meminfo: No such file");
    expectOneLine(runTool("free", ["--root", "/etc/passwd"]), 1, "/etc/passwd/proc/meminfo: Not a directory");
  });

  test.each([
    ["a directory", { directory: true } as const, "Is a directory"],
    ["a FIFO", { fifo: true } as const, "Not a regular file"],
    ["a device", { link: "/dev/zero" } as const, "No such file or directory"],
    ["a loop of links", { link: "meminfo" } as const, "Too many levels of symbolic links"],
    ["empty", "", "no MemTotal, MemFree"],
    ["NUL bytes", "\0".repeat(100), "no MemTotal, MemFree"],
    ["a malformed line", "MemTotal: x kB\nMemFree: 1 kB\n", 'not "MemTotal: COUNT kB"'],
  ])("/proc/meminfo is %s", (_name, content, why) => {
    const root = container({ "/proc/meminfo": content });
    expectOneLine(runTool("free", ["--root", root]), 1, why);
    const doctor = runTool("doctor", ["--root", root]);
    expectNoTrace(doctor);
    expect(doctor.stdout).toContain(why);
  });

  const odd: readonly (readonly [string, Content | { readonly fifo: true }])[] = [
    ["a directory", { directory: true }],
    ["a FIFO", { fifo: true }],
    ["a link to nowhere", { link: "/nowhere" }],
    ["a loop of links", { link: "../fs/cgroup/memory.max" }],
    ["NUL bytes", "\0\0\0\n"],
    ["text", "lots\n"],
    ["negative", "-5\n"],
    ["empty", ""],
  ];

  test.each(odd)("memory.max is %s: the limit is not known, and never 'no limit'", (_name, content) => {
    const root = container({ "/sys/fs/cgroup/memory.max": content });
    const { memory } = json("free", root);
    expect(memory).toMatchObject({ limitBytes: null, limitComplete: false });
    const text = runTool("free", ["--root", root]);
    expect(text.code).toBe(0);
    expect(text.stderr).toMatch(/^free: the memory limit cannot be read: .*\n$/);
    expectNoTrace(runTool("free", ["--root", root, "--explain"]));
  });

  test.each(odd)("memory.current is %s: used is not known", (_name, content) => {
    const root = container({ "/sys/fs/cgroup/memory.current": content });
    expect(json("free", root).memory).toMatchObject({ usedBytes: null, limitBytes: 256 * 1024 * 1024 });
  });

  test.each(odd)("cpu.max is %s: the quota is not known", (_name, content) => {
    const root = container({ "/sys/fs/cgroup/cpu.max": content });
    expect(json("nproc", root)).toMatchObject({ quotaCores: null, quotaComplete: false, capacityCores: 2 });
    // A controller that is not there is no reason to speak; one that refuses to be read is.
    const said = ["a link to nowhere", "a loop of links"].includes(_name)
      ? /^$/
      : /^nproc: the CPU quota is not known: \/sys\/fs\/cgroup\/cpu.max: .+\n$/;
    expect(runTool("nproc", ["--root", root]).stderr).toMatch(said);
  });

  test.each(odd)("mountinfo is %s: no cgroup can be seen, said once", (_name, content) => {
    const root = container({ "/proc/1/mountinfo": content });
    const outcome = runTool("free", ["--root", root]);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toMatch(/^free: no memory cgroup can be seen: .*\n$/);
    expect(json("nproc", root)).toMatchObject({ quotaCores: null });
  });

  test("mountinfo with garbage around the mount: it is found all the same", () => {
    const mount = "510 502 0:30 / /sys/fs/cgroup ro - cgroup2 cgroup rw";
    const root = container({
      "/proc/1/mountinfo": `x - cgroup2\n\0\0 - cgroup2 y z\n - cgroup \n - fuse.lxcfs\n${mount}\n999999999999999999999 - cgroup`,
    });
    expect(json("free", root).memory).toMatchObject({ limitBytes: 256 * 1024 * 1024 });
  });

  test.each(odd)("/proc/1/cgroup is %s", (_name, content) => {
    const root = container({ "/proc/1/cgroup": content });
    for (const tool of REPORTERS) expectNoTrace(runTool(tool, ["--root", root]));
  });

  test.each(odd)("/proc/1/stat and /proc/uptime are %s", (_name, content) => {
    expect(json("uptime", container({ "/proc/1/stat": content }))).toMatchObject({ uptimeSeconds: null });
    expectOneLine(
      runTool("uptime", ["--root", container({ "/proc/uptime": content })]),
      1,
      /uptime: .*\/proc\/uptime/,
    );
  });

  test.each(odd)("utmp and the registration are %s: no reason to fail", (_name, content) => {
    const root = container({ "/run/utmp": content, "/run/procg/host/instance.json": content });
    for (const tool of REPORTERS) {
      const outcome = runTool(tool, ["--root", root]);
      expectNoTrace(outcome);
      if (tool !== "doctor") expect(outcome).toMatchObject({ code: 0, stderr: "" });
    }
  });

  test("a memory.stat of 10 MB", () => {
    const line = "anon_thp_of_some_future_kernel 123456789\n";
    const usual = "anon 1048576\nfile 0\nshmem 0\ninactive_file 0\nactive_file 0\nslab_reclaimable 0\n";
    const root = container({ "/sys/fs/cgroup/memory.stat": line.repeat(10_000_000 / line.length) + usual });
    expect(json("free", root).memory).toMatchObject({ buffCacheBytes: 0 });
  });

  test("10 MB of one line, 10 MB of mountinfo, 10 MB of cgroup lines", () => {
    const root = container({
      "/sys/fs/cgroup/memory.stat": "x".repeat(10_000_000),
      "/proc/1/mountinfo": "1 1 0:1 / / rw - cgroup2 x rw\n".repeat(300_000),
      "/proc/1/cgroup": "1:name=x:/\n".repeat(900_000),
    });
    expectNoTrace(runTool("free", ["--root", root], { timeoutMs: 10_000 }));
    expectNoTrace(runTool("nproc", ["--root", root], { timeoutMs: 10_000 }));
  });

  test("a registration that nests without end", () => {
    const root = container({ "/run/procg/host/instance.json": "[".repeat(900_000) });
    expect(json("free", root).memory).toMatchObject({ limitBytes: 256 * 1024 * 1024 });
    expect(runTool("doctor", ["--root", root]).stdout).toContain("instance.json: ignored, not JSON");
  });

  test("links that lead out of the tree lead nowhere", () => {
    const outside = tree({ "memory.max": "4096\n", meminfo: "MemTotal: 1 kB\nMemFree: 1 kB\n" });
    const up = `${"../".repeat(20)}${outside.slice(1)}`;
    for (const link of [`${outside}/memory.max`, `${up}/memory.max`]) {
      const root = container({ "/sys/fs/cgroup/memory.max": { link } });
      expect(json("free", root).memory.limitBytes).toBeNull();
    }
    for (const link of [outside, up]) {
      const root = container({ "/sys/fs/cgroup": { link } });
      expect(json("free", root).memory.limitBytes).toBeNull();
    }
    const root = container({ "/proc": { link: "/proc" } });
    expectOneLine(runTool("free", ["--root", root]), 1, "Too many levels of symbolic links");
  });

  test.skipIf(!isRoot)("as nobody: files that are refused (needs root to become nobody)", () => {
    const root = container();
    chmodSync(join(root, "/sys/fs/cgroup/memory.max"), 0o000);
    const program = join(temporaryDirectory(), "procg");
    cpSync(binaryPath(), program);
    const free = start(program, ["free", "--root", root, "--json"], "procg", { uid: NOBODY });
    expect(free.code, free.stderr).toBe(0);
    expect(JSON.parse(free.stdout).memory).toMatchObject({ limitBytes: null, usedBytes: expect.any(Number) });
    chmodSync(join(root, "/proc/meminfo"), 0o000);
    const refused = start(program, ["free", "--root", root], "procg", { uid: NOBODY });
    expectOneLine(refused, 1, `free: cannot read ${root}/proc/meminfo: Permission denied\n`);
    chmodSync(join(root, "/sys/fs/cgroup"), 0o000);
    expectNoTrace(start(program, ["nproc", "--root", root], "procg", { uid: NOBODY }));
  });
});

describe.skipIf(!hasBinary())("--replay", () => {
  const step = { dir: "t0", monotonicSeconds: 1, realtimeSeconds: 1 };
  const usual = {
    schema: "procg.capture/v1",
    kernel: "6.1",
    clockTicksPerSecond: 100,
    pageSizeBytes: 4096,
    onlineCpus: 1,
    steps: [step],
  };

  test.each([
    ["nothing", null, "capture.json: No such file or directory"],
    ["not JSON", "{", "capture.json: not JSON"],
    ["a list", "[]", "capture.json: not a JSON object"],
    ["another schema", JSON.stringify({ ...usual, schema: "x" }), "schema is not procg.capture/v1"],
    ["no steps", JSON.stringify({ ...usual, steps: [] }), "steps is not a list of steps"],
    [
      "0 ticks per second",
      JSON.stringify({ ...usual, clockTicksPerSecond: 0 }),
      "clockTicksPerSecond is not a positive number",
    ],
    [
      "a step outside",
      JSON.stringify({ ...usual, steps: [{ ...step, dir: "../x" }] }),
      "steps[0] is malformed",
    ],
    ["a step that is not there", JSON.stringify(usual), "t0: No such file or directory"],
    ["NUL bytes", "\0\0", "capture.json: not JSON"],
    ["nested without end", "[".repeat(5_000_000), "capture.json: not JSON"],
  ])("capture.json: %s", (_name, text, why) => {
    const root = tree(text === null ? {} : { "capture.json": text });
    for (const tool of REPORTERS) {
      const outcome = runTool(tool, ["--replay", root]);
      expectOneLine(outcome, 1, `${tool}: ${root}/`);
      expect(outcome.stderr).toContain(why);
    }
  });

  test("statvfs.json and unreadable.json that are broken", () => {
    for (const name of ["statvfs.json", "unreadable.json"]) {
      const root = tree({ "capture.json": JSON.stringify(usual), [`t0/${name}`]: "{" });
      expectOneLine(runTool("free", ["--replay", root]), 1, `free: ${root}/t0/${name}: not JSON`);
    }
  });
});

describe.skipIf(!hasBinary())("output that fails", () => {
  const shell = (command: string) => start("bash", ["--norc", "-c", command, "bash", binaryPath()], "bash");

  test.each(["free", "nproc", "uptime"])("%s: as the original where it is installed", (tool) => {
    const original = ["/usr/bin", "/bin"].map((directory) => `${directory}/${tool}`).find(existsSync);
    for (const to of [">&-", ">/dev/full"]) {
      const ours = shell(`"$1" ${tool} ${to}`);
      expectNoTrace(ours);
      expect(ours.code).toBe(1);
      expect(ours.stderr).toMatch(/write error: (Bad file descriptor|No space left on device)\n$/);
      if (original !== undefined) expect(shell(`${original} ${to}`).code).toBe(ours.code);
    }
  });

  test.each(["doctor", "capture --help", "install --help", "--list", "--version"])("%s", (words) => {
    for (const to of [">&-", ">/dev/full"]) {
      const outcome = shell(`"$1" ${words} ${to}`);
      expectNoTrace(outcome);
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(/write error/);
    }
  });

  test("a reader that goes away ends free -s, as it ends the original", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's
    const outcome = shell('"$1" free -s 0.02 | head -1 >/dev/null; echo "${PIPESTATUS[0]}"');
    expect(outcome).toMatchObject({ code: 0, stdout: "141\n", stderr: "" });
  });

  test("stderr that is closed changes no exit code", () => {
    expect(shell('"$1" free --nope 2>&-').code).toBe(1);
    expect(shell('"$1" nproc 2>&-').code).toBe(0);
  });
});

describe.skipIf(!hasBinary())("JSON: the documented keys are there, whatever is known", () => {
  const KEYS = {
    free: [
      "schema",
      ...[
        "totalBytes",
        "limitBytes",
        "limitComplete",
        "limitSource",
        "softLimitBytes",
        "usedBytes",
        "freeBytes",
        "sharedBytes",
        "buffCacheBytes",
        "availableBytes",
        "availableBoundBy",
        "workingSetBytes",
        "totalSource",
      ].map((key) => `memory.${key}`),
      ...["totalBytes", "usedBytes", "freeBytes"].map((key) => `swap.${key}`),
    ],
    nproc: ["schema", "cpus", "capacityCores", "quotaCores", "quotaComplete", "cpusetCpus", "hostCpus"],
    uptime: ["schema", "uptimeSeconds", "users", "load1", "load5", "load15", "loadSource"],
  } as const;

  const keysOf = (value: object): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? keysOf(inner).map((one) => `${key}.${one}`)
        : [key],
    );

  test.each([...realCaptureNames(), ...syntheticNames()])("%s", (name) => {
    for (const tool of ["free", "nproc", "uptime"] as const) {
      for (const args of [[], ["--host"], ["--cgroup", "self"]]) {
        const outcome = runTool(tool, ["--replay", captureDirectory(name), "--json", ...args]);
        if (outcome.code !== 0) {
          expectOneLine(outcome, 1, `${tool}: `);
          continue;
        }
        const document = JSON.parse(outcome.stdout);
        expect(document.schema).toBe(`procg.${tool}/v1`);
        expect(keysOf(document)).toEqual(KEYS[tool]);
        expect(outcome.stdout).not.toMatch(/undefined|NaN|Infinity/);
      }
    }
  });
});
