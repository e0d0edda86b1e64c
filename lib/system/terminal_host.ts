/**
 * What a System may offer on top to a program on a terminal: raw mode, keys, timers, signals, kill and renice. The C host does
 * (quickjs/quickjs_terminal_host.ts), opened when it is asked for.
 */
import type { Errno, System } from "./system.ts";

export interface TerminalHost {
  /** Calls back once at monotonic `atSeconds`. Returns the timer's id. */
  addTimer(atSeconds: number, callback: () => void): number;
  removeTimer(id: number): void;
  /** Calls back for each delivery; null: the default action again. */
  watchSignal(signal: number, callback: (() => void) | null): Errno;
  /**
   * Raw mode on fd 0, and text as it is typed (UTF-8; a character that comes in two pieces is put together); null: the end of
   * input. `restoreText` is written to the terminal, and its mode is restored, however the process ends.
   */
  openInput(restoreText: string, callback: (text: string | null) => void): Errno;
  /** The terminal as it was before, and no more keys. */
  closeInput(): void;
  /** Stops the process as ^Z does, with the terminal restored meanwhile; returns after SIGCONT in raw mode again. */
  suspend(): Errno;
  kill(pid: number, signal: number): Errno;
  setPriority(pid: number, nice: number): Errno;
}

export interface TerminalSystem {
  openTerminalHost(): Promise<TerminalHost>;
}

/** null: this System has no terminal (a capture, a test). */
export async function openTerminalHost(system: System): Promise<TerminalHost | null> {
  return "openTerminalHost" in system ? (system as System & TerminalSystem).openTerminalHost() : null;
}
