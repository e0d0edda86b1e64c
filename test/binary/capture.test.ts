/** capture and install through the executable. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { binaryPath, hasBinary } from "../golden/run.ts";
import { expectOneLine, isRoot, type Outcome, runTool, start, temporaryDirectory } from "./spawn.ts";

const CAPTURE_MS = 20_000;

const NOBODY = 65534;

function capture(...args: string[]): Outcome {
  return runTool("capture", args, { timeoutMs: CAPTURE_MS });
}

describe.skipIf(!hasBinary())("procg capture", () => {
  test("what is captured here is shown again by --replay", () => {
    const target = join(temporaryDirectory(), "c");
    const made = capture("--steps", "2", "--interval", "0.1", target);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(made.stdout).toMatch(/c: 2 looks, \d+ files, \d+ unreadable\n$/);
    const description = JSON.parse(readFileSync(join(target, "capture.json"), "utf8"));
    expect(description).toMatchObject({ schema: "procg.capture/v1", steps: [{ dir: "t0" }, { dir: "t1" }] });
    expect(readdirSync(target).sort()).toEqual(["capture.json", "t0", "t1"]);

    const meminfo = readFileSync(join(target, "t0/proc/meminfo"), "utf8");
    const total = Number(/^MemTotal: +(\d+) kB$/m.exec(meminfo)?.[1]) * 1024;
    const replayed = (tool: string) => JSON.parse(runTool(tool, ["--replay", target, "--json"]).stdout);
    const live = (tool: string) => JSON.parse(runTool(tool, ["--json"]).stdout);

    const free = replayed("free");
    expect(free.memory).toMatchObject({ limitBytes: live("free").memory.limitBytes });
    if (free.memory.limitBytes === "max") expect(free.memory.totalBytes).toBe(total);
    expect(replayed("nproc")).toEqual(live("nproc"));
    const [then, now] = [replayed("uptime"), live("uptime")];
    expect(now.uptimeSeconds).toBeGreaterThanOrEqual(then.uptimeSeconds);
    expect(now.uptimeSeconds - then.uptimeSeconds).toBeLessThan(CAPTURE_MS / 1000);
    expect(then.users).toBe(now.users === null ? null : then.users);

    const twice = runTool("free", ["--replay", target, "-s", "60", "-c", "2"]);
    expect(twice.stdout.match(/^Mem:/gm)).toHaveLength(2);
    const subject = (outcome: Outcome): string => outcome.stdout.split("\n")[0] ?? "";
    expect(subject(runTool("doctor", ["--replay", target]))).toBe(subject(runTool("doctor", [])));
  });

  test("login records and environments are left out; command lines only when asked", () => {
    const target = join(temporaryDirectory(), "c");
    expect(capture("-n", "1", "--no-cmdline", target).code).toBe(0);
    const files = readdirSync(join(target, "t0"), { recursive: true, encoding: "utf8" });
    expect(files.some((path) => path === "proc/1/stat")).toBe(true);
    expect(files.filter((path) => /environ|cmdline|utmp|wtmp|shadow/.test(path))).toEqual([]);
  });

  test("an empty directory is taken, one with files is not", () => {
    const target = temporaryDirectory();
    expect(capture("-n", "1", `${target}/`).code).toBe(0);
    expectOneLine(capture("-n", "1", target), 1, `capture: ${target}: Directory not empty\n`);
  });

  test("a place that cannot be written", () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    expectOneLine(capture(join(file, "c")), 1, `capture: ${file}/c: Not a directory\n`);
    expectOneLine(capture(file), 1, `capture: ${file}: File exists\n`);
    expectOneLine(capture("/nonexistent/c"), 1, "capture: /nonexistent/c: No such file or directory\n");
    expectOneLine(capture("/proc/c"), 1, /^capture: \/proc\/c: /);
  });

  test.skipIf(!isRoot)("as nobody (needs root to become nobody)", () => {
    const directory = temporaryDirectory();
    const program = join(directory, "procg");
    cpSync(binaryPath(), program);
    const refused = start(program, ["capture", "-n", "1", join(directory, "c")], "procg", { uid: NOBODY });
    expectOneLine(refused, 1, `capture: ${directory}/c: Permission denied\n`);
    const own = join(directory, "own");
    mkdirSync(own);
    start("chown", [String(NOBODY), own], "chown");
    const options = { uid: NOBODY, timeoutMs: CAPTURE_MS };
    expect(start(program, ["capture", "-n", "1", own], "procg", options)).toMatchObject({
      code: 0,
      stderr: "",
    });
    const unreadable: Record<string, string> = JSON.parse(
      readFileSync(join(own, "t0/unreadable.json"), "utf8"),
    );
    expect(Object.values(unreadable)).toContain("EACCES");
    // Listed, not invented: a replay meets the same refusal.
    const path = Object.keys(unreadable).find((one) => existsSync(join(own, "t0", one)));
    expect(path).toBeUndefined();
  });

  const mayMount =
    isRoot && start("unshare", ["--mount", "mount", "-t", "tmpfs", "x", "/mnt"], "unshare").code === 0;

  test.skipIf(!mayMount)("a full disk (needs root to mount one)", () => {
    const directory = temporaryDirectory();
    const command =
      'mount -t tmpfs -o size=64k tmpfs "$1" && "$2" capture -n 1 "$1/c"; code=$?; ls "$1/c/capture.json" 2>/dev/null; exit $code';
    const args = ["--mount", "sh", "-c", command, "sh", directory, binaryPath()];
    const outcome = start("unshare", args, "unshare", { timeoutMs: CAPTURE_MS });
    expectOneLine(outcome, 1, /^capture: .*: No space left on device\n$/);
  });
});

describe.skipIf(!hasBinary())("procg install", () => {
  function place(): { readonly directory: string; readonly run: (...args: string[]) => Outcome } {
    const directory = temporaryDirectory();
    const program = join(directory, "procg");
    cpSync(binaryPath(), program);
    return { directory, run: (...args) => start(program, ["install", ...args], "procg") };
  }

  test("links beside the executable are relative, and work", () => {
    const { directory, run } = place();
    const made = run(directory);
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const links = made.stdout.trim().split("\n");
    expect(links).toEqual(
      expect.arrayContaining(["free", "nproc", "uptime"].map((name) => join(directory, name))),
    );
    for (const link of links) expect(readlinkSync(link)).toBe("procg");
    expect(start(join(directory, "nproc"), [], join(directory, "nproc")).stdout).toMatch(/^\d+\n$/);
    expect(start(join(directory, "free"), ["-m"], "free").stdout).toMatch(/^Mem:/m);
    expect(existsSync(join(directory, "doctor"))).toBe(false);
  });

  test("a second time there is nothing to do", () => {
    const { directory, run } = place();
    run(directory);
    expect(run(directory)).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  test.each(["", "/", "/."])("its own directory by another name (%j) is still its own", (suffix) => {
    const { directory, run } = place();
    run(directory + suffix);
    expect(readlinkSync(join(directory, "free"))).toBe("procg");
    const alias = join(temporaryDirectory(), "alias");
    symlinkSync(directory, alias);
    expect(run(alias)).toMatchObject({ code: 0, stdout: "" });
  });

  test("elsewhere the target is absolute", () => {
    const { directory, run } = place();
    const other = temporaryDirectory();
    expect(run(other).code).toBe(0);
    expect(readlinkSync(join(other, "free"))).toBe(join(directory, "procg"));
    expect(start(join(other, "nproc"), [], "nproc").code).toBe(0);
  });

  test("--all links the others too", () => {
    const { directory, run } = place();
    expect(run("--all", directory).code).toBe(0);
    expect(readlinkSync(join(directory, "doctor"))).toBe("procg");
  });

  test("--dry-run says what would be done, and does nothing", () => {
    const { directory, run } = place();
    const said = run("--dry-run", directory);
    expect(said.code).toBe(0);
    expect(said.stdout).toContain(`${directory}/free\n`);
    expect(readdirSync(directory)).toEqual(["procg"]);
    expect(run(directory).stdout).toBe(said.stdout);
  });

  test("files that are there stay, and are named; the rest is linked", () => {
    const { directory, run } = place();
    writeFileSync(join(directory, "free"), "theirs");
    mkdirSync(join(directory, "uptime"));
    const outcome = run(directory);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toBe(
      `install: ${directory}/free: File exists (--force replaces it)\ninstall: ${directory}/uptime: Is a directory\n`,
    );
    expect(readFileSync(join(directory, "free"), "utf8")).toBe("theirs");
    expect(readlinkSync(join(directory, "nproc"))).toBe("procg");
  });

  test("--force replaces files and links, not directories", () => {
    const { directory, run } = place();
    writeFileSync(join(directory, "free"), "theirs");
    symlinkSync("/nowhere", join(directory, "nproc"));
    mkdirSync(join(directory, "uptime"));
    expect(run("--force", "--dry-run", directory).code).toBe(1);
    expect(readFileSync(join(directory, "free"), "utf8")).toBe("theirs");
    const outcome = run("--force", directory);
    expect(outcome).toMatchObject({ code: 1, stderr: `install: ${directory}/uptime: Is a directory\n` });
    expect(readlinkSync(join(directory, "free"))).toBe("procg");
    expect(readlinkSync(join(directory, "nproc"))).toBe("procg");
  });

  test("--force never removes the executable itself, though it is called free", () => {
    const directory = temporaryDirectory();
    const program = join(directory, "free");
    cpSync(binaryPath(), program);
    start("ln", [program, join(directory, "uptime")], "ln");
    const outcome = start(program, ["install", "--force", directory], "procg");
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(lstatSync(program).isFile()).toBe(true);
    expect(lstatSync(join(directory, "uptime")).isFile()).toBe(true);
    expect(readlinkSync(join(directory, "nproc"))).toBe(basename(program));
  });

  test.skipIf(!isRoot)("a directory that cannot be written is one line (needs root to become nobody)", () => {
    const { directory } = place();
    const outcome = start(join(directory, "procg"), ["install", directory], "procg", { uid: NOBODY });
    expectOneLine(outcome, 1, new RegExp(`^install: ${directory}/[a-z]+: Permission denied\n$`));
  });
});
