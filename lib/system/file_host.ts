/**
 * What a System may offer on top to a program that keeps a store: files as bytes, locks, checksums, and a program run without a shell.
 * The C host does (quickjs/quickjs_file_host.ts), opened when it is asked for; for tests there is one on Node (node/node_file_host.ts).
 *
 * As in System, a call returns its value or a negative errno.
 */
import type { Errno, System } from "./system.ts";

export interface FileHost {
  /** For reading; for appending (made when missing); new and empty (for a file that takes another's place). */
  open(path: string, how: "read" | "append" | "create", mode: number): number | Errno;
  close(fd: number): Errno;
  /** One read(2). 0: the end. */
  read(fd: number, buffer: ArrayBuffer, offset: number, length: number): number | Errno;
  /** One write(2) unless it is interrupted or cut short; an error after a part was written is an error. */
  write(fd: number, buffer: ArrayBuffer, offset: number, length: number): Errno;
  fsync(fd: number): Errno;
  truncate(fd: number, length: number): Errno;
  rename(from: string, to: string): Errno;
  /** An exclusive lock that ends with the process; EAGAIN: another has it. */
  lock(fd: number): Errno;
  /** CRC-32 as zlib's. */
  crc32(buffer: ArrayBuffer, offset: number, length: number, seed: number): number;
  /** The moment of a local time (mktime(3), tm_isdst -1; days and months may overflow), or NaN. */
  realtimeSeconds(year: number, month: number, day: number, hour: number, minute: number): number;
  /**
   * Runs to its end, with no shell, inherited output and these variables on top; after the deadline it is killed. Exit status;
   * 128 + signal; or an errno.
   */
  runProgram(
    path: string,
    args: readonly string[],
    environment: readonly (readonly [name: string, value: string])[],
    deadlineSeconds: number,
  ): Promise<number>;
}

export interface FileHostSystem {
  openFileHost(): Promise<FileHost>;
}

/** null: this System cannot (a capture, a tree below --root). */
export async function openFileHost(system: System): Promise<FileHost | null> {
  return "openFileHost" in system ? (system as System & FileHostSystem).openFileHost() : null;
}
