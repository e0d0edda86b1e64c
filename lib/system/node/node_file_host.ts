/** FileHost on Node, for tests. Locks hold among the hosts of one process only; programs are not run. */
import * as fs from "node:fs";
import { crc32 } from "node:zlib";
import { errnoOf } from "../errno.ts";
import type { FileHost } from "../file_host.ts";
import type { Errno } from "../system.ts";

const FLAGS = { read: "r", append: "a", create: "w" };
const EAGAIN = -11;
const EIO = -5;
const ENOSYS = -38;
const locked = new Set<string>();

export interface NodeFileHost extends FileHost {
  /** Gives the locks up, as the end of the process would. */
  end(): void;
  /** What write() returns from now on, instead of writing more than `bytes`. */
  fail(after: { readonly bytes: number; readonly errno: Errno } | null): void;
}

export function nodeFileHost(): NodeFileHost {
  const paths = new Map<number, string>();
  const own = new Set<string>();
  let failure: { readonly bytes: number; readonly errno: Errno } | null = null;
  return {
    open: (path, how, mode) =>
      attempt(() => {
        const fd = fs.openSync(path, FLAGS[how], mode);
        paths.set(fd, path);
        return fd;
      }),
    close: (fd) => attempt(() => done(fs.closeSync(fd))),
    read: (fd, buffer, offset, length) =>
      attempt(() => fs.readSync(fd, new Uint8Array(buffer), offset, length, null)),
    write(fd, buffer, offset, length) {
      const most = failure === null ? length : Math.min(length, failure.bytes);
      const result = attempt(() => {
        for (let put = 0; put < most; ) {
          put += fs.writeSync(fd, new Uint8Array(buffer), offset + put, most - put);
        }
        return 0;
      });
      return failure !== null && result === 0 ? failure.errno : result;
    },
    fsync: (fd) => attempt(() => done(fs.fsyncSync(fd))),
    truncate: (fd, length) => attempt(() => done(fs.ftruncateSync(fd, length))),
    rename: (from, to) => attempt(() => done(fs.renameSync(from, to))),
    lock(fd) {
      const path = paths.get(fd) ?? "";
      if (locked.has(path)) return EAGAIN;
      locked.add(path);
      own.add(path);
      return 0;
    },
    crc32: (buffer, offset, length, seed) => crc32(new Uint8Array(buffer, offset, length), seed),
    realtimeSeconds: (year, month, day, hour, minute) =>
      new Date(year, month - 1, day, hour, minute).getTime() / 1000,
    runProgram: () => Promise.resolve(ENOSYS),
    end() {
      for (const path of own) locked.delete(path);
      own.clear();
    },
    fail(after) {
      failure = after;
    },
  };
}

function done(_: unknown): 0 {
  return 0;
}

function attempt(call: () => number): number | Errno {
  try {
    return call();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== "string") throw error;
    return errnoOf(code) ?? EIO;
  }
}
