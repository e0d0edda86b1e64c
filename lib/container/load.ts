/**
 * The container's load averages, as loadcalc keeps them in RUN/loadavg (the format of /proc/loadavg). Without loadcalc they
 * are not known: the kernel has none per cgroup, and the host's say nothing. A loadcalc that cannot write its file is asked on its socket.
 */
import { attempt } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { type Loadavg, loadavg, parseLoadavg } from "../procfs/loadavg.ts";
import { type Container, isVirtual } from "./container.ts";
import { runDirectory } from "./registration.ts";

export interface LoadReading {
  readonly load: Loadavg | null;
  readonly source: "loadcalc" | "lxcfs" | "fuse" | "host" | null;
  readonly path: string;
  /** Why it is not known. */
  readonly problem: string | null;
}

/** loadcalc rewrites its file at least every 60 s; older than this it is not running. */
export const STALE_SECONDS = 90;

/** The file; where that gives nothing the socket. */
export async function readLoadOrAsk(container: Container): Promise<LoadReading> {
  const reading = readLoad(container);
  const path = loadSocketPath(container);
  // Most often there is no socket either, and nothing more is loaded.
  if (reading.load !== null || path === null) return reading;
  const { readLoadSocket } = await import("./load_socket.ts");
  const section = await readLoadSocket(container.system, path);
  if (typeof section === "string") return { ...reading, problem: `${reading.problem}; ${path}: ${section}` };
  const { load1, load5, load15 } = section;
  const runnable = (section.runnable ?? 0) + (section.uninterruptible ?? 0);
  const load = { load1, load5, load15, runnable, total: section.threads ?? 0, lastPid: section.lastPid ?? 0 };
  return { load, source: "loadcalc", path, problem: null };
}

/** Where loadcalc can be asked: PROCG_SOCKET, else RUN/loadcalc.sock. null: nobody has made a socket, or sockets are not to be had here. */
export function loadSocketPath({ system, kind }: Container): string | null {
  if (kind !== "container" || system.source !== "live") return null;
  const path = system.env("PROCG_SOCKET") || `${runDirectory(system)}/loadcalc.sock`;
  return typeof system.lstat(path) === "number" ? null : path;
}

export function readLoad(container: Container): LoadReading {
  if (container.kind === "machine") return fromProc(container, "host");
  const own = fromLoadcalc(container);
  // gVisor's /proc/loadavg is always 0. lxcfs counts from its first reader on, and not in all cgroups below.
  const by = isVirtual(container, "/proc/loadavg") ? container.virtual?.by : undefined;
  if (own.load !== null || by === undefined || by === "gvisor") return own;
  return fromProc(container, by === "lxcfs" ? "lxcfs" : "fuse");
}

function fromProc({ system }: Container, source: "host" | "lxcfs" | "fuse"): LoadReading {
  const reading = attempt(system, "/proc", loadavg);
  return {
    load: reading.value,
    source: reading.value === null ? null : source,
    path: reading.path,
    problem: reading.problem,
  };
}

function fromLoadcalc({ system }: Container): LoadReading {
  const path = `${runDirectory(system)}/loadavg`;
  const text = system.readText(path);
  if (typeof text === "number")
    return { load: null, source: null, path, problem: "loadcalc does not run here" };
  const status = system.stat(path);
  // A capture keeps no modification times: there the file counts as fresh.
  if (system.source !== "replay" && typeof status !== "number") {
    const age = system.realtimeSeconds() - status.mtimeSeconds;
    // Ahead of a clock that was set back it says no more than behind it.
    if (Math.abs(age) > STALE_SECONDS) {
      const when = age > 0 ? "ago" : "ahead of the clock";
      return {
        load: null,
        source: null,
        path,
        problem: `stale: written ${Math.round(Math.abs(age))} s ${when}`,
      };
    }
  }
  try {
    return { load: parseLoadavg(text, path), source: "loadcalc", path, problem: null };
  } catch (error) {
    if (error instanceof ParseError) return { load: null, source: null, path, problem: error.message };
    throw error;
  }
}
