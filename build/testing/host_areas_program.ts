/**
 * The program behind host_areas.test.ts: runs in the C host, one case per run. `program CASE ARGUMENTS...` prints one JSON
 * document; a case that hangs is ended by the test's time limit.
 */
import * as sys from "qjs:sys";
import { processNumber, scanProcesses } from "../../lib/procfs/process_scan.ts";
import { countThreads } from "../../lib/procfs/thread_count.ts";
import { addTimer, sleep, watchChild, watchFd, watchSignal } from "../../lib/system/quickjs/event_loop.ts";
import { quickjsHostAccess } from "../../lib/system/quickjs/quickjs_host_access.ts";
import { quickjsSystem } from "../../lib/system/quickjs/quickjs_system.ts";
import { rootedSystem } from "../../lib/system/rooted.ts";
import type { System } from "../../lib/system/system.ts";

const system = quickjsSystem();
const args = sys.argv.slice(2);

const cases: Record<string, () => void | Promise<void>> = {
  scan() {
    const [dir = "/proc"] = args;
    const options = { cmdlines: true, statm: true, owner: true };
    const fast = scanProcesses(system, dir, options);
    const slow = scanProcesses(withoutScanner(), dir, options);
    const first = plain(fast); // before its memory is used again
    const again = typeof fast === "number" ? fast : scanProcesses(system, dir, options, fast);
    print({ fast: first, slow: plain(slow), again: plain(again) });
  },
  scanOverflow() {
    const rows = new Float64Array(40).fill(-1);
    const comms: string[] = [];
    const count = sys.scanProcesses(args[0] ?? "/proc", rows.buffer, comms, null, false, false);
    print({ count, comms, pid: rows[0] });
  },
  threads() {
    const [dir = "/proc", skip = "0", pids] = args;
    const only = pids === undefined ? null : Float64Array.from(pids.split(","), Number);
    print({
      fast: countThreads(system, dir, Number(skip), only),
      slow: countThreads(withoutScanner(), dir, Number(skip), only),
    });
  },
  scanRooted() {
    const rooted = rootedSystem(system, args[0] ?? "/");
    print(plain(scanProcesses(rooted, "/proc", { cmdlines: true })));
  },
  mapKeys() {
    const table = scanProcesses(system, args[0] ?? "/proc");
    if (typeof table === "number") return print(table);
    const rows = Array.from(table.comms.keys());
    const byPid = new Map(rows.map((row) => [processNumber(table, row, "pid"), row]));
    print(args.slice(1).filter((pid) => byPid.has(Number(pid))).length);
  },
  numbers() {
    const bytes = Uint8Array.from("123456789", (char) => char.charCodeAt(0));
    print({
      affinity: system.affinity(),
      policy: system.schedulingPolicy(),
      pageSizeBytes: system.pageSizeBytes,
      clockTicksPerSecond: system.clockTicksPerSecond,
      pid: system.pid,
      uid: system.uid,
      names: system.names(),
      unknown: sys.sysconf("no such"),
      crc: sys.crc32(bytes.buffer, 0, 9, 0),
      crcParts: sys.crc32(bytes.buffer, 4, 5, sys.crc32(bytes.buffer, 0, 4, 0)),
      crcOutside: thrown(() => sys.crc32(bytes.buffer, 5, 5, 0)),
      noProcess: sys.kill(0x7fffffff, 0),
      env: system.env("HOST_TEST") ?? null,
      clocks: [system.monotonicSeconds(), system.boottimeSeconds(), system.realtimeSeconds()],
    });
  },
  time() {
    const local = system.localTime(Number(args[0]));
    const { year, month, day, hour, minute, second } = local;
    print({ local, back: sys.mktime(year, month, day, hour, minute, second) });
  },
  statvfs() {
    print(
      args.map((path) => {
        const numbers = new Float64Array(8);
        const into = sys.statvfsInto(path, numbers);
        return { direct: sys.statvfs(path), timed: sys.statvfsTimed(path, 5), into, numbers: [...numbers] };
      }),
    );
  },
  mounts() {
    const text = system.readText(args[0] ?? "");
    print({
      read: args.map((path) => sys.readMounts(path)),
      split: typeof text === "string" ? sys.splitMounts(text) : text,
    });
  },
  tables() {
    const numbers = new Float64Array([7, Number.NaN, -1234, 1e300]);
    print({
      table: sys.alignTable(
        ["a", "b", "c"],
        [
          ["1", ""],
          ["22", "333"],
          ["x y", ""],
        ],
        ["", "", ""],
        [4, 2, 0],
        0b101,
      ),
      numbers: sys.alignTable(["n", "s"], [numbers.subarray(0, 3), ["x", "y", "z"]], ["%", ""], [0, 0], 0),
      large: sys.alignTable([""], [numbers.subarray(3)], ["k"], [0], 0),
      wide: sys.alignTable(["a"], [["\u00e4"]], [""], [0], 0),
      heading: sys.alignTable(["\u00e4"], [["b"]], [""], [0], 0),
      control: sys.alignTable(["a"], [["b", "a\nb"]], [""], [0], 1),
      empty: sys.alignTable(["a", "b"], [[], new Float64Array(0)], ["", "%"], [3, 3], 0),
      uneven: thrown(() => sys.alignTable(["a", "b"], [["1", "2"], ["1"]], ["", ""], [1, 1], 0)),
      short: thrown(() => sys.alignTable(["a", "b"], [["1", "2"], new Float64Array(1)], ["", ""], [1, 1], 0)),
      none: thrown(() => sys.alignTable([], [], [], [], 0)),
      notNumbers: thrown(() => sys.alignTable(["a"], [new Uint8Array(1) as never], [""], [0], 0)),
      noRoom: thrown(() => sys.statvfsInto("/", new Float64Array(6))),
    });
  },
  lines() {
    const text = "a x\nb\n\nc yx\n\u00e4 x";
    print([
      sys.linesWith(text, ["x", "b"]),
      sys.linesWith(text, []),
      sys.linesWith("", ["x"]),
      sys.linesWith("\n\nx", ["x"]),
      sys.linesWith("\udce4 x", ["x"]),
    ]);
  },
  statvfsHang() {
    const started = system.monotonicSeconds();
    print({ result: sys.statvfsTimed(args[0] ?? "/", 0), seconds: system.monotonicSeconds() - started });
  },
  files() {
    const [dir = ""] = args;
    const path = `${dir}/state`;
    print({
      written: system.writeFileAtomic(path, "äb\n", 0o604),
      text: system.readText(path),
      bytes: system.readBytes(path),
      status: system.stat(path),
      link: system.symlink("state", `${dir}/link`),
      target: system.readLink(`${dir}/link`),
      directory: system.makeDirectory(`${dir}/sub`, 0o700),
      names: system.readDirectory(dir),
      removed: ["link", "sub", "missing"].map((name) => system.remove(`${dir}/${name}`)),
      noDirectory: system.writeFileAtomic(`${dir}/no/state`, "", 0o600),
      directoryText: system.readText(dir),
      device: system.readText("/dev/null"),
    });
  },
  spawn() {
    const limit = addTimer(system.monotonicSeconds() + 20, 0, () => sys.exit(99));
    const started = system.monotonicSeconds();
    const child = sys.spawn(args[0] ?? "", args, sys.environ(), true, true, true);
    const seconds = system.monotonicSeconds() - started;
    if (typeof child === "number") {
      print({ child, seconds });
      return sys.exit(0);
    }
    const [pid = -1, stdin = -1, stdout = -1, stderr = -1] = child;
    watchSignal(13, () => {}); // SIGPIPE, from a child that does not read
    sys.write(stdin, "to the child\n");
    sys.close(stdin);
    let open = 3;
    let status = -1;
    const texts = { out: 0, err: 0, head: "" };
    const end = (): void => {
      if (--open > 0) return;
      print({ seconds, status, ...texts, fds: system.readDirectory("/proc/self/fd") });
      sys.exit(0);
    };
    drain(
      stdout,
      (text) => {
        texts.out += text.length;
        texts.head = (texts.head + text).slice(0, 200);
      },
      end,
    );
    drain(
      stderr,
      (text) => {
        texts.err += text.length;
      },
      end,
    );
    watchChild(pid, (argument) => {
      status = argument;
      end();
    });
    void limit;
  },
  spawnNull() {
    const child = sys.spawn(
      "sh",
      ["sh", "-c", "cat; echo lost; readlink /proc/$$/fd/0 >&2"],
      sys.environ(),
      false,
      false,
      null,
    );
    if (typeof child === "number") return print({ child });
    watchChild(child[0] ?? -1, (status) => print({ status, fds: child.slice(1) }));
  },
  spawnKilled() {
    const child = sys.spawn("sleep", ["sleep", "100"], sys.environ(), false, false, false);
    if (typeof child === "number") return print({ child });
    watchChild(child[0] ?? -1, (status) => print({ status }));
    sys.kill(child[0] ?? -1, 9);
  },
  exec() {
    print({ failed: sys.execReplace("/no/such", ["x"], []) });
    sys.execReplace(args[0] ?? "", args, ["ONLY=this", "PATH=/usr/bin:/bin"]);
  },
  /** DIR PARTS MOST WALK NAME...: what each name gives, an errno or its bytes. */
  async readBelow() {
    const [base = "", parts = "", most = "0", walk = "", ...names] = args;
    const target = { base, startTicks: null, parts, walkOnly: walk === "walk" };
    const found: Record<string, number | string> = {};
    for (const name of names) {
      const bytes = await quickjsHostAccess().readBelow({ ...target, name }, Number(most), 5);
      found[name] = typeof bytes === "number" ? bytes : String.fromCharCode(...bytes);
    }
    print(found);
  },
  /** DIR TEXT WALK NAME PARTS...: what writing NAME below each gives. */
  async writeBelow() {
    const [base = "", text = "", walk = "", name = "", ...all] = args;
    const found: Record<string, number> = {};
    for (const parts of all) {
      const target = { base, startTicks: null, parts, name, walkOnly: walk === "walk", hostDevices: [] };
      found[parts] = await quickjsHostAccess().writeBelow(target, text, 5);
    }
    print(found);
  },
  /** PID TICKS PATH...: the text below that process's root. */
  async probeBelow() {
    const [pid = "", ticks = "", ...paths] = args;
    const questions = paths.map((path) => ({
      pid: Number(pid),
      startTicks: Number(ticks),
      path,
      wantsText: true,
    }));
    print(await quickjsHostAccess().probeBelow(questions, 5));
  },
  daemonize() {
    const result = sys.daemonize();
    system.writeFileAtomic(
      args[0] ?? "",
      JSON.stringify([result, sys.getpid(), system.readLink("/proc/self/fd/1")]),
      0o600,
    );
  },
  tcp() {
    serve(sys.listenTcp(args[0] ?? "127.0.0.1", 0, 16), (fd) =>
      sys.connectTcp(args[0] ?? "127.0.0.1", sys.localPort(fd)),
    );
  },
  unix() {
    const path = args[0] ?? "";
    serve(sys.listenUnix(path, 0o660, 16), () => sys.connectUnix(path));
  },
  stale() {
    const path = args[0] ?? "";
    const first = sys.listenUnix(path, 0o600, 1);
    const inUse = sys.listenUnix(path, 0o600, 1);
    sys.close(first);
    const refused = sys.connectUnix(path);
    const removed = system.remove(path);
    print({
      inUse,
      refused,
      removed,
      second: sys.listenUnix(path, 0o600, 1) > 2,
      long: sys.connectUnix(`/${"x".repeat(200)}`),
      missing: sys.connectUnix(`${path}.no`),
      address: sys.connectTcp("localhost", 1),
      port: sys.listenTcp("127.0.0.1", 70000, 1),
    });
  },
  tooManyFiles() {
    const fd = sys.listenTcp("127.0.0.1", 0, 16);
    const clients: number[] = [];
    for (let client = 0; client >= 0; ) {
      client = sys.connectTcp("127.0.0.1", sys.localPort(fd));
      clients.push(client);
    }
    const full = sys.accept(fd);
    sys.close(clients[0] ?? -1);
    print({ connect: clients[clients.length - 1], full, accepted: sys.accept(fd) > 2 });
    for (const client of clients.slice(1)) sys.close(client);
    sys.exit(0);
  },
  refused() {
    const fd = sys.connectTcp("127.0.0.1", Number(args[0]));
    watchFd(fd, 4, () => {
      print({ error: sys.socketError(fd) });
      watchFd(fd, 0, null);
    });
  },
  async sleeps() {
    const started = system.monotonicSeconds();
    await sleep(0.05);
    let signals = 0;
    watchSignal(10, () => signals++);
    sys.kill(sys.getpid(), 10);
    await system.sleep(0.05);
    watchSignal(10, null);
    print({ seconds: system.monotonicSeconds() - started, signals });
  },
  raw() {
    print({
      size: system.windowSize(0),
      terminal: system.isTerminal(0),
      raw: sys.setRaw(0, true, "[restored]"),
    });
    sys.write(1, "[raw]");
    watchFd(0, 1, () => {
      const bytes = new Uint8Array(16);
      const n = sys.read(0, bytes.buffer, 0, 16);
      for (const byte of bytes.subarray(0, Math.max(0, n))) {
        if (byte === 113) sys.exit(0); // q
        if (byte === 3) return sys.exit(130); // Ctrl-C
        if (byte === 26) {
          sys.suspend();
          sys.write(1, "[resumed]");
        }
        if (byte === 120) throw new Error("wanted"); // x
        if (byte === 111) sys.setRaw(0, false, ""); // o
      }
    });
  },
};

function withoutScanner(): System {
  const { scanProcesses: _scan, countThreads: _count, ...rest } = system;
  return rest;
}

/** Rows as nested lists; NaN as null, as JSON has it. */
function plain(table: ReturnType<typeof scanProcesses>) {
  if (typeof table === "number") return table;
  const { count, rows, comms, cmdlines } = table;
  return comms
    .map((comm, row) => [comm, cmdlines?.[row] ?? null, ...rows.subarray(row * 40, row * 40 + 40)])
    .slice(0, count);
}

/** A client and a server in one process: echo in large pieces, so that send is partial. */
function serve(fd: number, connect: (fd: number) => number): void {
  if (fd < 0) throw new Error(`listen: ${fd}`);
  const none = sys.accept(fd);
  const client = connect(fd);
  watchFd(fd, 1, () => {
    const server = sys.accept(fd);
    watchFd(fd, 0, null);
    const big = new ArrayBuffer(32 << 20);
    const outside = thrown(() => sys.send(server, big, 10, 32 << 20));
    // TCP hands on to the client's buffer while we send: what was full takes a little more.
    let sent = 0;
    let full = 0;
    for (; full >= 0; sent += Math.max(0, full)) full = sys.send(server, big, 0, big.byteLength);
    const credentials = sys.peerCredentials(server);
    sys.shutdownWrite(server);
    const piece = new ArrayBuffer(1 << 20);
    let received = 0;
    watchFd(client, 1, () => {
      const n = sys.read(client, piece, 0, piece.byteLength);
      if (n > 0) {
        received += n;
        return;
      }
      watchFd(client, 0, null);
      sys.close(client);
      const gone = sys.send(server, big, 0, 1);
      sys.close(server);
      print({ none, sent, full, received, end: n, outside, credentials, gone });
    });
  });
}

function drain(fd: number, take: (text: string) => void, end: () => void): void {
  const buffer = new Uint8Array(65536);
  watchFd(fd, 1, () => {
    const n = sys.read(fd, buffer.buffer, 0, buffer.length);
    if (n > 0) {
      take(String.fromCharCode.apply(null, Array.from(buffer.subarray(0, n))));
      return;
    }
    watchFd(fd, 0, null);
    sys.close(fd);
    end();
  });
}

function thrown(call: () => unknown): string {
  try {
    return `returned ${call()}`;
  } catch (error) {
    return (error as Error).name;
  }
}

function print(value: unknown): void {
  sys.write(1, `${JSON.stringify(value)}\n`);
}

const chosen = cases[sys.argv[1] ?? ""];
if (chosen === undefined) throw new Error(`no case ${sys.argv[1]}`);
void chosen();
