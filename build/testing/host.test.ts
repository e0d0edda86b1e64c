/** The C host, through small programs that run on it. Once as it ships, once under ASan, UBSan and the engine's leak check. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildProgram } from "../build.mjs";

vi.setConfig({ testTimeout: 60_000 });

let scratch = "";
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "procg-host-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;

describe.each([
  { kind: "shipped", sanitize: false },
  { kind: "sanitized", sanitize: true },
])("$kind host", ({ kind, sanitize }) => {
  let program = "";
  beforeAll(async () => {
    program = join(scratch, `${kind}-host`);
    await buildProgram({ entry: join(import.meta.dirname, "host_program.ts"), out: program, sanitize });
  }, 300_000);

  const run = (...args: string[]) => spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
  /** Through a shell, in which "$0" is the program. */
  const shell = (script: string, ...args: string[]) =>
    spawnSync("bash", ["-c", script, program, ...args], { encoding: "utf8", timeout: 60_000 });
  const output = (...args: string[]): string => {
    const { stdout, stderr, status, signal } = run(...args);
    expect({ stderr: stderr.slice(0, 1500), status, signal }).toEqual({
      stderr: "",
      status: 0,
      signal: null,
    });
    return stdout.trimEnd();
  };

  it.each([
    ["throw-top", "at the top"],
    ["rejection", "nobody handles this"],
    ["async-main", "main failed late"],
    ["throw-timer", "in a timer"],
    ["throw-fd", "in an fd callback"],
    ["throw-signal", "in a signal callback"],
    ["throw-job", "in a job"],
    ["throw-lines", "first second third"],
  ])("%s: one line, exit 1", (name, text) => {
    const { stdout, stderr, status } = run(name);
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr.startsWith(`${kind}-host: Error: ${text}`)).toBe(true);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("an import() of a chunk that is not there: one line, exit 1", () => {
    const { stderr, status } = run("missing-chunk", "./nothing.js");
    expect(status).toBe(1);
    expect(stderr).toContain("no module 'nothing.js' in this program");
  });

  it("a thrown value without a text: still one line, exit 1", () => {
    const { stderr, status } = run("throw-odd");
    expect({ stderr, status }).toEqual({
      stderr: `${kind}-host: uncaught error without a text\n`,
      status: 1,
    });
  });

  it("a rejection that is handled later in the same turn is none", () => {
    expect(output("handled-later")).toBe("caught");
  });

  it("a full device is an errno", () => {
    expect(output("full")).toBe("-28");
  });

  it("closed standard fds: EBADF, and no file takes their place", () => {
    const report = join(scratch, `${kind}-closed`);
    const { status } = shell(`"$0" closed-fds "$1" <&- >&- 2>&-`, report);
    expect(status).toBe(0);
    expect(readFileSync(report, "utf8")).toBe("-9 -9 3");
  });

  it("a reader that leaves: SIGPIPE, no message", () => {
    const { stdout, stderr } = shell(`"$0" flood | head -1 >/dev/null; echo \${PIPESTATUS[0]}`);
    expect({ stdout, stderr }).toEqual({ stdout: "141\n", stderr: "" });
  });

  it("exit(3) after text", () => {
    const { stdout, status } = run("exit-3");
    expect({ stdout, status }).toEqual({ stdout: "text before the end", status: 3 });
  });

  it.each(["many-objects", "long-array", "long-string"])(
    "%s: the memory limit is a catchable error",
    (name) => {
      const [text, kilobytes] = output(name).split("; ");
      expect(text).toMatch(/InternalError: (out of memory|string too long)/);
      if (!sanitize) expect(Number(kilobytes)).toBeLessThan(300 * 1024);
    },
  );

  it.each([256, 1024, 8192])("recursion with a stack of %i KB: a catchable error", (kilobytes) => {
    const { stdout, stderr, status, signal } = shell(`ulimit -s ${kilobytes}; exec "$0" recursion`);
    expect({ stderr, status, signal }).toEqual({ stderr: "", status: 0, signal: null });
    expect(stdout).toMatch(/^InternalError: stack overflow; \d+\n$/);
    if (!sanitize && kilobytes === 8192) expect(Number(stdout.split("; ")[1])).toBeGreaterThan(5000);
  });

  // The depth that is let through must fit into the stack: 8192 levels for 8 MB, 256 for 256 KB.
  it.each([
    [8192, 8192],
    [256, 256],
  ])("deep JSON, 300 captures, deep groups with a stack of %i KB: exceptions", (kilobytes, depth) => {
    const { stdout, stderr, signal } = shell(`ulimit -s ${kilobytes}; exec "$0" deep ${depth}`);
    expect({ stderr: stderr.slice(0, 1500), signal }).toEqual({ stderr: "", signal: null });
    expect(stdout.trimEnd().split("\n")).toEqual([
      "json: SyntaxError",
      "objects: SyntaxError",
      "limit: passed",
      "allowed: passed",
      "captures: SyntaxError",
      expect.stringMatching(/^groups: (SyntaxError|InternalError)$/),
    ]);
  });

  it("timers, reads and maps do not grow the process", () => {
    const rounds = output("flat").split(" ").map(Number);
    if (!sanitize) expect((rounds[3] ?? 0) - (rounds[1] ?? 0)).toBeLessThan(512);
  });

  it("timers that only their own callback knows survive the collector", () => {
    expect(output("timer-cycles")).toBe("1000");
  });

  it("timers removed and added inside callbacks", () => {
    expect(output("timer-edits")).toBe("first own last added");
  });

  it("an fd above 1024", () => {
    const { stdout, stderr } = shell(`ulimit -n 4096; exec "$0" fd-high`);
    expect({ stdout, stderr }).toEqual({ stdout: "0\n1500 ready 1\n", stderr: "" });
  });

  it("200 fds at once", () => expect(output("fd-many")).toBe("200"));

  it("an fd closed while watched is told once (POLLNVAL)", () => {
    expect(output("fd-closed")).toBe("-9\nrevents 32");
  });

  it("an event of a closed fd does not reach the next file with its number", () => {
    expect(output("fd-reused")).toBe("first new true");
  });

  it("signals in a busy loop are delivered after it, with their count", () => {
    expect(output("signal-busy")).toBe("after 1000");
  });

  it("no signal is lost while waiting", async () => {
    const child = spawn(program, ["signal-echo"], { stdio: ["ignore", "pipe", "inherit"] });
    let received = "";
    let wake = (): void => {};
    child.stdout.on("data", (text) => {
      received += text;
      wake();
    });
    const until = async (length: number): Promise<void> => {
      const end = Date.now() + 5000;
      while (received.length < length && Date.now() < end) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 100);
        });
      }
    };
    await until("ready\n".length);
    for (let i = 1; i <= 500; i++) {
      child.kill("SIGUSR1");
      await until("ready\n".length + i);
      if (received.length < "ready\n".length + i) break;
    }
    child.kill("SIGKILL");
    expect(received).toBe(`ready\n${"s".repeat(500)}`);
  });

  it("an interval keeps its ideal ticks and counts the missed ones", () => {
    const [ticks, earliest, drift] = output("ticks").split(" ").map(Number);
    expect(ticks).toBeGreaterThanOrEqual(200);
    // More than a few only where the machine stood still.
    expect(ticks).toBeLessThan(400);
    // None before its time; and some of the last are still on time, after five pauses of 35 ms each.
    expect(earliest).toBeGreaterThanOrEqual(0);
    expect(drift).toBeLessThan(0.01);
  });

  it("reads kernel files, large, empty, and refuses the rest with an errno", () => {
    const large = join(scratch, `${kind}-large`);
    const empty = join(scratch, `${kind}-empty`);
    const fifo = join(scratch, `${kind}-fifo`);
    writeFileSync(large, "0123456789abcdef".repeat(65536));
    writeFileSync(empty, "");
    spawnSync("mkfifo", [fifo]);
    const paths = ["/proc/meminfo", "/proc/self/stat", "/proc/self/mountinfo", "/proc/self/cgroup"];
    const lines = output(
      "read",
      ...paths,
      large,
      empty,
      scratch,
      join(scratch, "none"),
      fifo,
      "/dev/zero",
    ).split("\n");
    for (const [i, path] of paths.entries()) expect(lines[i]).toMatch(new RegExp(`^${path} text [1-9]`));
    expect(lines.slice(paths.length).map((line) => line.slice(line.indexOf(" ") + 1))).toEqual([
      "text 1048576",
      "text 0",
      "-21",
      "-2",
      "-1001",
      "-1001",
    ]);
    expect(output("read-limit", large)).toBe("-27");
  });

  it.runIf(isRoot)("a file without permission is EACCES", () => {
    const secret = join(scratch, `${kind}-secret`);
    writeFileSync(secret, "x", { mode: 0o000 });
    spawnSync("chmod", ["755", scratch]);
    const { stdout } = shell(
      `exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" read "$1"`,
      secret,
    );
    expect(stdout).toBe(`${secret} -13\n`);
  });

  it("text that is not UTF-8 is what Node makes of it", () => {
    const path = join(scratch, `${kind}-broken`);
    // Cut sequences, overlong forms, surrogates, beyond U+10FFFF, lone continuation bytes.
    writeFileSync(path, Buffer.from("61e282620ac3ff41eda080f4908080c080e0809f80f09f9880", "hex"));
    expect(JSON.parse(output("text-broken", path))).toBe(readFileSync(path, "utf8"));
  });

  it("bytes: all 256 values", () => {
    const path = join(scratch, `${kind}-bytes`);
    writeFileSync(path, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    expect(output("bytes-256", path)).toBe("true\ntrue");
  });

  it("file names that are not UTF-8 can be opened again and are written as they are", () => {
    const folder = join(scratch, `${kind}-names`);
    mkdirSync(folder);
    const latin1 = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x63, 0x61, 0x66, 0xe9])]);
    writeFileSync(latin1, "inside");
    const result = spawnSync(program, ["odd-names", folder]);
    expect(result.stderr.toString()).toBe("");
    expect(result.stdout.subarray(-5)).toEqual(Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]));
    expect(result.stdout.toString("latin1")).toContain("inside");
  });

  it("the calls of host_file.c", () => {
    const folder = join(scratch, `${kind}-files`);
    mkdirSync(folder);
    expect(JSON.parse(output("file-calls", folder))).toEqual({
      writeBytes: 0,
      fsync: 0,
      read: 4,
      content: [0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 5, 6, 0, 0, 0, 0],
      truncate: [0, 2],
      lock: [0, -11, 0, 0],
      close: [0, 0, -9],
      mode: "100640",
      chmod: [0, "100600"],
      rename: [0, -2],
      mkdir: [0, -17],
      symlink: [0, "b", -22],
      lstat: 0o120000,
      directory: ["b", "d", "l"],
      remove: [0, 0, 0, -2],
      missing: [-2, -2, -2, -2],
      nul: [-22, -22],
      statvfs: 10,
      umask: 0o022,
    });
  });

  it("a range outside the buffer is an exception", () => {
    expect(output("buffer-bounds")).toBe(
      "RangeError RangeError RangeError RangeError RangeError RangeError TypeError 0",
    );
  });

  it("arguments of the wrong kind are exceptions, of the wrong size too; a NUL in a path is EINVAL", () => {
    expect(output("wrong-arguments").split("\n")).toEqual([
      ...["TypeError", "TypeError", "null", "null", "RangeError", '"a\\nx\\n"', "RangeError"],
      ...Array(2).fill(Array(7).fill(-22).join(" ")),
    ]);
  });

  it("a conversion that frees another column", () => {
    expect(output("table-freed")).toBe("a b\n1 x\n2 x\n3 x");
  });

  it("a variable that is not UTF-8 keeps its bytes", () => {
    const result = spawnSync("bash", ["-c", `ODD=$'\\xff/\\xe2x' "$0" getenv ODD`, program]);
    expect(result.stdout).toEqual(Buffer.from([0xff, 0x2f, 0xe2, 0x78, 0x0a]));
  });

  it("a script is executed without any argument", () => {
    const script = join(scratch, `${kind}-script`);
    writeFileSync(script, "echo ran\n", { mode: 0o755 });
    expect(output("exec-no-arguments", script)).toBe("ran");
  });

  it("argv and environ, also when they are not UTF-8", () => {
    const { stdout } = spawnSync(program, ["environment", "ä €"], {
      encoding: "utf8",
      env: { A: "ü", B: "" },
    });
    expect(JSON.parse(stdout)).toEqual([
      ["environment", "ä €"],
      ["A=ü", "B="],
    ]);
  });
});
