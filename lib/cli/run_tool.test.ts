import { expect, test, vi } from "vitest";
import { ReadError } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { runTool } from "./run_tool.ts";
import { fakeSystem } from "./testing/fake_system.ts";
import { freeLike, iostatLike, loadcalcLike, nprocLike } from "./testing/tools.ts";
import { type ToolDeclaration, ToolError, UsageError } from "./tool.ts";

vi.mock("procg:version", () => ({ version: "1.2.3" }));

async function run(
  tool: ToolDeclaration,
  argv: string,
  env: Record<string, string> = {},
  stdoutErrno = 0,
): Promise<{ code: number; out: string; err: string }> {
  const fake = fakeSystem(argv.split(" "), env, stdoutErrno);
  const [argv0, ...args] = argv.split(" ");
  const code = await runTool(fake.system, tool, argv0 ?? "", args);
  return { code, out: fake.out(), err: fake.err() };
}

function failing(error: unknown, family: ToolDeclaration["family"] = "procps"): ToolDeclaration {
  return {
    ...freeLike,
    family,
    run: () => {
      throw error;
    },
  };
}

test("procps: getopt's message with argv[0] as typed, an empty line, the usage; exit 1", async () => {
  const { code, out, err } = await run(freeLike, "/usr/bin/free -Z");
  expect(code).toBe(1);
  expect(out).toBe("");
  expect(err).toMatch(
    /^\/usr\/bin\/free: invalid option -- 'Z'\n\nUsage:\n free \[options\]\n\nOptions:\n -b, --bytes +the bytes\n/,
  );
  expect(err).toMatch(/\n\nFor more details see free\(1\)\.\n$/);
  const operand = await run(freeLike, "free x");
  expect(operand.code).toBe(1);
  expect(operand.err).toMatch(/^\nUsage:\n free /);
  expect(operand.err.slice(1)).toBe(err.slice(err.indexOf("\n\n") + 2));
});

test("top: one line without usage", async () => {
  const top = { ...freeLike, name: "top", usageOnError: false };
  expect(await run(top, "top -Z")).toEqual({ code: 1, out: "", err: "top: invalid option -- 'Z'\n" });
});

test("procg: a mistake without words of its own says where help is", async () => {
  const own = failing(new UsageError(""), "procg");
  expect(await run(own, "free")).toEqual({
    code: 1,
    out: "",
    err: "Try 'procg free --help' for more information.\n",
  });
  expect((await run(failing(new UsageError("no such thing"), "procg"), "free")).err).toBe(
    "free: no such thing\n",
  );
});

test("procg: help says procg where no link has the tool's name", async () => {
  expect((await run({ ...freeLike, family: "procg" }, "free --help")).out).toMatch(/^Usage: procg free /);
  expect((await run({ ...loadcalcLike, linked: true }, "loadcalc --help")).out).toMatch(/^Usage: loadcalc /);
});

test("coreutils: the Try line, argv[0] as typed everywhere", async () => {
  expect(await run(nprocLike, "/bin/nproc x")).toEqual({
    code: 1,
    out: "",
    err: "/bin/nproc: extra operand 'x'\nTry '/bin/nproc --help' for more information.\n",
  });
  expect(await run(nprocLike, "nproc --ignore=x")).toEqual({
    code: 1,
    out: "",
    err: "nproc: invalid number: 'x'\n",
  });
});

test("sysstat: usage on stderr, also for --help; exit 1", async () => {
  const { code, out, err } = await run(iostatLike, "iostat --nosuch");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^Usage: iostat \[ options \]/);
  expect(await run(iostatLike, "iostat --help")).toEqual({ code: 1, out: "", err });
  expect((await run(iostatLike, "iostat --root")).err).toBe(err);
  expect(await run(iostatLike, "iostat -h sda --json 1")).toEqual({ code: 0, out: "true sda,1\n", err: "" });
});

test("--help and --version on stdout", async () => {
  const help = await run(freeLike, "free --help");
  expect([help.code, help.err]).toEqual([0, ""]);
  expect(help.out).toMatch(/^\nUsage:\n free \[options\]\n/);
  expect(help.out).toContain("     --root DIR");
  const nproc = await run(nprocLike, "nproc --help");
  expect(nproc.out).toMatch(/^Usage: nproc \[OPTION\]\.\.\.\nPrint the number of processing units\.\n/);
  expect(nproc.out).toContain("--ignore=N");
  expect((await run(freeLike, "free -V")).out).toBe(
    "free from procg 1.2.3 (compatible with procps-ng 4.0)\n",
  );
  expect((await run(nprocLike, "nproc --version")).out).toBe("nproc from procg 1.2.3\n");
  expect((await run(iostatLike, "iostat -V")).out).toBe("iostat from procg 1.2.3\n");
});

test("shared options and the environment", async () => {
  const none = { json: false, explain: false, host: false, cgroup: null, root: null, replay: null };
  const shared = async (argv: string, env: Record<string, string> = {}): Promise<unknown> =>
    JSON.parse((await run(freeLike, argv, env)).out).shared;
  expect(await shared("free -b")).toEqual(none);
  expect(await shared("free --json --explain --host")).toEqual({
    ...none,
    json: true,
    explain: true,
    host: true,
  });
  expect(await shared("free", { PROCG_HOST: "1" })).toEqual({ ...none, host: true });
  expect(await shared("free", { PROCG_HOST: "0" })).toEqual(none);
  expect(await shared("free --cgroup /a --cgroup /b", { PROCG_HOST: "1" })).toEqual({
    ...none,
    cgroup: "/b",
  });
  expect(await run(freeLike, "free --root a --replay b")).toEqual({
    code: 1,
    out: "",
    err: "free: --root and --replay exclude each other\n",
  });
  expect((await run(freeLike, "free --host --cgroup b")).err).toBe(
    "free: --host and --cgroup exclude each other\n",
  );
  expect((await run(freeLike, "free --cgroup=")).err).toBe("free: --cgroup needs a path\n");
});

test("every failure is one line and exit 1, or what the tool says", async () => {
  expect(await run(failing(new ToolError("no", 7, "tail\n")), "free")).toEqual({
    code: 7,
    out: "",
    err: "free: no\ntail\n",
  });
  expect(await run(failing(new ToolError("", 3)), "free")).toEqual({ code: 3, out: "", err: "" });
  expect((await run(failing(new ReadError("/proc/meminfo", -13)), "free")).err).toBe(
    "free: cannot read /proc/meminfo: Permission denied\n",
  );
  expect((await run(failing(new ParseError("/proc/stat", 3, "odd")), "free")).err).toBe(
    "free: /proc/stat:3: odd\n",
  );
  const internal = await run(failing(new TypeError("x is not\na function")), "free");
  expect(internal).toEqual({ code: 1, out: "", err: "free: internal error: TypeError: x is not\n" });
  expect((await run(failing("text"), "free")).err).toBe("free: internal error: text\n");
  const late: ToolDeclaration = { ...freeLike, run: async () => Promise.reject(new ToolError("late", 4)) };
  expect(await run(late, "free")).toEqual({ code: 4, out: "", err: "free: late\n" });
});

test("stdout that cannot be written", async () => {
  expect(await run(freeLike, "free", {}, -28)).toEqual({
    code: 1,
    out: "",
    err: "free: write error: No space left on device\n",
  });
  expect((await run(freeLike, "free --help", {}, -9)).err).toBe("free: write error: Bad file descriptor\n");
  expect(await run(iostatLike, "iostat", {}, -28)).toEqual({
    code: 6,
    out: "",
    err: "stdout: No space left on device\n",
  });
  expect(await run(freeLike, "free", {}, -32)).toEqual({ code: 141, out: "", err: "" });
});

test("POSIXLY_CORRECT comes from the environment", async () => {
  expect((await run(freeLike, "free x -Z", { POSIXLY_CORRECT: "" })).err).toMatch(/^\nUsage/);
  expect((await run(freeLike, "free x -Z")).err).toMatch(/^free: invalid option/);
});

test("family procg: commander, its own wording, one line", async () => {
  const good = await run(loadcalcLike, "loadcalc -q --listen :1 a -l:2 --history --history=d b -- -c");
  expect(good.err).toBe("");
  expect(JSON.parse(good.out)).toMatchObject({
    options: [
      { key: "quiet", name: "--quiet", value: null },
      { key: "listen", name: "--listen", value: ":1" },
      { key: "listen", name: "--listen", value: ":2" },
      { key: "history", name: "--history", value: null },
      { key: "history", name: "--history", value: "d" },
    ],
    operands: ["a", "b", "-c"],
  });
  const mistakes: [string, string][] = [
    ["--x", "loadcalc: unknown option '--x'\n"],
    ["-Z", "loadcalc: unknown option '-Z'\n"],
    ["--liste", "loadcalc: unknown option '--liste' (Did you mean --listen?)\n"],
    ["-l", "loadcalc: option '--listen' requires an argument\n"],
    ["--root", "loadcalc: option '--root' requires an argument\n"],
  ];
  for (const [words, err] of mistakes) {
    expect(await run(loadcalcLike, `loadcalc ${words}`)).toEqual({ code: 1, out: "", err });
  }
  expect((await run(loadcalcLike, "loadcalc -h --x")).out).toMatch(/^Usage: procg loadcalc \[options\]\n/);
  expect((await run(loadcalcLike, "loadcalc --help")).out).toContain("Commands:\n  show  show them\n");
  expect((await run(loadcalcLike, "loadcalc --help")).out).not.toContain("secret");
  expect((await run(loadcalcLike, "loadcalc -V")).out).toBe("loadcalc from procg 1.2.3\n");
});

test("a command of a tool", async () => {
  expect(await run(loadcalcLike, "loadcalc show -a")).toEqual({
    code: 0,
    out: "loadcalc show all\n",
    err: "",
  });
  expect((await run(loadcalcLike, "loadcalc show --x")).err).toBe("loadcalc show: unknown option '--x'\n");
});
