/** ServiceHost on the C host. Loaded only by programs that stay. */
import * as sys from "qjs:sys";
import type { ServiceHost } from "../service_host.ts";
import type { Errno } from "../system.ts";
import { addTimer, removeTimer, watchFd, watchSignal } from "./event_loop.ts";
import { changedEnvironment } from "./quickjs_system.ts";

export function quickjsServiceHost(): ServiceHost {
  return {
    addTimer: (atSeconds, intervalSeconds, callback) => addTimer(atSeconds, intervalSeconds, callback),
    removeTimer,
    watchSignal: (signal, callback) => watchSignal(signal, callback),
    watch: (fd, events, callback) => watchFd(fd, events, callback),

    listenTcp: (address, port, backlog) => sys.listenTcp(address, port, backlog),
    listenUnix: (path, mode, backlog) => sys.listenUnix(path, mode, backlog),
    connectUnix: (path) => sys.connectUnix(path),
    accept: (fd) => sys.accept(fd),
    read: (fd, buffer, offset, length) => sys.read(fd, buffer, offset, length),
    send: (fd, buffer, offset, length) => sys.send(fd, buffer, offset, length),
    socketError: (fd) => sys.socketError(fd),
    shutdownWrite: (fd) => sys.shutdownWrite(fd),
    close: (fd) => sys.close(fd),
    localPort: (fd) => sys.localPort(fd),

    replaceFile,
    lockDirectory,
    openLog: (path, mode) => sys.open(path, O_WRONLY | O_CREAT | O_APPEND, mode),
    daemonize: () => sys.daemonize(),
    collectGarbage: () => sys.collectGarbage(),
    restart,
  };
}

// The same on x86-64 and arm64.
const O_WRONLY = 1;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_APPEND = 0o2000;
const LOCK_EXCLUSIVE_NOW = 2 | 4;
const EEXIST = -17;

function replaceFile(path: string, text: string, mode: number): Errno {
  const temporary = `${path}.tmp.${sys.getpid()}`;
  let fd = sys.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (fd === EEXIST) {
    sys.unlink(temporary); // of a process that died; its pid is ours now
    fd = sys.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
  }
  if (fd < 0) return fd;
  let result = sys.write(fd, text);
  const closed = sys.close(fd);
  if (result >= 0) result = closed;
  if (result >= 0) result = sys.chmod(temporary, mode); // umask
  if (result >= 0) result = sys.rename(temporary, path);
  if (result < 0) sys.unlink(temporary);
  return Math.min(result, 0);
}

/** The fd stays open: the kernel gives the lock up when the process ends, however it does. */
function lockDirectory(path: string): Errno {
  const fd = sys.open(path, 0, 0);
  if (fd < 0) return fd;
  const locked = sys.flock(fd, LOCK_EXCLUSIVE_NOW);
  if (locked < 0) sys.close(fd);
  return Math.min(locked, 0);
}

/** By the name that it was started with, where that leads to this program, so that it keeps its name in process lists. */
function restart(
  argv: readonly string[],
  environment: readonly (readonly [name: string, value: string])[],
): Errno {
  const entries = changedEnvironment(sys.environ(), environment);
  const self = fileOf(SELF);
  const target = sys.readLink(SELF);
  for (const path of [argv[0] ?? "", typeof target === "string" ? target : "", SELF]) {
    if (path.includes("/") && self !== null && fileOf(path) === self)
      return sys.execReplace(path, [...argv], entries);
  }
  return ENOENT;
}

const SELF = "/proc/self/exe";
const ENOENT = -2;

/** Device and inode; null where there is no such file. */
function fileOf(path: string): string | null {
  const status = sys.stat(path, true);
  return typeof status === "number" ? null : `${status[0]}:${status[1]}`;
}
