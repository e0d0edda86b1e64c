/**
 * What a System may offer on top to a program that stays: timers, signals, sockets, and the start of a daemon. The C host does
 * (quickjs/quickjs_service_host.ts), opened when it is asked for, so that the tools that end at once do not load it; tests have one
 * with a clock of their own (testing/memory_service_host.ts).
 *
 * All sockets are non-blocking. As in System, a call returns its value or a negative errno.
 */
import type { Errno, System } from "./system.ts";

export interface ServiceHost {
  // --- the event loop ------------------------------------------------------------------------------------
  /** Calls back at monotonic `atSeconds`, and with intervalSeconds > 0 again on ideal ticks. Returns the timer's id. */
  addTimer(atSeconds: number, intervalSeconds: number, callback: () => void): number;
  removeTimer(id: number): void;
  /** Calls back for each delivery; null: the default action again. */
  watchSignal(signal: number, callback: (() => void) | null): Errno;
  /** Calls back while fd is ready for `events` (READABLE, WRITABLE) or broken. null ends it: do that before close. */
  watch(fd: number, events: number, callback: (() => void) | null): Errno;

  // --- sockets ---------------------------------------------------------------------------------------------
  /** Numeric addresses only. */
  listenTcp(address: string, port: number, backlog: number): number | Errno;
  listenUnix(path: string, mode: number, backlog: number): number | Errno;
  connectUnix(path: string): number | Errno;
  /** EAGAIN when nobody waits. */
  accept(fd: number): number | Errno;
  /** Bytes read; 0: the peer has ended its side. */
  read(fd: number, buffer: ArrayBuffer, offset: number, length: number): number | Errno;
  /** Bytes taken, perhaps fewer than given. Never raises SIGPIPE. */
  send(fd: number, buffer: ArrayBuffer, offset: number, length: number): number | Errno;
  /** The outcome of a connect that has become writable. */
  socketError(fd: number): Errno;
  shutdownWrite(fd: number): Errno;
  close(fd: number): Errno;
  localPort(fd: number): number | Errno;

  // --- files and the process ---------------------------------------------------------------------------------
  /** As System.writeFileAtomic, without fsync: for files that mean nothing after a crash of the machine. */
  replaceFile(path: string, text: string, mode: number): Errno;
  /** Locks a directory for this process until it ends. EAGAIN: another process has it. */
  lockDirectory(path: string): Errno;
  /** A file opened for appending, made with `mode`; the fd for System.write. */
  openLog(path: string, mode: number): number | Errno;
  /** Goes on in a child of init, with standard fds on /dev/null. The parent has ended when this returns. */
  daemonize(): Errno;
  /** Frees what only refers to itself: a program that stays does so now and then, so that it stays small. */
  collectGarbage(): void;
  /** The same program anew, in this process, as argv says. Returns only when it failed. */
  restart(argv: readonly string[], environment: readonly (readonly [name: string, value: string])[]): Errno;
}

/** Bits for `watch`: poll(2)'s. */
export const READABLE = 1;
export const WRITABLE = 4;

/** errno that sockets give in the course of things. */
export const EAGAIN = -11;
export const ENFILE = -23;
export const EMFILE = -24;
export const EADDRINUSE = -98;
export const ECONNREFUSED = -111;
export const EINPROGRESS = -115;

/** Signals by number: the same on x86-64 and arm64. */
export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGUSR1 = 10;
export const SIGPIPE = 13;
export const SIGTERM = 15;

export interface ServiceSystem {
  openServiceHost(): Promise<ServiceHost>;
}

/** null: this System cannot (a capture, a tree below --root). */
export async function openServiceHost(system: System): Promise<ServiceHost | null> {
  return "openServiceHost" in system ? (system as System & ServiceSystem).openServiceHost() : null;
}
