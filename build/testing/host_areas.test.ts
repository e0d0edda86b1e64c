/**
 * The areas of the C host, through a real program (host_areas_program.ts). Names T31 ... T44 are those of the list of tests
 * that the host must pass. PROCG_AREAS_PROGRAM names a program that was built elsewhere (sanitizers, arm64).
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { scanProcesses } from "../../lib/procfs/process_scan.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";

vi.setConfig({ testTimeout: 30_000 });

const ROOT = path.resolve(import.meta.dirname, "../..");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "procg-areas-"));
let program = process.env.PROCG_AREAS_PROGRAM ?? "";

beforeAll(() => {
  if (program !== "") return;
  program = path.join(scratch, "areas");
  const entry = path.join(ROOT, "build/testing/host_areas_program.ts");
  execFileSync("node", [path.join(ROOT, "build/build.mjs"), "--entry", entry, "--out", program], {
    cwd: ROOT,
  });
}, 180_000);

afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** The JSON that a case printed. */
function run(
  name: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  before: string[] = [],
) {
  const [command = "", ...rest] = [...before, program, name, ...args];
  const result = spawnSync(command, rest, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 20_000,
  });
  if (result.status !== 0) throw new Error(`${name}: ${result.signal ?? result.status}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

function has(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

/** A /proc of its own: what no real process shows on demand. */
function fakeProc(): string {
  const dir = fs.mkdtempSync(path.join(scratch, "proc-"));
  const put = (pid: number, files: Record<string, string | Buffer>): void => {
    fs.mkdirSync(`${dir}/${pid}`);
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(`${dir}/${pid}/${name}`), { recursive: true });
      fs.writeFileSync(`${dir}/${pid}/${name}`, content);
    }
  };
  const cut = Buffer.concat([
    Buffer.from("12 ("),
    Buffer.from([0xe2, 0x82]),
    Buffer.from(") S 1 12 12 0 -1\n"),
  ]);
  put(12, { stat: cut, statm: "1 2 3 4 0 6 0\n" });
  put(7, {
    stat: "7 (a) (b) R) R 1 7 7 0 -1 4194304 1 2 3 4 5 6 -7 8 20 -5 1 0 99 18446744073709551615 3\n",
  });
  put(9, { stat: "9 (x\ny ) ( D 1) D 1\n", cmdline: "" });
  put(100, { stat: "100 (long) S 1 1 1\n", cmdline: `${"y".repeat(100_000)}\0z\0` });
  put(101, { stat: "101 (huge) S 1 1 1\n", cmdline: "z".repeat(200_000) });
  put(102, { stat: "no parentheses\n" });
  put(103, { stat: "" });
  put(104, { cmdline: "no stat" });
  put(105, {
    stat: "105 (many) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 5\n",
    "task/105/stat": "105 (many) S 1\n",
    "task/106/stat": "106 (m) R) R 1\n",
    "task/107/stat": "107 (many) D 1\n",
  });
  fs.mkdirSync(`${dir}/007`);
  fs.mkdirSync(`${dir}/1x`);
  fs.writeFileSync(`${dir}/55`, "a file");
  fs.symlinkSync("7", `${dir}/8`);
  fs.mkdirSync(`${dir}/110`);
  fs.symlinkSync("../7/stat", `${dir}/110/stat`);
  return dir;
}

describe("scan", () => {
  test("T38 equals the pure reader on a tree of files, there and on Node", () => {
    const dir = fakeProc();
    fs.rmSync(`${dir}/8`);
    fs.rmSync(`${dir}/110`, { recursive: true });
    fs.truncateSync(`${dir}/101/cmdline`, 131_072);
    const { fast, slow, again } = run("scan", [dir]);
    expect(fast.map((row: unknown[]) => row[2])).toEqual([7, 9, 12, 100, 101, 105]);
    expect(again).toEqual(fast);
    // Columns of the node's reader, for the same files.
    const table = scanProcesses(nodeSystem(), dir, { cmdlines: true, statm: true, owner: true });
    if (typeof table === "number") throw new Error("no scan");
    const rows = table.comms.map((comm, i) => [
      comm,
      table.cmdlines?.[i],
      ...Array.from(table.rows.subarray(i * 40, i * 40 + 40), (value) =>
        Number.isNaN(value) ? null : value,
      ),
    ]);
    expect(fast).toEqual(rows);
    expect(slow.map((row: unknown[]) => row.slice(1))).toEqual(fast.map((row: unknown[]) => row.slice(1)));
  });

  test("T37 comm with parentheses, newline and cut UTF-8; cmdline empty, long, over the limit", () => {
    const { fast } = run("scan", [fakeProc()]);
    const byPid = new Map(fast.map((row: unknown[]) => [row[2], row]));
    const row = (pid: number) => byPid.get(pid) as (string | number | null)[];
    expect(row(7)[0]).toBe("a) (b) R");
    expect(row(7)[3]).toBe("R".charCodeAt(0));
    expect(row(7).slice(2 + 12, 2 + 20)).toEqual([5, 6, -7, 8, 20, -5, 1, 99]);
    expect(row(7)[2 + 20]).toBe(2 ** 64);
    expect(row(7)[2 + 22]).toBeNull();
    expect(row(9)[0]).toBe("x\ny ) ( D 1");
    expect(row(12)[0]).toBe("\ufffd");
    expect(row(12).slice(2 + 30, 2 + 35)).toEqual([1, 2, 3, 4, 6]);
    expect(row(9)[1]).toBe("");
    expect(row(100)[1]).toBe(`${"y".repeat(100_000)}\0z\0`);
    expect(row(101)[1]).toHaveLength(131_072);
    expect(byPid.has(8)).toBe(false);
    expect(byPid.has(110)).toBe(false);
  });

  test("more processes than rows: the number is told, nothing is stored past the end", () => {
    const { count, comms } = run("scanOverflow", ["/proc"]);
    expect(count).toBeGreaterThan(1);
    expect(comms).toHaveLength(1);
  });

  test("processes that end during the scan are left out", () => {
    const churn = spawn("sh", ["-c", "while :; do /bin/true; done"], { stdio: "ignore" });
    try {
      for (let i = 0; i < 20; i++) expect(run("scan").fast.length).toBeGreaterThan(2);
    } finally {
      churn.kill("SIGKILL");
    }
  });

  test("a pid out of the table finds the pid that was parsed from text, as the key of a Map", () => {
    const dir = fs.mkdtempSync(path.join(scratch, "key-"));
    const pids = Array.from({ length: 50 }, (_, i) => String(i + 1));
    for (const pid of pids) {
      fs.mkdirSync(`${dir}/${pid}`);
      fs.writeFileSync(`${dir}/${pid}/stat`, `${pid} (x) S 1\n`);
    }
    expect(run("mapKeys", [dir, ...pids])).toBe(50);
  });

  test("a directory that is not there is an errno", () => {
    expect(run("scan", ["/no/such"])).toEqual({ fast: -2, slow: -2, again: -2 });
  });

  test("threads: states, one process left out, only these", () => {
    const dir = fakeProc();
    fs.rmSync(`${dir}/8`);
    fs.rmSync(`${dir}/110`, { recursive: true });
    const all = { threads: 8, runnable: 2, uninterruptible: 2, lastPid: 107, processes: 6 };
    expect(run("threads", [dir])).toEqual({ fast: all, slow: all });
    const rest = { threads: 5, runnable: 1, uninterruptible: 1, lastPid: 101, processes: 5 };
    expect(run("threads", [dir, "105"])).toEqual({ fast: rest, slow: rest });
    const two = { threads: 4, runnable: 1, uninterruptible: 2, lastPid: 107, processes: 2 };
    expect(run("threads", [dir, "0", "105,9,4000"])).toEqual({ fast: two, slow: two });
  });

  test("a scan below --root follows no link out of it", () => {
    const dir = fs.mkdtempSync(path.join(scratch, "root-"));
    fs.mkdirSync(`${dir}/proc/5`, { recursive: true });
    fs.writeFileSync(`${dir}/proc/5/stat`, "5 (five) S 1\n");
    fs.symlinkSync("/proc/1", `${dir}/proc/1`);
    fs.symlinkSync("/proc/self/status", `${dir}/proc/5/cmdline`);
    expect(run("scanRooted", [dir]).map((row: unknown[]) => row.slice(0, 3))).toEqual([["five", "", 5]]);
  });
});

describe("numbers of the machine", () => {
  test("T39 affinity under taskset, CRC, environment, names, errors", () => {
    const found = run("numbers", [], { HOST_TEST: "a=b" });
    expect(found).toMatchObject({
      pageSizeBytes: 4096,
      clockTicksPerSecond: 100,
      policy: 0,
      unknown: -22,
      crc: 0xcbf43926,
      crcParts: 0xcbf43926,
      crcOutside: "RangeError",
      noProcess: -3,
      env: "a=b",
    });
    expect(found.names.release).toBe(os.release());
    expect(found.affinity).toEqual(nodeSystem().affinity());
    if (has("taskset")) {
      const [cpu = 0] = [...(nodeSystem().affinity() ?? [])].reverse();
      expect(run("numbers", [], {}, ["taskset", "-c", String(cpu)]).affinity).toEqual([cpu]);
    }
    expect(Math.abs(found.clocks[2] - Date.now() / 1000)).toBeLessThan(5);
    expect(found.clocks[1]).toBeGreaterThanOrEqual(found.clocks[0] - 0.001);
  });

  test("T40 local time with TZ as a rule, unset, and without zone data", () => {
    const summer = 1_720_000_000;
    expect(run("time", [String(summer)], { TZ: "CET-1CEST,M3.5.0,M10.5.0/3" })).toEqual({
      local: {
        year: 2024,
        month: 7,
        day: 3,
        hour: 11,
        minute: 46,
        second: 40,
        offsetSeconds: 7200,
        zone: "CEST",
      },
      back: summer,
    });
    expect(run("time", [String(summer)], { TZ: "UTC0" }).local.hour).toBe(9);
    const missing = run("time", [String(summer)], { TZ: "No/Such_Zone" }).local;
    expect([missing.hour, missing.offsetSeconds]).toEqual([9, 0]);
  });

  test("T41 statvfs of /proc, a tmpfs, a missing path; the same from a child; a deadline", () => {
    const [proc, shm, none] = run("statvfs", ["/proc", "/dev/shm", "/no/such"]);
    expect(proc.direct.slice(2, 8)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(proc.timed).toEqual(proc.direct);
    expect(shm.direct[2]).toBeGreaterThan(0);
    // Free ones move while the test runs.
    const [bsize, frsize, blocks, , , files, , behind] = shm.numbers;
    expect([bsize, frsize, blocks, files]).toEqual([...shm.direct.slice(0, 3), shm.direct[5]]);
    expect([shm.into, behind]).toEqual([0, 0]);
    expect(none).toEqual({ direct: -2, timed: -2, into: -2, numbers: Array(8).fill(0) });
    const late = run("statvfsHang", ["/"]);
    expect(late.seconds).toBeLessThan(1);
    expect(late.result === -110 || Array.isArray(late.result)).toBe(true);
  });

  test("mountinfo in one call: escapes, what is covered, what is no mount, thousands", () => {
    const file = (name: string, text: string | Buffer) => {
      const where = path.join(scratch, `mounts-${name}`);
      fs.writeFileSync(where, text);
      return where;
    };
    const usual = file(
      "usual",
      "1 0 8:1 / / rw shared:1 - ext4 /dev/a rw\n" +
        "2 1 0:5 / /x rw - tmpfs none rw\n" +
        "3 2 0:6 /s\\040p /x/y rw master:1 - tmpfs  rw\n" +
        "4 1 0:7 / /x rw - nfs4 h:/e\\134 rw",
    );
    // What does not begin with "/" (a damaged line) lies in no directory.
    const relative = file("relative", "1 0 8:1 / 0:30 rw - a b\n2 0 8:1 / 0 rw - a b\n");
    const many = file(
      "many",
      Array.from({ length: 3000 }, (_, i) => `${i} 0 0:${i} / /m/${i} rw - t none rw\n`).join(""),
    );
    const odd = [
      "x\n",
      "1 0 8:1 / / rw\n",
      "1 0 8 / / rw - a b\n",
      "1 0 8:x / / rw - a b\n",
      "1 0 8:1 / / rw - a",
    ];
    const paths = [
      usual,
      many,
      file("empty", ""),
      relative,
      "/no/such",
      scratch,
      ...odd.map((text, i) => file(`odd${i}`, text)),
    ];
    const { read, split } = run("mounts", paths);
    expect(read[0]).toEqual([
      ...["/dev/a", "ext4", "/", "/", 8, 1, false],
      ...["none", "tmpfs", "/x", "/", 0, 5, true],
      ...["", "tmpfs", "/x/y", "/s p", 0, 6, true],
      ...["h:/e\\", "nfs4", "/x", "/", 0, 7, false],
    ]);
    expect(split).toEqual(read[0]);
    expect(read[1]).toHaveLength(21_000);
    expect([read[3][6], read[3][13]]).toEqual([false, false]);
    read.splice(3, 1);
    expect(read.slice(2)).toEqual([[], -2, -21, ...odd.map(() => -22)]);
  });

  test("lines of a text that hold a word", () => {
    expect(run("lines")).toEqual([["a x", "b", "c yx", "\u00e4 x"], [], [], ["x"], ["\udce4 x"]]);
  });

  test("a table: columns as wide as their cells, on their side; what is not plain ASCII is left to others", () => {
    const rangeError = expect.stringContaining("RangeError");
    expect(run("tables")).toEqual({
      table: "a      b c\n1     22 x y\n     333 \n",
      numbers: "     n s\n    7% x\n     - y\n-1234% z\n",
      large: `${" ".repeat(302)}\n${BigInt(1e300)}k\n`,
      wide: null,
      heading: null,
      control: null,
      empty: "  a   b\n",
      uneven: rangeError,
      short: rangeError,
      none: rangeError,
      notNumbers: expect.stringContaining("TypeError"),
      noRoom: rangeError,
    });
  });

  test("files through the System: atomic write, links, directories, what is no regular file", () => {
    const dir = fs.mkdtempSync(path.join(scratch, "files-"));
    const found = run("files", [dir]);
    expect(found).toMatchObject({
      written: 0,
      text: "äb\n",
      bytes: "\u00c3\u00a4b\n",
      link: 0,
      target: "state",
      directory: 0,
      removed: [0, 0, -2],
      noDirectory: -2,
      directoryText: -21,
      device: -1001,
    });
    expect([...found.names].sort()).toEqual(["link", "state", "sub"]);
    expect(found.status.mode).toBe(0o100604);
    expect(fs.readdirSync(dir)).toEqual(["state"]);
  });

  test("sleep and signals: the program ends when nothing is left", () => {
    const { seconds, signals } = run("sleeps");
    expect(seconds).toBeGreaterThanOrEqual(0.1);
    expect(seconds).toBeLessThan(2);
    expect(signals).toBe(1);
  });
});

describe("sockets", () => {
  test("T44 TCP and unix: nothing to accept, partial send, full buffer, end, peer gone without SIGPIPE", () => {
    const common = { none: -11, full: -11, end: 0, outside: "RangeError", gone: -32 };
    const tcp = run("tcp", ["127.0.0.1"]);
    expect(tcp).toMatchObject(common);
    expect(tcp.sent).toBeGreaterThan(0);
    expect(tcp.sent).toBeLessThan(32 << 20);
    expect(tcp.received).toBe(tcp.sent);
    const file = path.join(scratch, "s");
    const local = run("unix", [file]);
    expect(local).toMatchObject(common);
    expect(local.received).toBe(local.sent);
    expect(local.credentials.slice(1)).toEqual([process.getuid?.(), process.getgid?.()]);
    expect(fs.statSync(file).mode & 0o777).toBe(0o660);
  });

  test("stale socket file, addresses that are none", () => {
    expect(run("stale", [path.join(scratch, "stale")])).toEqual({
      inUse: -98,
      refused: -111,
      removed: 0,
      second: true,
      long: -36,
      missing: -2,
      address: -22,
      port: -22,
    });
  });

  test("EMFILE on accept is an errno, and the client is still there", () => {
    const found = run("tooManyFiles", [], {}, ["sh", "-c", 'ulimit -n 40; exec "$@"', "sh"]);
    expect(found).toEqual({ connect: -24, full: -24, accepted: true });
  });

  test("a refused connection is told by socketError", () => {
    expect(run("refused", ["1"])).toEqual({ error: -111 });
  });
});

describe("programs", () => {
  test("T43 output, status, PATH, missing program, long output, no fd left open", () => {
    const cat = run("spawn", ["sh", "-c", "cat; echo error >&2; exit 3"]);
    expect(cat).toMatchObject({ status: 3 << 8, head: "to the child\n", err: 6 });
    expect(run("spawn", ["/no/such"]).child).toBe(-2);
    expect(run("spawn", ["no-such-program"]).child).toBe(-2);
    expect(run("spawn", ["/etc/passwd"]).child).toBe(-13);
    expect(run("spawn", ["sh", "-c", "head -c 10485760 /dev/zero"]).out).toBe(10_485_760);
    const leaked = run("spawn", ["sh", "-c", "ls /proc/self/fd | wc -l"], {}, [
      "sh",
      "-c",
      'exec "$@" 3>&- 4>&-',
      "sh",
    ]);
    expect(Number(leaked.head)).toBeLessThanOrEqual(5);
  });

  test("T43 a spawn takes no longer with a million fds allowed", () => {
    const before = [
      "sh",
      "-c",
      'ulimit -n 1000000 2>/dev/null || ulimit -n "$(ulimit -H -n)"; exec "$@"',
      "sh",
    ];
    expect(run("spawn", ["true"], {}, before).seconds).toBeLessThan(0.05);
  });

  test("T43 ignored signals and closed std fds do not reach the child", () => {
    const ignore = ["sh", "-c", 'trap "" PIPE INT; exec "$@"', "sh"];
    expect(run("spawn", ["grep", "SigIgn", "/proc/self/status"], {}, ignore).head).toMatch(/SigIgn:\s*0+$/m);
    const result = spawnSync("sh", ["-c", '"$0" spawn cat 2>&- <&-', program], {
      encoding: "utf8",
      timeout: 20_000,
    });
    expect(JSON.parse(result.stdout)).toMatchObject({ status: 0, head: "to the child\n" });
  });

  test("T43 a killed child, and streams to /dev/null", () => {
    expect(run("spawnKilled")).toEqual({ status: 9 });
    expect(run("spawnNull")).toEqual({ status: 0, fds: [-1, -1, -1] });
  });

  test("execReplace goes on after a failure, and hands over only what it is given", () => {
    const result = spawnSync(program, ["exec", "sh", "-c", "echo $ONLY $HOST_TEST $0", "name"], {
      encoding: "utf8",
      env: { ...process.env, HOST_TEST: "no" },
      timeout: 20_000,
    });
    expect(result.stdout).toBe('{"failed":-2}\nthis name\n');
  });

  test("readBelow follows no link, reads regular files only, and no more than it may", () => {
    const dir = fs.mkdtempSync(path.join(scratch, "below-"));
    fs.mkdirSync(`${dir}/a/b`, { recursive: true });
    const bytes = Buffer.from([0, 255, 10, 128]);
    fs.writeFileSync(`${dir}/a/b/file`, bytes);
    fs.writeFileSync(`${dir}/a/b/large`, "x".repeat(101));
    fs.writeFileSync(`${dir}/secret`, "secret");
    fs.symlinkSync(`${dir}/secret`, `${dir}/a/b/link`);
    fs.symlinkSync(`${dir}/a`, `${dir}/alias`);
    fs.symlinkSync("..", `${dir}/a/up`);
    execFileSync("mkfifo", [`${dir}/a/b/fifo`]);
    const [ENOENT, EINVAL, ENOTDIR, EFBIG, ELOOP] = [-2, -22, -20, -27, -40];
    for (const walk of ["walk", "openat2"]) {
      const read = (parts: string, ...names: string[]) =>
        run("readBelow", [dir, parts, "100", walk, ...names]);
      expect(read("a/b", "file", "large", "link", "fifo", "none", "..", "x/y")).toEqual({
        file: bytes.toString("latin1"),
        large: EFBIG,
        link: ELOOP,
        fifo: EINVAL,
        none: ENOENT,
        "..": EINVAL,
        "x/y": EINVAL,
      });
      const names = read("a/b", "")[""].split("\0").sort();
      expect(names).toEqual(["", ".", "..", "fifo", "file", "large", "link"]);
      // Which of the two depends on the call.
      for (const parts of ["alias/b", "a/up"]) expect([ENOTDIR, ELOOP]).toContain(read(parts, "file").file);
      expect(read("a/../a/b", "file")).toEqual({ file: EINVAL });
      expect(read("a/b/file", "")).toEqual({ "": ENOTDIR });
    }
  });

  test("a daemon: the caller comes back at once, its output is /dev/null", async () => {
    const file = path.join(scratch, "daemon");
    const result = spawnSync(program, ["daemonize", file], { timeout: 20_000 });
    expect(result.status).toBe(0);
    for (let i = 0; i < 100 && !fs.existsSync(file); i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const [code, pid, stdout] = JSON.parse(fs.readFileSync(file, "utf8"));
    expect([code, stdout]).toEqual([0, "/dev/null"]);
    expect(pid).not.toBe(result.pid);
  });
});

/** Runs the program on a pty: sends bytes ("+TERM": a signal), then tells output, wait status and whether termios are as before. */
const PTY_DRIVER = `
import os, pty, sys, termios, time, signal, select, json
program, steps = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    import fcntl
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2): os.dup2(slave, fd)
    # A parent in the same session keeps the group from being orphaned, so that SIGTSTP stops it.
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN); os.tcsetpgrp(0, os.getpid()); signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(program, [program, "raw"])
    log = []
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status): break
        log.append("restored" if termios.tcgetattr(slave) == before else "changed")
        os.kill(child, signal.SIGCONT)
    log.append("restored" if termios.tcgetattr(slave) == before else "changed")
    os.write(2, ("\\n@" + json.dumps([status, log]) + "@").encode())
    time.sleep(0.1)
    os._exit(0)
output = b""
def read_until(text, seconds=5):
    global output
    end = time.time() + seconds
    while text not in output and time.time() < end:
        if select.select([master], [], [], 0.05)[0]:
            output += os.read(master, 4096)
read_until(b"[raw]")
raw = termios.tcgetattr(slave) != before
for step in steps:
    if step == "?resumed": read_until(b"[resumed]")
    elif step == "?restored": read_until(b"[restored]")
    elif step.startswith("+"):
        target = os.tcgetpgrp(master)
        os.kill(target, getattr(signal, "SIG" + step[1:]))
    else: os.write(master, eval("b'" + step + "'"))
read_until(b"]]@")
result = json.loads(output.split(b"\\n@")[1].split(b"@")[0])
print(json.dumps({"raw": raw, "restored": output.count(b"[restored]"), "status": result[0], "log": result[1], "text": output.decode()}))
os.waitpid(pid, 0)
`;

describe.runIf(has("python3"))("T31 the terminal is as it was after", () => {
  const pty = (...steps: string[]) =>
    JSON.parse(
      execFileSync("python3", ["-c", PTY_DRIVER, program, ...steps], {
        encoding: "utf8",
        timeout: 20_000,
        // The sanitizer takes these signals for itself otherwise.
        env: { ...process.env, ASAN_OPTIONS: "handle_segv=0:handle_abort=0:handle_sigfpe=0" },
      }),
    );

  test.each([
    ["q", ["q"], 0],
    ["Ctrl-C", ["\\x03"], 130 << 8],
    ["an uncaught exception", ["x"], 1 << 8],
    ["SIGTERM", ["+TERM"], 15],
    ["SIGHUP", ["+HUP"], 1],
    ["SIGINT", ["+INT"], 2],
    ["SIGQUIT", ["+QUIT"], 3],
    ["SIGSEGV", ["+SEGV"], 11],
    ["SIGABRT", ["+ABRT"], 6],
  ])(
    "%s",
    (_, steps, status) => {
      const found = pty(...steps);
      expect(found).toMatchObject({ raw: true, restored: 1, log: ["restored"] });
      expect(found.status & ~0x80).toBe(status); // 0x80: a core was written
    },
    30_000,
  );

  test("suspend: restored while stopped, raw after SIGCONT, restored at the end", () => {
    const found = pty("\\x1a", "?resumed", "q");
    expect(found).toMatchObject({ raw: true, restored: 2, status: 0, log: ["restored", "restored"] });
  }, 30_000);

  test("raw mode off, then a deadly signal: restored once", () => {
    expect(pty("o", "?restored", "+TERM")).toMatchObject({ restored: 1, status: 15, log: ["restored"] });
  }, 30_000);
});
