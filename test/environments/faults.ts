/**
 * Every system call of a run failing in turn: strace(1) counts the calls of a run, then lets the Nth call of a name fail with an
 * errno, run after run. The program is the shipped one; it runs in a chroot of a container's captured files, so that what it
 * prints is known to the byte and a wrong number can be told from an unknown one.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { captureDirectory } from "../fixtures/captures.ts";
import { binaryPath } from "../golden/run.ts";
import { oddExec } from "./odd_exec.ts";

export interface Fault {
  readonly call: string;
  readonly errno: string;
  /** "7": the seventh call; "7+": from then on all. */
  readonly when: string;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly hangs: boolean;
  readonly trace: string;
}

export interface Program {
  readonly fixture: string;
  readonly args: readonly string[];
  /** The output changes from run to run (clock, intervals): only its shape is looked at. */
  readonly moving?: boolean;
  /** What stands in the output whatever moves: its first group is the same in every run, or "-". */
  readonly steady?: RegExp;
  /** A run waits for an interval. */
  readonly slow?: boolean;
}

/** Nothing here takes longer than a second on an idle machine. */
const HANGS_MS = 20_000;

/**
 * What each call may fail with. [] : cannot fail (exit_group), is the C library's own start and ends the process by its design
 * (arch_prctl), or is the launcher's.
 */
const ERRNOS: Readonly<Record<string, readonly string[]>> = {
  accept4: ["EMFILE", "EINTR"],
  arch_prctl: [],
  bind: ["EADDRINUSE"],
  brk: ["ENOMEM"],
  chdir: [],
  chmod: ["EPERM"],
  chroot: [],
  clone: ["EAGAIN", "ENOMEM"],
  close: ["EIO", "EINTR"],
  connect: ["ECONNREFUSED", "EINTR"],
  dup2: ["EBADF"],
  execve: [],
  exit_group: [],
  fchmod: ["EPERM"],
  fcntl: ["EINVAL"],
  flock: ["EINTR", "ENOLCK"],
  fstat: ["EIO", "ENOMEM"],
  fsync: ["EIO", "ENOSPC"],
  ftruncate: ["EIO"],
  getdents64: ["EIO", "ENOMEM"],
  getpid: [],
  gettid: [],
  getuid: [],
  ioctl: ["ENOTTY"],
  kill: ["EPERM"],
  listen: ["EADDRINUSE"],
  lseek: ["EIO"],
  lstat: ["EIO", "ENOMEM"],
  madvise: ["EINVAL"],
  mkdir: ["EIO", "ENOSPC"],
  mmap: ["ENOMEM"],
  mremap: ["ENOMEM"],
  munmap: ["ENOMEM"],
  newfstatat: ["EIO", "ENOMEM"],
  open: ["EMFILE", "EIO", "EINTR"],
  openat: ["EMFILE", "EIO", "EINTR"],
  pipe2: ["EMFILE"],
  poll: ["ENOMEM", "EINTR"],
  ppoll: ["ENOMEM", "EINTR"],
  prlimit64: ["EPERM"],
  read: ["EIO", "ENOMEM", "EINTR"],
  readlink: ["EIO", "ENOMEM"],
  rename: ["EIO", "ENOSPC"],
  rt_sigaction: ["EINVAL"],
  rt_sigprocmask: ["EINVAL"],
  sched_getaffinity: ["ENOSYS"],
  sched_getscheduler: ["ENOSYS"],
  set_tid_address: [],
  socket: ["EMFILE", "EAFNOSUPPORT"],
  stat: ["EIO", "ENOMEM"],
  statfs: ["EIO", "EINTR"],
  symlink: ["EIO"],
  umask: [],
  uname: ["EFAULT"],
  unlink: ["EIO"],
  vfork: ["EAGAIN"],
  wait4: ["ECHILD"],
  write: ["ENOSPC", "EIO", "EINTR"],
};

/** A root directory with the files of a capture's first step, the executable at /procg. */
export function faultRoot(folder: string, fixture: string): string {
  const root = join(folder, fixture);
  cpSync(join(captureDirectory(fixture), "t0"), root, { recursive: true, verbatimSymlinks: true });
  cpSync(binaryPath(), join(root, "procg"));
  mkdirSync(join(root, "tmp"), { recursive: true });
  return root;
}

let runs = 0;

export function runWithFault(root: string, args: readonly string[], fault: Fault | null): Promise<Outcome> {
  // What a run before left there would change this one's calls.
  for (const left of ["tmp", "run/procg"]) rmSync(join(root, left), { recursive: true, force: true });
  mkdirSync(join(root, "tmp"));
  const log = `${root}.strace.${process.pid}.${++runs}`;
  const inject =
    fault === null
      ? []
      : ["-e", `trace=${fault.call}`, "-e", `inject=${fault.call}:error=${fault.errno}:when=${fault.when}`];
  const words = ["-f", "-qq", "-o", log, ...inject, oddExec(), "--chroot", root, "/procg", ...args];
  return new Promise((resolve, reject) => {
    // A group of its own: strace and what it traces are ended together.
    const child = spawn("strace", words, {
      env: { TZ: "UTC", PATH: "/usr/bin:/bin" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let [stdout, stderr, hangs] = ["", "", false];
    child.stdout.on("data", (bytes) => (stdout += bytes));
    child.stderr.on("data", (bytes) => (stderr += bytes));
    const timer = setTimeout(() => {
      hangs = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, HANGS_MS);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const trace = readFileSync(log, "utf8");
      rmSync(log);
      resolve({ code, signal, stdout, stderr, hangs, trace });
    });
  });
}

/** Every fault that may be put into a run with this trace. Throws where it has a call that ERRNOS does not name. */
export function faultsOf(trace: string): Fault[] {
  const counts = new Map<string, { first: number; last: number }>();
  let launched = 0;
  for (const line of trace.split("\n")) {
    const call = /^\d+ +([a-z_0-9]+)\(/.exec(line)?.[1];
    if (call === undefined) continue;
    if (call === "execve") launched++;
    const count = counts.get(call) ?? { first: 1, last: 0 };
    count.last++;
    if (launched < 2) count.first = count.last + 1;
    counts.set(call, count);
  }
  const faults: Fault[] = [];
  for (const [call, { first, last }] of counts) {
    const errnos = ERRNOS[call];
    if (errnos === undefined) throw new Error(`what may ${call}(2) fail with? (ERRNOS)`);
    for (const errno of errnos) {
      for (let n = first; n <= last; n++) faults.push({ call, errno, when: String(n) });
      // stderr too would fail, and a call that is interrupted for ever is rightly repeated for ever.
      if (first <= last && call !== "write" && errno !== "EINTR")
        faults.push({ call, errno, when: `${first}+` });
    }
  }
  return faults;
}

/** Numbers with `,`-less digits, so that a table's row can be compared field by field. */
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Everything below a JSON value, by path. */
function leaves(value: unknown, path = "", into = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value !== "object" || value === null) into.set(path, value);
  else for (const [key, inner] of Object.entries(value)) leaves(inner, `${path}.${key}`, into);
  return into;
}

/** Keys of JSON documents that say that another number is not the whole truth. */
const SAYS_SO = /(?:Complete|Source|source|BoundBy)$|^\.errors\./;

/**
 * Null where a document with other numbers than `before` says so itself: something became null, or is flagged. Else the first
 * number that changed in silence.
 */
function silentChange(before: string, after: string): string | null {
  const [old, now] = [leaves(JSON.parse(before)), leaves(JSON.parse(after))];
  let changed: string | null = null;
  for (const [path, value] of now) {
    if (old.get(path) === value) continue;
    if (value === null || SAYS_SO.test(path)) return null;
    changed ??= `${path}: ${old.get(path)} became ${value}`;
  }
  for (const [path, value] of old) {
    if (now.has(path)) continue;
    if (now.get(path.slice(0, path.lastIndexOf("."))) === null) return null;
    changed ??= `${path}: ${value} is gone`;
  }
  return changed;
}

/** Exit codes of failure where they are not 1 alone: env(1)'s, sysstat's, those of Nagios, and that of why, whose 1 is a finding. */
const FAILED: Readonly<Record<string, readonly number[]>> = {
  exec: [1, 125],
  iostat: [1, 6],
  tsar: [1, 3],
  why: [2],
};
/** Reports that go on without what is not known, and say so: their exit code is about what they found. */
const REPORTS: Readonly<Record<string, RegExp>> = {
  "host check": /^unknown /m,
  why: /^unknown: cannot tell: /,
};

/** What is wrong with `after`, a run of `program` with `fault`; `before` without it. Empty: nothing. */
export function judge(program: Program, before: Outcome, fault: Fault, after: Outcome): string[] {
  const wrong: string[] = [];
  const name = program.args[0] ?? "";
  if (after.hangs) return ["hangs"];
  if (after.signal !== null || after.code === null || after.code > 128)
    wrong.push(`ended by ${after.signal ?? after.code}`);
  if (/internal error|^ +at |undefined|NaN/m.test(after.stderr)) wrong.push("an internal error");
  const stderrFails = fault.call === "write" && before.stdout === "";
  if (after.code === 0 && after.stdout === "" && before.stdout !== "") wrong.push("success without a word");
  if (after.code !== 0 && after.stderr === "" && after.stdout === "" && !stderrFails)
    wrong.push("failed without a word");
  if (after.code !== before.code && after.code !== 0) {
    // The engine's own end, before any tool has a say.
    const isEngine = after.stdout === "" && /^procg: .*out of memory\n$/.test(after.stderr);
    if (!isEngine && !(FAILED[name] ?? [1]).includes(after.code ?? 0)) wrong.push(`exit code ${after.code}`);
    const report = REPORTS[name === "host" ? `host ${program.args[1]}` : name];
    if (report?.test(after.stdout) === true) return wrong;
    const perMount = name === "df" && fault.call === "statfs";
    if (!stderrFails && !perMount && !/^[^\n]+\n$/.test(after.stderr)) wrong.push("not one line of error");
    return wrong;
  }
  if (before.code !== 0 && after.code === 0) wrong.push("succeeds where it fails without a fault");
  // Interrupted calls are repeated, and freeing or asking for attributes changes no number.
  const same = program.moving !== true && after.stdout === before.stdout;
  const harmless = fault.errno === "EINTR" || ["munmap", "madvise", "close"].includes(fault.call);
  if (program.moving !== true && harmless && !same) wrong.push("other output");
  const [was, is] = [before, after].map(({ stdout }) => program.steady?.exec(stdout)?.[1]);
  if (is !== was && is !== "-") wrong.push(`${was} became ${is}`);
  if (program.moving === true || same || after.stderr !== before.stderr) return wrong;
  if (before.stdout.startsWith("{")) {
    const silent = silentChange(before.stdout, after.stdout);
    if (silent !== null) wrong.push(silent);
  } else {
    const dashes = (text: string) => words(text).filter((word) => /^-[,%]?$/.test(word)).length;
    if (dashes(after.stdout) <= dashes(before.stdout)) wrong.push("other numbers, and not a word of it");
  }
  return wrong;
}
