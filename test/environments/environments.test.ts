/**
 * The executable where something that it usually finds is not there, or is odd: each tool ends by itself, with the right numbers or
 * with one line that says what is missing; never with the host's numbers in their place.
 */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { expectOneLine, isRoot, start, temporaryDirectory } from "../binary/spawn.ts";
import { captureDirectory } from "../fixtures/captures.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";
import { EVERY_TOOL, expectEnded, runEvery, startProcg } from "./every_tool.ts";
import { oddExec } from "./odd_exec.ts";

const canUnshare = isRoot && start("unshare", ["-m", "-p", "-f", "-C", "true"], "unshare").code === 0;

let program = "";
let run = "";

beforeAll(() => {
  // Where everybody may start it, and write.
  const folder = temporaryDirectory();
  program = join(folder, "procg");
  cpSync(binaryPath(), program);
  run = join(folder, "run");
  mkdirSync(run, { mode: 0o777 });
  start("chmod", ["777", run], "chmod");
});

/** Prefix: new pid, mount and cgroup namespaces with their own /proc, then `script`, then the program. */
const inside = (script: string): string[] => [
  ...["unshare", "--mount", "--pid", "--fork", "--cgroup", "--mount-proc"],
  ...["sh", "-c", `${script} export PROCG_RUN=${run}; exec "$@"`, "sh"],
];
const odd = (...words: string[]): string[] => [oddExec(), ...words];
const NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

describe.skipIf(!hasBinary())("a process that was started oddly", () => {
  const FDS = [[["0"]], [["1"]], [["2"]], [["0", "1", "2"]]];

  test.each(FDS)("closed: %j", (fds) => {
    const closed = odd(...fds.flatMap((fd) => ["--close", fd]));
    for (const words of EVERY_TOOL) {
      const outcome = startProcg(closed, words, program);
      expect(outcome.signal, words.join(" ")).toBeNull();
      if (fds.includes("2") && outcome.code !== 0) continue;
      if (!fds.includes("1")) expectEnded(words.join(" "), outcome);
      // Nobody can be told what could not be printed: the exit code must.
      else expect([1, 6], words.join(" ")).toContain(outcome.code);
      if (fds.includes("1") && !fds.includes("2")) expect(outcome.stderr).toMatch(/^[^\n]+\n$/);
    }
  });

  test("8 file descriptors: every report, and nothing is missing in it", () => {
    const few = runEvery(odd("--nofile", "8"), program);
    for (const [name, outcome] of few) {
      if (name.startsWith("host") || name === "doctor") continue;
      expect([name, outcome.code, outcome.stderr.replace(/^loadcalc: .*\n/, "")]).toEqual([name, 0, ""]);
    }
    const { memory } = JSON.parse(few.get("free --json")?.stdout ?? "");
    expect(memory.totalBytes).toBe(JSON.parse(startProcg([], ["free", "--json"]).stdout).memory.totalBytes);
  });

  test("3 file descriptors, all taken: one line, no number", () => {
    const none = odd("--nofile", "3");
    for (const words of [["free"], ["uptime"], ["vmstat"], ["top", "-b", "-n1"]]) {
      expectOneLine(startProcg(none, words, program), 1, "Too many open files");
    }
    // Affinity needs no file.
    expect(startProcg(none, ["nproc"], program).stdout).toBe(startProcg([], ["nproc"]).stdout);
  });

  // With less the kernel cannot map the file, or not let the stack grow. ASan's shadow memory alone is terabytes.
  test.skipIf(binaryPath().includes("sanitize")).each(["3000000", "4000000", "64000000"])(
    "%s bytes of address space",
    (bytes) => {
      for (const [name, outcome] of runEvery(odd("--as", bytes), program)) {
        if (outcome.code !== 0 && outcome.stdout === "" && !name.startsWith("host"))
          expect(outcome.stderr, name).toMatch(/out of memory|Cannot allocate memory|Out of memory/);
      }
    },
  );

  test.each(["65536", "1048576"])("a stack of %s bytes", (bytes) => {
    runEvery(odd("--stack", bytes), program);
  });

  test("an empty environment", () => {
    for (const [name, outcome] of runEvery(["env", "-i"], program))
      if (!name.startsWith("host"))
        expect([name, outcome.stderr.replace(/^loadcalc: .*\n/, "")]).toEqual([name, ""]);
  });

  test("no argv at all, an empty one, odd ones", () => {
    for (const words of [
      ["--no-argv"],
      ["--argv0", ""],
      ["--argv0", "/"],
      ["--argv0", "-sh"],
      ["--argv0", "x".repeat(5000)],
    ]) {
      const outcome = start(oddExec(), [...words, program], "odd_exec");
      expect(outcome).toMatchObject({ code: 1, signal: null, stdout: "" });
      expect(outcome.stderr).toMatch(/^Usage: procg TOOL/);
    }
    for (const name of ["free", "/bin/free", "../free", "./x/../free"])
      expect(start(oddExec(), ["--argv0", name, program, "-b"], "odd_exec").stdout).toMatch(/^ +total/);
    // A login shell's way, and a control character in an error message.
    expect(
      start(oddExec(), ["--argv0", "fr\u001b[31mee", program, "--nope"], "odd_exec").stderr,
    ).not.toContain("\u001b");
  });

  test.skipIf(!isRoot)("as nobody", () => {
    const outcomes = runEvery(NOBODY, program);
    for (const name of ["free", "nproc", "df", "vmstat", "iostat", "top -b -n1", "metric"])
      expect([name, outcomes.get(name)?.code, outcomes.get(name)?.stderr]).toEqual([name, 0, ""]);
  });
});

describe.skipIf(!hasBinary() || !canUnshare)("namespaces where something is missing (needs root)", () => {
  test("/proc with hidepid=2, as nobody: what is hidden is not counted as 0", () => {
    const hidden = inside(
      `mount -o remount,hidepid=2 /proc; sleep 60 & PROCG_RUN=${run} ${NOBODY.join(" ")} "$@"; exit $?;`,
    );
    runEvery(hidden, program);
    // init is hidden, so nothing tells when the container began.
    expect(JSON.parse(startProcg(hidden, ["uptime", "--json"], program).stdout)).toMatchObject({
      uptimeSeconds: null,
    });
    const top = JSON.parse(startProcg(hidden, ["top", "-b", "-n1", "--json"], program).stdout);
    expect(top.tasks.total).toBe(1);
  });

  test("no /sys: limits are not known, CPUs come from the affinity", () => {
    const bare = inside("umount -l /sys;");
    const outcomes = runEvery(bare, program);
    expect(outcomes.get("free")?.stderr).toMatch(
      /^free: no memory cgroup can be seen: .*upper bounds only\n$/,
    );
    expect(outcomes.get("vmstat")?.stderr).toMatch(
      /^vmstat: no memory cgroup can be seen: free is the host's/,
    );
    expect(outcomes.get("top -b -n1")?.stderr).toMatch(/^top: no memory cgroup can be seen: /);
    expect(JSON.parse(outcomes.get("free --json")?.stdout ?? "").memory).toMatchObject({
      limitBytes: null,
      usedBytes: null,
    });
    expect(outcomes.get("nproc")?.stdout).toBe(startProcg([], ["nproc"]).stdout);
    // Nothing of the host's in a record that is kept.
    expect(startProcg(bare, ["tsar", "--check", "--mem"], program).stdout).not.toMatch(/mem:total=\d/);
  });

  test("no /proc: each says which file it needs", () => {
    const outcomes = runEvery(inside("umount -l /proc; umount -l /proc;"), program);
    for (const name of ["free", "uptime", "df", "vmstat", "iostat", "top -b -n1"]) {
      const outcome = outcomes.get(name);
      // As sysstat's, iostat begins with a line of its own.
      expect([name, outcome?.code, outcome?.stdout]).toEqual([
        name,
        1,
        name === "iostat" ? expect.any(String) : "",
      ]);
      expect(outcome?.stderr, name).toMatch(
        /^[a-z]+: .*(?:\/proc|table of mounted file systems).*No such file or directory\n$/,
      );
    }
    const loadcalc = outcomes.get("loadcalc --once");
    expect([loadcalc?.code, loadcalc?.stdout]).toEqual([1, ""]);
    expect(loadcalc?.stderr).toMatch(/threads cannot be counted: No such file or directory\n$/);
  });

  test("neither /proc nor /sys nor /dev, and a root that cannot be written", () => {
    runEvery(
      inside("mount -o remount,bind,ro /; umount -l /sys; umount -l /dev; umount -l /proc; umount -l /proc;"),
      program,
    );
  });
});

describe.skipIf(!hasBinary())("a clock before 1970", () => {
  test.each([-1, -86_400.5, -1e9, 0])("%s", (realtimeSeconds) => {
    const folder = temporaryDirectory();
    const steps = ["t0", "t1"].map((dir, i) => ({
      dir,
      monotonicSeconds: 100 + i,
      realtimeSeconds: realtimeSeconds + i,
    }));
    for (const { dir } of steps)
      cpSync(join(captureDirectory("v2-plain"), "t0"), join(folder, dir), {
        recursive: true,
        verbatimSymlinks: true,
      });
    const capture = {
      schema: "procg.capture/v1",
      kernel: "6.1",
      clockTicksPerSecond: 100,
      pageSizeBytes: 4096,
      onlineCpus: 2,
      steps,
    };
    writeFileSync(join(folder, "capture.json"), JSON.stringify(capture));
    for (const words of EVERY_TOOL) {
      if (words[0] === "host" || words[0] === "--list" || words[0] === "loadcalc") continue;
      const outcome = startProcg([], [...words, "--replay", folder]);
      expectEnded(words.join(" "), outcome);
      if (words[0] !== "doctor" && words[0] !== "df")
        expect([words.join(" "), outcome.code]).toEqual([words.join(" "), 0]);
    }
    const text = startProcg([], ["uptime", "--replay", folder]).stdout;
    const hour = new Date(Math.floor(realtimeSeconds) * 1000).toISOString().slice(11, 19);
    expect(text).toContain(` ${hour} up `);
  });
});
