/** FileHost on the C host. Loaded only by programs that keep a store. */
import * as sys from "qjs:sys";
import type { FileHost } from "../file_host.ts";
import { addTimer, removeTimer, watchChild } from "./event_loop.ts";
import { changedEnvironment } from "./quickjs_system.ts";

// The same on x86-64 and arm64.
const FLAGS = { read: 0, append: 1 | 0o100 | 0o2000, create: 1 | 0o100 | 0o1000 };
const LOCK_EXCLUSIVE_NOW = 2 | 4;
const CLOCK_MONOTONIC = 1;
const SIGKILL = 9;

export function quickjsFileHost(): FileHost {
  return {
    open: (path, how, mode) => sys.open(path, FLAGS[how], mode),
    close: (fd) => sys.close(fd),
    read: (fd, buffer, offset, length) => sys.read(fd, buffer, offset, length),
    write: (fd, buffer, offset, length) => Math.min(sys.writeBytes(fd, buffer, offset, length), 0),
    fsync: (fd) => sys.fsync(fd),
    truncate: (fd, length) => sys.ftruncate(fd, length),
    rename: (from, to) => sys.rename(from, to),
    lock: (fd) => sys.flock(fd, LOCK_EXCLUSIVE_NOW),
    crc32: (buffer, offset, length, seed) => sys.crc32(buffer, offset, length, seed),
    realtimeSeconds: (year, month, day, hour, minute) => sys.mktime(year, month, day, hour, minute, 0),
    runProgram(path, args, environment, deadlineSeconds) {
      const entries = changedEnvironment(sys.environ(), environment);
      const child = sys.spawn(path, [path, ...args], entries, false, null, null);
      if (typeof child === "number") return Promise.resolve(child);
      const pid = child[0] ?? -1;
      return new Promise((resolve) => {
        const deadline = addTimer(sys.clock(CLOCK_MONOTONIC) + deadlineSeconds, 0, () => {
          sys.kill(pid, SIGKILL);
        });
        watchChild(pid, (status) => {
          removeTimer(deadline);
          const signal = status & 0x7f;
          resolve(signal === 0 ? (status >> 8) & 0xff : 128 + signal);
        });
      });
    },
  };
}
