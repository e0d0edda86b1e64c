/** Signals and nice values for a process: k, r, ^R. */

import { errnoText } from "../../lib/system/errno.ts";
import { ask, askWhole, confirm, isSecure } from "./key_prompt.ts";
import { pointedPid, rowOfPid, type Session, tell } from "./session.ts";

const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  POLL: 29,
  IO: 29,
  PWR: 30,
  SYS: 31,
};

/** "15", "TERM", "sigterm"; null: no signal. */
export function signalNumber(text: string): number | null {
  const word = text.trim().toUpperCase();
  if (/^\d{1,2}$/.test(word)) return Number(word) <= 64 ? Number(word) : null;
  return SIGNALS[word.startsWith("SIG") ? word.slice(3) : word] ?? null;
}

function nameOf(session: Session, pid: number): string {
  const row = rowOfPid(session, pid);
  return row < 0 ? "" : ` (${session.frame?.view.command(row, false) ?? ""})`;
}

/** As procps: no value or one below 0 is the default, 0 is top itself. kill(2) would take them for process groups, and -1 for everybody. */
function meantPid(session: Session, value: number | null, pointed: number | null): number | null {
  if (value === null || value < 0) return pointed;
  return value === 0 ? session.system.pid : value;
}

export function askKill(session: Session): void {
  if (isSecure(session)) return;
  const pointed = session.view.kind === "detail" ? session.view.pid : pointedPid(session);
  askWhole(session, `PID to signal/kill [default pid = ${pointed ?? 0}]`, (value) => {
    const pid = meantPid(session, value, pointed);
    if (pid === null) return;
    ask(session, `Send pid ${pid}${nameOf(session, pid)} signal [15/sigterm]`, (text) => {
      const signal = text.trim() === "" ? 15 : signalNumber(text);
      if (signal === null) {
        tell(session, "Invalid signal");
        return;
      }
      if (signal === 0) return;
      confirm(session, `Signal ${signal} to pid ${pid}${nameOf(session, pid)}: sure? [Y/n]`, () => {
        const result = session.host.kill(pid, signal);
        if (result < 0) tell(session, `Signal ${signal} to ${pid}: ${errnoText(result)}`);
        else session.refresh(false);
      });
    });
  });
}

export function askRenice(session: Session): void {
  if (isSecure(session)) return;
  const pointed = session.view.kind === "detail" ? session.view.pid : pointedPid(session);
  askWhole(session, `PID to renice [default pid = ${pointed ?? 0}]`, (value) => {
    const pid = meantPid(session, value, pointed);
    if (pid === null) return;
    askWhole(session, `Renice PID ${pid}${nameOf(session, pid)} to value`, (nice) => {
      if (nice === null) return;
      confirm(session, `Nice value ${nice} for pid ${pid}${nameOf(session, pid)}: sure? [Y/n]`, () => {
        const result = session.host.setPriority(pid, nice);
        if (result < 0) tell(session, `Renice of ${pid} to ${nice}: ${errnoText(result)}`);
        else session.refresh(false);
      });
    });
  });
}

export function askAutogroup(session: Session): void {
  if (isSecure(session)) return;
  const pointed = pointedPid(session);
  askWhole(session, `PID to renice [default pid = ${pointed ?? 0}]`, (value) => {
    const pid = meantPid(session, value, pointed);
    if (pid === null) return;
    askWhole(session, `Renice autogroup of PID ${pid} to value`, (nice) => {
      if (nice === null) return;
      if (nice < -20 || nice > 19) {
        tell(session, "a nice value is -20 to 19");
        return;
      }
      const result = session.system.createFile(`/proc/${pid}/autogroup`, String(nice), 0o644, false);
      if (result < 0) tell(session, `autogroup: ${errnoText(result)}`);
    });
  });
}
