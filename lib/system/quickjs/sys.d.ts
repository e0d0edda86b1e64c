/**
 * What the C host (build/quickjs/) gives to JavaScript. No policy, no text for people: a function converts its
 * arguments, makes the call, and returns a value or a negative errno. build/quickjs/host.h lists which file
 * implements which group.
 */
declare module "qjs:sys" {
  // --- host_main.c: start and end -----------------------------------------------------------------------
  /** argv, [0] as typed. */
  export const argv: readonly string[];
  /** "NAME=value" strings. */
  export function environ(): string[];
  /** Flushes nothing (all output is unbuffered), runs atexit handlers (terminal), ends the process. */
  export function exit(code: number): never;
  /** Frees cycles now; everything else is freed as it is let go. */
  export function collectGarbage(): void;

  // --- host_file.c ----------------------------------------------------------------------------------------
  /**
   * Opens (O_NONBLOCK, O_CLOEXEC, O_NOCTTY), refuses what is no regular file (-1001; a directory: -21), reads
   * until 0 bytes, an error, or more than `maxBytes` (-27, EFBIG). `encoding` 0: UTF-8, U+FFFD for what is none; 1: one char per
   * byte; 2: UTF-8, what is none survives as in paths.
   */
  export function readFile(path: string, maxBytes: number, encoding: 0 | 1 | 2): string | number;
  export function readDirectory(path: string): string[] | number;
  export function readLink(path: string): string | number;
  /** [dev, ino, mode, uid, gid, size, mtimeSeconds, rdevMajor, rdevMinor, devMajor, devMinor]. */
  export function stat(path: string, followLinks: boolean): number[] | number;
  export function rename(from: string, to: string): number;
  export function unlink(path: string): number;
  export function mkdir(path: string, mode: number): number;
  export function rmdir(path: string): number;
  export function symlink(target: string, path: string): number;
  export function chmod(path: string, mode: number): number;
  export function umask(mode: number): number;

  // --- host_fd.c ----------------------------------------------------------------------------------------
  /** open(2) with O_CLOEXEC added. Returns the fd. */
  export function open(path: string, flags: number, mode: number): number;
  export function close(fd: number): number;
  /** All bytes, over short writes and EINTR; on EAGAIN waits with poll(2). 0 or errno. */
  export function write(fd: number, text: string): number;
  export function writeBytes(fd: number, bytes: ArrayBuffer, offset: number, length: number): number;
  /** Bytes read into buffer, or errno. One read(2). */
  export function read(fd: number, buffer: ArrayBuffer, offset: number, length: number): number;
  export function fsync(fd: number): number;
  /** sync(2). */
  export function syncAll(): void;
  export function ftruncate(fd: number, length: number): number;
  /** flock(2) operation bits: 1 shared, 2 exclusive, 4 non-blocking, 8 unlock. */
  export function flock(fd: number, operation: number): number;

  // --- host_statvfs.c -----------------------------------------------------------------------------------
  /** [bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax]; bavail is signed. */
  export function statvfs(path: string): number[] | number;
  /**
   * statvfs(3): bsize, frsize, blocks, bfree, bavail (signed), files, ffree into `numbers`, a count of all ones as NaN.
   * 0 or errno.
   */
  export function statvfsInto(path: string, numbers: Float64Array): number;
  /**
   * statvfs in a forked child, asked for at most `timeoutSeconds`; the child is killed then (-110, ETIMEDOUT): a dead NFS or
   * FUSE server must not hang the caller.
   */
  export function statvfsTimed(path: string, timeoutSeconds: number): number[] | number;

  // --- host_process_scan.c --------------------------------------------------------------------------------
  /**
   * One pass over the numeric names in `dir` ("/proc", or "/proc/PID/task"). Row i of `rows` (stride SCAN_STRIDE
   * doubles) holds the numbers of stat, comm goes to comms[i]; with `cmdlines` (else null) cmdline goes there, NUL as
   * in the file; with `wantStatm` the 3 numbers of statm; with `wantOwner` uid and gid of the directory.
   * Processes that vanish meanwhile are left out; without fds or memory to read one the errno is returned.
   * Returns the number of processes found; when that is more than the rows hold, nothing past the end was stored: double the buffer and scan again.
   */
  export function scanProcesses(
    dir: string,
    rows: ArrayBuffer,
    comms: string[],
    cmdlines: string[] | null,
    wantStatm: boolean,
    wantOwner: boolean,
  ): number;
  /**
   * Counts thread states in one pass: for each numeric PID below `dir` ("/proc") except `skipPid`, for each TID in
   * PID/task, the state letter after the last ')' of stat. Returns [threads, runnable R, uninterruptible D, lastPid seen,
   * processes], or errno of opening `dir`. With `pids` (else null) only those processes.
   */
  export function countThreads(dir: string, skipPid: number, pids: Float64Array | null): number[] | number;

  // --- host_mounts.c --------------------------------------------------------------------------------------
  /**
   * A mountinfo file: source, type, target, root, major, minor, covered of each mount, one after the other. Names are unescaped;
   * bytes that are no UTF-8 survive as in all paths. covered: a later mount lies on the target or on a directory above it.
   */
  export function readMounts(path: string): (string | number | boolean)[] | number;
  /** Lines of the text that hold one of the words, of which there are at most 8. */
  export function linesWith(text: string, words: readonly string[]): string[];
  /** The same as readMounts() from the file's text. */
  export function splitMounts(text: string): (string | number | boolean)[] | number;
  // --- host_table.c -------------------------------------------------------------------------------------
  /**
   * Lines of cells, a blank between two, padded to their column's width (at least `widths`), on the right where the bit
   * of the column is set in `left`; the last column has no blanks behind. A number is written as a whole number with its column's
   * suffix, NaN as "-". null where a cell is not ASCII or holds a control character.
   */
  export function alignTable(
    headings: readonly string[],
    columns: readonly (readonly string[] | Float64Array)[],
    suffixes: readonly string[],
    widths: readonly number[],
    left: number,
  ): string | null;

  // --- host_system.c --------------------------------------------------------------------------------------
  /** One variable of the environment, bytes that are no UTF-8 as in paths; null: not set. */
  export function getenv(name: string): string | null;
  /** 0 CLOCK_REALTIME, 1 CLOCK_MONOTONIC, 7 CLOCK_BOOTTIME, 2 CLOCK_PROCESS_CPUTIME_ID; seconds. */
  export function clock(id: number): number;
  /** [year, month 1-12, day, hour, minute, second, offsetSeconds, zone]. */
  export function localTime(
    seconds: number,
  ): [number, number, number, number, number, number, number, string];
  /** Seconds since the epoch of a local time (mktime(3) with tm_isdst -1), or NaN. */
  export function mktime(
    year: number,
    month: number,
    day: number,
    hour: number,
    minute: number,
    second: number,
  ): number;
  /** "pagesize" | "clk_tck". */
  export function sysconf(name: string): number;
  export function affinity(): number[] | number;
  export function schedulingPolicy(): number;
  export function getpid(): number;
  export function getuid(): number;
  /** [sysname, nodename, release, version, machine]. */
  export function uname(): string[];
  export function kill(pid: number, signal: number): number;
  /** setpriority(PRIO_PROCESS). */
  export function setpriority(pid: number, nice: number): number;
  /** CRC-32 (IEEE 802.3) of the bytes, as zlib's crc32(seed, ...). */
  export function crc32(bytes: ArrayBuffer, offset: number, length: number, seed: number): number;

  // --- host_loop.c: the event loop ------------------------------------------------------------------------
  /**
   * Registers the one function that the loop calls: (kind, id, argument). kind 0 timer (argument: how many
   * intervals were missed), 1 fd ready (argument: poll revents), 2 signal (id: number), 3 child ended (id: pid,
   * argument: wait status). C holds only numbers; callbacks live in a Map in JavaScript.
   */
  export function setDispatcher(dispatch: (kind: number, id: number, argument: number) => void): void;
  /** events: poll(2) bits (1 POLLIN, 4 POLLOUT); 0 removes. */
  export function watchFd(fd: number, events: number): number;
  /** Starts (or stops) delivery of a signal to the dispatcher. */
  export function watchSignal(signal: number, on: boolean): number;

  // --- host_timer.c -------------------------------------------------------------------------------------
  /** Due at monotonic `seconds`; with intervalSeconds > 0 repeats on ideal ticks. Returns the timer's id; throws without memory. */
  export function addTimer(seconds: number, intervalSeconds: number): number;
  export function removeTimer(id: number): void;

  // --- host_terminal.c ------------------------------------------------------------------------------------
  export function isatty(fd: number): boolean;
  /** [columns, rows] or errno. */
  export function windowSize(fd: number): [number, number] | number;
  /**
   * on: saves termios once, sets raw mode (ISIG off), and remembers `restoreText` to be written to fd at exit and on deadly
   * signals together with the termios. off: restores.
   */
  export function setRaw(fd: number, on: boolean, restoreText: string): number;
  /** Restores the terminal, stops the process (SIGTSTP's default action); returns after SIGCONT with raw mode set again. */
  export function suspend(): number;

  // --- host_socket.c --------------------------------------------------------------------------------------
  /** Non-blocking, CLOEXEC. Address numeric only. Returns the fd or errno. */
  export function listenTcp(address: string, port: number, backlog: number): number;
  export function listenUnix(path: string, mode: number, backlog: number): number;
  export function connectTcp(address: string, port: number): number;
  export function connectUnix(path: string): number;
  export function accept(fd: number): number;
  /** MSG_NOSIGNAL; bytes sent (may be fewer) or errno. */
  export function send(fd: number, bytes: ArrayBuffer, offset: number, length: number): number;
  /** SO_ERROR after a non-blocking connect. */
  export function socketError(fd: number): number;
  export function shutdownWrite(fd: number): number;
  /** [pid, uid, gid] of the peer of a unix socket. */
  export function peerCredentials(fd: number): number[] | number;
  export function localPort(fd: number): number;

  // --- host_spawn.c ---------------------------------------------------------------------------------------
  /**
   * fork + exec with reset signals; fds 0, 1, 2 become pipes (true) or /dev/null (false) or are inherited (null).
   * Returns [pid, stdinFd, stdoutFd, stderrFd] (-1 where there is no pipe), or the errno of exec. The end is reported
   * to the dispatcher as kind 3.
   */
  export function spawn(
    path: string,
    args: string[],
    environment: string[],
    stdin: boolean | null,
    stdout: boolean | null,
    stderr: boolean | null,
  ): number[] | number;
  /**
   * Replaces this process. Returns only an errno. With `keepSignals` as execvp(3): ignored signals and the mask are handed on, and
   * a text that is no program (ENOEXEC) is given to /bin/sh; else all signals are as by default.
   */
  export function execReplace(
    path: string,
    args: string[],
    environment: string[],
    keepSignals?: boolean,
  ): number;
  /** fork, setsid, fork; the parents exit 0; std fds to /dev/null. Returns 0 in the daemon. */
  export function daemonize(): number;
  // --- host_below.c ---------------------------------------------------------------------------------------
  /**
   * A child that writes `text` to PARTS/NAME below `base` (temporary file, rename), making the parts; no link is followed and no
   * mount entered but a tmpfs that is not in `devices` (" 8:1 0:23 ", the host's own). `base` is "/proc/PID" with the process's
   * `startTicks` (its root is meant, ESRCH when it is another process by now), or a trusted directory with -1. Returns the child's
   * pid; its end is reported as kind 3 with the errno as exit status.
   */
  export function writeBelow(
    base: string,
    startTicks: number,
    devices: string,
    parts: string,
    name: string,
    text: string,
    walkOnly: boolean,
  ): number;
  /**
   * A child that sends PARTS/NAME below `base` (as above), or with name "" the names in PARTS, each with a NUL behind it. No link is
   * followed, nothing but a regular file is read, and no more than `most` bytes (EFBIG). Mounts are entered. Returns [pid, fd] of a
   * pipe; the child's end is reported as kind 3 with the errno as exit status.
   */
  export function readBelow(
    base: string,
    startTicks: number,
    parts: string,
    name: string,
    most: number,
    walkOnly: boolean,
  ): number[] | number;

  // --- host_probe.c ---------------------------------------------------------------------------------------
  /**
   * A child that looks below the roots of processes: "PID STARTTICKS KIND PATH\0" for each question, kind "s" for the file system that
   * PATH (relative, "" the root) lies in, "t" for that and the text of a regular file (1024 bytes at most). No link is followed. Gives
   * [pid, fd]; from fd comes one answer for each question, in order: a line of numbers "errno mode devMajor devMinor mtime fsType bsize
   * frsize blocks bfree bavail files ffree length" and `length` bytes. The child's end is reported as kind 3.
   */
  export function probeBelow(questions: string): readonly [pid: number, fd: number] | number;
}
