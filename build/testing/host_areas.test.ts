/**
 * The areas of the C host, through a real program (host_areas_program.ts): /proc, numbers of the machine, files. Names T31 ... T44, here
 * and in host_io.test.ts and host_terminal.test.ts, are those of the list of tests that the host must pass.
 */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { scanProcesses } from "../../lib/procfs/process_scan.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";
import { areas, has } from "./areas.ts";

vi.setConfig({ testTimeout: 30_000 });

const { scratch, run } = areas();

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
