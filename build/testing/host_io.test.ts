/** Sockets and other programs through the C host. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { areas } from "./areas.ts";

vi.setConfig({ testTimeout: 30_000 });

const { scratch, program, run } = areas();

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
    // The quickest of some: the others tell how busy the machine is.
    const seconds = Array.from({ length: 5 }, () => run("spawn", ["true"], {}, before).seconds as number);
    expect(Math.min(...seconds)).toBeLessThan(0.05);
  });

  test("T43 ignored signals and closed std fds do not reach the child", () => {
    const ignore = ["sh", "-c", 'trap "" PIPE INT; exec "$@"', "sh"];
    expect(run("spawn", ["grep", "SigIgn", "/proc/self/status"], {}, ignore).head).toMatch(/SigIgn:\s*0+$/m);
    const result = spawnSync("sh", ["-c", '"$0" spawn cat 2>&- <&-', program()], {
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
    const result = spawnSync(program(), ["exec", "sh", "-c", "echo $ONLY $HOST_TEST $0", "name"], {
      encoding: "utf8",
      env: { ...process.env, HOST_TEST: "no" },
      timeout: 20_000,
    });
    expect(result.stdout).toBe('{"failed":-2}\nthis name\n');
  });

  test("a daemon: the caller comes back at once, its output is /dev/null", async () => {
    const file = path.join(scratch, "daemon");
    const result = spawnSync(program(), ["daemonize", file], { timeout: 20_000 });
    expect(result.status).toBe(0);
    for (let i = 0; i < 100 && !fs.existsSync(file); i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const [code, pid, stdout] = JSON.parse(fs.readFileSync(file, "utf8"));
    expect([code, stdout]).toEqual([0, "/dev/null"]);
    expect(pid).not.toBe(result.pid);
  });
});
