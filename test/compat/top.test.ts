/**
 * Our `top --host` against the installed procps-ng 4.0: options and their mistakes, columns, widths, values within sampling; and
 * every way in which scripts take the output apart.
 *
 * Named differences (docs/top.md): users in the plural for 0, no exit 0 for a bad option, one CPU per line with -1, three more
 * fields of newer versions and two of ours.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryPath, hasBinary } from "../golden/run.ts";

const PROCG = binaryPath();
const version = spawnSync("top", ["-V"], { encoding: "utf8" }).stdout ?? "";
const usable = /procps-ng 4\.0/.test(version) && hasBinary();
const ENV = {
  PATH: process.env.PATH ?? "",
  LC_ALL: "C.UTF-8",
  TZ: "UTC",
  HOME: "/nonexistent",
  TERM: "xterm",
};

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Outcome => {
  const result = spawnSync(command, [...args], {
    encoding: "utf8",
    env: { ...ENV, ...env },
    timeout: 20_000,
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
};
const theirs = (args: readonly string[], env = {}): Outcome => run("top", args, env);
const ours = (args: readonly string[], env = {}): Outcome => run(PROCG, ["top", "--host", ...args], env);
const shell = (script: string, env = {}): string =>
  run("sh", ["-c", `top() { ${PROCG} top --host "$@"; }\n${script}`], env).stdout.trim();

let children: ChildProcess[] = [];
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "procg-compat-top-"));
  children = [
    spawn("sleep", ["300"], { stdio: "ignore" }),
    spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }),
  ];
});
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const sleeperPid = (): string => String(children[0]?.pid);
const burnerPid = (): string => String(children[1]?.pid);

/** Digits made alike, runs of blanks kept: the places of everything. */
const shape = (line: string): string => line.replace(/\d/g, "9");

/** Lines of one frame by kind. */
function frame(text: string): { summary: string[]; header: string; rows: string[] } {
  const lines = text.split("\n");
  const at = lines.findIndex(
    (line) => /^ *(?:PID|PPID|%CPU|UID|USER)\b/.test(line) && lines.indexOf("") < lines.indexOf(line),
  );
  return {
    summary: lines.slice(0, at),
    header: lines[at] ?? "",
    rows: lines.slice(at + 1).filter((line) => line !== ""),
  };
}

if (!usable && process.env.CI === "true") {
  test("procps-ng 4.0 and the executable are there", () => expect(version).toMatch(/procps-ng 4\.0/));
}

describe.skipIf(!usable)("top against procps-ng 4.0", () => {
  test.each([
    ["-n", "0"],
    ["-n", "x"],
    ["-n", "1.5"],
    ["-n", ""],
    ["-d", "x"],
    ["-d", "-1"],
    ["-p", "x"],
    ["-p", "1.5"],
    ["-p", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21"],
    ["-E", "z"],
    ["-e", "e"],
    ["-E", "kk"],
    ["-w2"],
    ["-w513"],
    ["-w", "x"],
    ["-o", "FOO"],
    ["-o", "%cpu"],
    ["-o", "-"],
    ["foo"],
    ["-u", "nosuchuser"],
    ["-U", "!nosuchuser"],
    ["-p", "1", "-u", "root"],
    ["-u", "root", "-p", "1"],
    ["-u", "root", "-U", "root"],
    ["-s", "-d", "1"],
  ])("mistake: %s %s %s %s", (...args) => {
    const [mine, other] = [ours(["-b", "-n1", ...args]), theirs(["-b", "-n1", ...args])];
    expect([mine.code, mine.stderr]).toEqual([other.code, other.stderr]);
  });

  test.each([["-Z"], ["--bogus"], ["-bZ"]])(
    "unknown option %s: one line, exit 1 (procps 4.0.2: 0)",
    (option) => {
      const mine = ours([option]);
      expect(mine.code).toBe(1);
      // getopt's messages begin with argv[0] as typed.
      expect(mine.stderr.replace(/^\S+: /, "top: ").trim()).toBe(
        theirs([option]).stderr.trim().split("\n")[0],
      );
    },
  );

  test("-O: their fields in their order, then newer ones and ours", () => {
    const names = theirs(["-O"]).stdout.trim().split("\n");
    const mine = ours(["-O"]).stdout.trim().split("\n");
    expect(mine.slice(0, names.length)).toEqual(names);
    expect(mine.slice(78)).toEqual(["CLS", "Docker", "nFD", "rdB/s", "wrB/s"]);
  });

  test("-V", () => {
    expect(ours(["-V"]).stdout).toMatch(/^top from procg \S+ \(compatible with procps-ng 4\.0\)\n/);
  });

  test.each([
    [[]],
    [["-c"]],
    [["-w", "120"]],
    [["-w60"]],
    [["-w", "20"]],
    [["-w"]],
    [["-H"]],
    [["-S"]],
    [["-E", "k"]],
    [["-E", "g"]],
    [["-E", "t"]],
    [["-E", "e"]],
    [["-e", "m"]],
    [["-e", "g"]],
    [["-e", "p"]],
  ])("frame of two tasks, %j: every character in its place", (args) => {
    const all = ["-b", "-n", "1", "-o", "PID", "-p", `${sleeperPid()},${burnerPid()}`, ...args];
    const [mine, other] = [frame(ours(all).stdout), frame(theirs(all).stdout)];
    expect(mine.header).toBe(other.header);
    expect(mine.summary.length).toBe(other.summary.length);
    expect(mine.summary.slice(1).map(shape)).toEqual(
      other.summary
        .slice(1)
        .map(shape)
        .map((line, i) => (i === 1 ? shape(mine.summary[2] ?? "") : line)),
    );
    // The CPU line's numbers differ in length: only its words and width.
    const words = (line: string): string[] => line.match(/[a-z]+/g) ?? [];
    expect(words(mine.summary[2] ?? "")).toEqual(words(other.summary[2] ?? ""));
    expect(mine.summary[2]?.length).toBe(other.summary[2]?.length);
    const still = (line: string): string =>
      line.replace(/ (?:S|R) +[\d.]+ /, " ? ").replace(/\d+:\d\d\.\d\d/, "T");
    expect(mine.rows.map(still).map(shape)).toEqual(other.rows.map(still).map(shape));
    const sleeping = (rows: readonly string[]): string =>
      (rows.find((row) => row.includes("sleep")) ?? "").replace(/ (?:S|R) .*/, "");
    expect(sleeping(mine.rows)).toBe(sleeping(other.rows));
  });

  test("COLUMNS and LINES", () => {
    for (const [args, env] of [
      [["-w"], { COLUMNS: "70", LINES: "12" }],
      [[], { COLUMNS: "70" }],
      [["-w"], { COLUMNS: "1000" }],
    ] as const) {
      const [mine, other] = [ours(["-b", "-n1", ...args], env), theirs(["-b", "-n1", ...args], env)];
      expect(frame(mine.stdout).header).toBe(frame(other.stdout).header);
      if ("LINES" in env) expect(mine.stdout.split("\n").length).toBe(other.stdout.split("\n").length);
      expect(Math.max(...mine.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(
        Number(env.COLUMNS),
      );
    }
  });

  test("-b -n 2 -d 0.5: two frames, an empty line between, values within sampling", () => {
    const args = ["-b", "-n", "2", "-d", "0.5", "-p", `${sleeperPid()},${burnerPid()}`];
    const [mine, other] = [ours(args), theirs(args)];
    expect(mine.code).toBe(0);
    const [a = [], b = []] = [mine.stdout, other.stdout].map((text) => text.split("\n"));
    expect(a.length).toBe(b.length);
    const frames = mine.stdout.split("\n\ntop - ");
    expect(frames.length).toBe(2);
    const second = frame(`top - ${frames[1]}`);
    const reference = frame(`top - ${other.stdout.split("\n\ntop - ")[1]}`);
    const burner = (rows: readonly string[]): string[] =>
      (rows.find((row) => row.trim().startsWith(burnerPid())) ?? "").trim().split(/\s+/);
    const [own, real] = [burner(second.rows), burner(reference.rows)];
    expect(own.length).toBe(real.length);
    expect(own.slice(0, 7)).toEqual(real.slice(0, 7));
    expect(Math.abs(Number(own[8]) - Number(real[8]))).toBeLessThan(60);
    expect(Number(own[8])).toBeGreaterThan(5);
    const memory = (lines: readonly string[]): number[] =>
      (lines.find((line) => line.startsWith("MiB Mem")) ?? "").match(/[\d.]+/g)?.map(Number) ?? [];
    const [m, n] = [memory(second.summary), memory(reference.summary)];
    expect(m[0]).toBe(n[0]);
    expect(Math.abs((m[1] ?? 0) - (n[1] ?? 0))).toBeLessThan(600);
  });

  test("all fields: the same text for a sleeper", () => {
    const home = join(folder, "rc");
    mkdirSync(join(home, "procps"), { recursive: true });
    const names = theirs(["-O"]).stdout.trim().split("\n");
    // What changes between two looks, or is measured.
    const skip = new Set([
      "%CPU",
      "ELAPSED",
      "%CUU",
      "%CUC",
      "vMj",
      "vMn",
      "P",
      "PSS",
      "PSan",
      "PSfd",
      "PSsh",
      "USS",
      "OOMs",
      "TIME",
      "TIME+",
      "NU",
      "ENVIRON",
      "CGROUPS",
      "CGNAME",
      "LXC",
      "RES",
      "SHR",
      "%MEM",
      "USED",
      "RSS",
      "RSan",
      "RSfd",
    ]);
    const different: string[] = [];
    for (let at = 0; at < names.length; at += 6) {
      const shown = names.slice(at, at + 6).filter((name) => !skip.has(name) && name !== "PID");
      if (shown.length === 0) continue;
      writeFileSync(join(home, "procps/toprc"), toprc(names, ["PID", ...shown]));
      const args = ["-b", "-n1", "-w", "300", "-p", sleeperPid()];
      const env = { XDG_CONFIG_HOME: home };
      const [mine, other] = [frame(ours(args, env).stdout), frame(theirs(args, env).stdout)];
      if (mine.header !== other.header) different.push(`${mine.header} | ${other.header}`);
      if (mine.rows[0] !== other.rows[0]) different.push(`${mine.rows[0]} | ${other.rows[0]}`);
    }
    expect(different).toEqual([]);
  });

  test("how scripts read it", () => {
    // No blank stands before 100.0, in procps neither: then $2 is the word behind it.
    const number = /^(?:\d+(?:\.\d+)?|us,|id,)$/;
    expect(shell(`top -bn1 | grep 'Cpu(s)' | awk '{print $2}'`)).toMatch(number);
    expect(shell(`top -bn1 | grep 'Cpu(s)' | awk '{print $2+$4}'`)).toMatch(number);
    expect(shell(`top -bn1 | grep 'Cpu(s)' | sed 's/.*, *\\([0-9.]*\\)%* id.*/\\1/'`)).toMatch(number);
    expect(shell(`top -bn1 | grep 'Cpu(s)' | awk '{print substr($0,37,4)}'`)).toMatch(/^[\d.]+$/);
    expect(
      shell("top -bn1 | head -5")
        .split("\n")
        .map((line) => line.split(/[\s:]/)[0]),
    ).toEqual(["top", "Tasks", "%Cpu(s)", "MiB", "MiB"]);
    expect(
      shell("top -b -n 1 | sed -n 8,12p")
        .split("\n")
        .every((line) => /^\s*\d+ \S+ /.test(line)),
    ).toBe(true);
    expect(shell("top -bn1 | tail -n +8 | head -1")).toMatch(/^\d+ /);
    expect(shell("top -bn1 | head -12 | tail -5").split("\n").length).toBe(5);
    expect(shell(`top -bn1 | grep 'MiB Mem' | awk '{print $4}'`)).toMatch(number);
    expect(shell(`top -bn1 | grep load | head -1 | awk '{print $(NF-2)}'`)).toMatch(/^[\d.]+,$/);
    expect(shell(`top -bn1 | awk 'NR>7 {print $1, $9, $10, $12}' | head -1`)).toMatch(
      /^\d+ [\d.]+ [\d.]+ \S+$/,
    );
    expect(shell("top -bn2 -d 0.2 | grep 'Cpu(s)' | tail -1 | awk '{print $8}'")).toMatch(number);
    expect(shell(`top -b -n1 -p ${sleeperPid()} | tail -1 | awk '{print $12}'`)).toBe("sleep");
    expect(shell(`top -bHn1 -p ${sleeperPid()} | sed -n 2p`)).toMatch(/^Threads: +1 total/);
    const memory = shell("top -b -n1 -o %MEM | awk 'NR>7 {print $10}' | head -3").split("\n").map(Number);
    expect(memory).toEqual(memory.slice().sort((one, other) => other - one));
    expect(shell("top -b -n1 -u root | awk 'NR>7 {print $2}' | sort -u")).toBe("root");
    expect(shell("top -b -n1 -c -w 512 | awk 'NR>7' | grep -c 'while :; do :; done'")).not.toBe("0");
    expect(shell(`timeout 2 top -b -d 60 > ${folder}/log; head -1 ${folder}/log`)).toMatch(/^top - /);
    expect(shell("top -d=0.1 -n=2 -b | grep -c ^top")).toBe("2");
  });

  test("SIGINT and SIGTERM: exit 0", () => {
    for (const signal of ["INT", "TERM"]) {
      const result = run("timeout", [
        "-s",
        signal,
        "--preserve-status",
        "1",
        PROCG,
        "top",
        "-b",
        "--host",
        "-d",
        "30",
      ]);
      expect(result.code).toBe(0);
    }
  });

  test("stdout that cannot be written", () => {
    if (!existsSync("/dev/full")) return;
    const full = run("sh", ["-c", `${PROCG} top -b -n1 > /dev/full`]);
    expect([full.code, full.stderr]).toEqual([1, "top: write error: No space left on device\n"]);
    expect(run("sh", ["-c", `${PROCG} top -b -n1 -w 500 -H | head -1 | cut -c1-3`]).stdout).toBe("top\n");
  });

  test("starting it makes no folder", () => {
    const home = join(folder, "empty-home");
    mkdirSync(home);
    ours(["-b", "-n1"], { HOME: home });
    expect(existsSync(join(home, ".config"))).toBe(false);
  });
});

/** A toprc of procps-ng 4.0 that shows these fields. */
function toprc(names: readonly string[], shown: readonly string[]): string {
  const order = [...shown.map((name) => names.indexOf(name))];
  for (let i = 0; i < 100; i++) if (!order.includes(i)) order.push(i);
  const numbers = order.map((index, i) => (index + 37) * 2 + (i < shown.length ? 1 : 0));
  const lines = [0, 20, 40, 60, 80].map((from) =>
    numbers
      .slice(from, from + 20)
      .map((number) => String(number).padStart(4))
      .join(" "),
  );
  const window = (name: string): string =>
    `${name}\tfieldscur= ${lines.join("\n\t\t   ")}\n` +
    "\twinflags=193844, sortindx=0, maxtasks=0, graph_cpus=0, graph_mems=0, double_up=0, combine_cpus=0, core_types=0\n" +
    "\tsummclr=1, msgsclr=1, headclr=3, taskclr=1\n";
  return (
    "top's Config File (Linux processes with windows)\nId:k, Mode_altscr=0, Mode_irixps=1, Delay_time=3.0, Curwin=0\n" +
    ["Def", "Job", "Mem", "Usr"].map(window).join("") +
    "Fixed_widest=0, Summ_mscale=1, Task_mscale=0, Zero_suppress=0, Tics_scaled=0\n"
  );
}
