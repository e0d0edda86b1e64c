/** Where a run begins: the defaults, what toprc keeps, and the command line on top. */
import type { System } from "../../lib/system/system.ts";
import type { TopOptions } from "./options.ts";
import { defaultSettings, type TopSettings, type TopWindow } from "./windows.ts";

export async function startSettings(system: System, options: TopOptions): Promise<TopSettings> {
  const settings = options.applyDefaults
    ? defaultSettings()
    : ((await fromFiles(system)) ?? defaultSettings());
  const window = settings.windows[settings.current] as TopWindow;
  if (options.idleToggles % 2 === 1) {
    window.idle = !window.idle;
    window.maxTasks = 0;
  }
  if (options.commandToggles % 2 === 1) window.commandLine = !window.commandLine;
  if (options.cumulativeToggles % 2 === 1) window.cumulativeTime = !window.cumulativeTime;
  if (options.cpuToggles % 2 === 1) window.cpuSummary = !window.cpuSummary;
  if (options.cpuToggles > 0) window.showCpu = true;
  if (options.sort !== null) {
    window.sortField = options.sort.field;
    window.forest = false;
    if (options.sort.highToLow !== null) window.highToLow = options.sort.highToLow;
  }
  if (options.threads) settings.threads = true;
  if (options.summaryScale !== null) settings.summaryScale = options.summaryScale;
  if (options.taskScale !== null) settings.taskScale = options.taskScale;
  if (options.delaySeconds !== null) settings.delaySeconds = options.delaySeconds;
  return settings;
}

/** Only where there is one of the files: most containers have none, and then nothing more is loaded. */
async function fromFiles(system: System): Promise<TopSettings | null> {
  if (system.source === "replay") return null;
  for (const path of toprcPaths(system)) {
    const text = system.readText(path);
    if (typeof text === "number") continue;
    const { parseToprc } = await import("./toprc.ts");
    return parseToprc(text, path);
  }
  return null;
}

/** Ours first, then procps': read, never written. */
export function toprcPaths(system: System): string[] {
  const own = ownToprc(system);
  const home = system.env("HOME");
  const config = system.env("XDG_CONFIG_HOME");
  const paths = own === null ? [] : [own];
  if (home) paths.push(`${home}/.toprc`);
  if (config) paths.push(`${config}/procps/toprc`);
  if (home) paths.push(`${home}/.config/procps/toprc`);
  paths.push("/etc/topdefaultrc");
  return paths;
}

/** $XDG_CONFIG_HOME/procg/toprc, else ~/.config/procg/toprc; null without a home. */
export function ownToprc(system: System): string | null {
  const config = system.env("XDG_CONFIG_HOME") || (system.env("HOME") ? `${system.env("HOME")}/.config` : "");
  return config === "" ? null : `${config}/procg/toprc`;
}
