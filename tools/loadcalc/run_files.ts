/**
 * The files in the run directory: loadavg in the format of /proc/loadavg, and loadcalc.state. Each is written when what it tells has changed, and at
 * least every minute (readers take a loadavg older than 90 s for stale). By rename, so that they are whole at any moment, and without fsync: after a
 * crash of the machine they mean nothing.
 */
import { EACCES, errnoText } from "../../lib/system/errno.ts";
import { makeDirectories } from "../../lib/system/make_directories.ts";
import { EAGAIN, type ServiceHost } from "../../lib/system/service_host.ts";
import type { System } from "../../lib/system/system.ts";

export interface RunFiles {
  /** The state file's text; null: there is none. */
  readState(): string | null;
  /** `stateKey` changes when the state's text has something new to tell; the tick alone is none. */
  write(loadavg: string, state: string, stateKey: string): void;
  writeState(state: string): void;
}

const WRITE_SECONDS = 55;

/** "locked": another loadcalc has this directory. `log`: told once when writing fails, and once when it works again. */
export function openRunFiles(
  system: System,
  host: ServiceHost,
  directory: string,
  log: (text: string) => void,
): RunFiles | "locked" {
  const loadavgPath = `${directory}/loadavg`;
  const statePath = `${directory}/loadcalc.state`;
  // A small image may have no /run.
  makeDirectories(system, directory, 0o755);
  if (host.lockDirectory(directory) === EAGAIN) return "locked";
  removeLeftovers(system, directory);
  let failing = 0;
  let lastText = "";
  let lastKey = "";
  let loadavgAt = Number.NEGATIVE_INFINITY;
  let stateAt = system.monotonicSeconds();

  const put = (path: string, text: string): boolean => {
    const result = host.replaceFile(path, text, 0o644);
    if (result < 0 && result !== failing) log(`${path}: ${errnoText(result)}: going on without files`);
    if (result >= 0 && failing < 0) log(`${directory}: files are written again`);
    failing = Math.min(result, 0);
    return result >= 0;
  };

  return {
    readState() {
      const text = system.readText(statePath);
      if (typeof text === "number" && text === EACCES) log(`${statePath}: ${errnoText(text)}`);
      return typeof text === "number" ? null : text;
    },
    write(loadavg, state, stateKey) {
      const now = system.monotonicSeconds();
      // While it fails it is tried again once a minute only.
      if (now - loadavgAt >= WRITE_SECONDS || (loadavg !== lastText && failing === 0)) {
        loadavgAt = now;
        if (put(loadavgPath, loadavg)) lastText = loadavg;
      }
      if (failing === 0 && (now - stateAt >= WRITE_SECONDS || stateKey !== lastKey)) {
        stateAt = now;
        if (put(statePath, state)) lastKey = stateKey;
      }
    },
    writeState(state) {
      put(statePath, state);
    },
  };
}

/** Temporary files of a loadcalc that was killed while it wrote. */
function removeLeftovers(system: System, directory: string): void {
  const names = system.readDirectory(directory);
  if (typeof names === "number") return;
  for (const name of names) {
    if (/^(loadavg|loadcalc\.state)\.tmp\.\d+$/.test(name)) system.remove(`${directory}/${name}`);
  }
}
