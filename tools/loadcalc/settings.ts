/** What loadcalc is told by options and by the environment: every option has a variable of the same name. Options win. */
import { type OptionSpec, type ParsedOption, UsageError } from "../../lib/cli/tool.ts";
import { METRIC_NAMES, type MetricNames } from "../../lib/container/openmetrics.ts";
import { ALGORITHMS, type Algorithm } from "../../lib/loadavg/fixed_point.ts";

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

export interface Settings {
  readonly runDirectory: string;
  /** null: no TCP. */
  readonly listen: ListenAddress | null;
  /** Asked for by name, so that it is used where the default would not be (the host's network). */
  readonly listenIsExplicit: boolean;
  /** null: no unix socket. */
  readonly socket: string | null;
  readonly algorithm: Algorithm;
  readonly metricNames: MetricNames;
  /** Lower case. */
  readonly hostNames: readonly string[];
  readonly pidfile: string | null;
  readonly log: string | null;
  /** null: only where the usual place is a mounted volume; "": never. */
  readonly history: string | null;
  readonly historyBytes: number | null;
  readonly historyDays: number | null;
  readonly historyFreeBytes: number | null;
  /** File of the threshold rules. */
  readonly thresholds: string | null;
  /** Full path of what is run when one of them is crossed, and when it is not any more. */
  readonly exec: string | null;
  readonly daemonize: boolean;
  readonly once: boolean;
}

export const DEFAULT_LISTEN: ListenAddress = { address: "127.0.0.1", port: 19110 };

export const optionSpecs: readonly OptionSpec[] = [
  {
    key: "listen",
    short: "l",
    long: "listen",
    argument: "ADDRESS:PORT",
    help: "serve HTTP there (default 127.0.0.1:19110)",
  },
  { key: "no-listen", long: "no-listen", help: "serve no TCP port" },
  {
    key: "socket",
    short: "s",
    long: "socket",
    argument: "PATH",
    help: "serve HTTP on this unix socket (default RUN/loadcalc.sock)",
  },
  { key: "no-socket", long: "no-socket", help: "serve no unix socket" },
  { key: "run", long: "run", argument: "DIR", help: "directory of the state files (default /run/procg)" },
  {
    key: "algorithm",
    short: "a",
    long: "algorithm",
    argument: "NAME",
    help: "rounding of old kernels: trunc, half; default ceil",
  },
  {
    key: "metric-names",
    long: "metric-names",
    argument: "NAMES",
    help: "names of the metrics: procg (default) or cadvisor",
  },
  {
    key: "allow-host",
    long: "allow-host",
    argument: "NAMES",
    help: "more names, separated by commas, that the Host header may have",
  },
  { key: "daemonize", short: "d", long: "daemonize", help: "go to the background when everything is ready" },
  { key: "pidfile", short: "p", long: "pidfile", argument: "FILE", help: "write the process number to FILE" },
  { key: "log", long: "log", argument: "FILE", help: "append messages to FILE instead of stderr" },
  {
    key: "history",
    long: "history",
    argument: "DIR",
    help: "keep a history there (default /var/log/procg, where that is a mounted volume)",
  },
  { key: "no-history", long: "no-history", help: "keep no history" },
  { key: "history-size", long: "history-size", argument: "BYTES", help: "most that the history takes: 64M" },
  { key: "history-days", long: "history-days", argument: "N", help: "days that are kept: 31" },
  {
    key: "history-free",
    long: "history-free",
    argument: "BYTES",
    help: "what the history leaves free there: 32M",
  },
  {
    key: "thresholds",
    long: "thresholds",
    argument: "FILE",
    help: "rules whose state is served (/v1/alerts, procg_alert_active)",
  },
  {
    key: "exec",
    long: "exec",
    argument: "PROGRAM",
    help: "run it when a threshold is crossed or no longer is: data in the environment, no shell",
  },
  {
    key: "once",
    short: "1",
    long: "once",
    help: "sample once, bring the state up to date, print the averages and end",
  },
];

/** PROCG_LISTEN for "listen", PROCG_METRIC_NAMES for "metric-names". */
export function variableOf(key: string): string {
  return `PROCG_${key.toUpperCase().replace(/-/g, "_")}`;
}

/** The variables that say what the options say: every option's, so that none in the environment is left over. "": not given. */
export function environmentOf(options: readonly ParsedOption[], env: Env): (readonly [string, string])[] {
  const given = givenValues(options, env);
  return optionSpecs.map(({ key }) => [variableOf(key), given.get(key) ?? ""]);
}

type Env = (name: string) => string | undefined;

function givenValues(options: readonly ParsedOption[], env: Env): Map<string, string> {
  const given = new Map<string, string>();
  for (const { key } of optionSpecs) {
    const value = env(variableOf(key));
    if (value !== undefined && value !== "") given.set(key, value);
  }
  for (const { key, value } of options) {
    given.set(key, value ?? "1");
    // The later of two that exclude each other counts; an option wins over a variable.
    if (key === "listen" || key === "socket" || key === "history") given.delete(`no-${key}`);
    if (key === "no-listen" || key === "no-socket" || key === "no-history") given.delete(key.slice(3));
  }
  return given;
}

/** Throws UsageError. */
export function readSettings(options: readonly ParsedOption[], env: Env): Settings {
  const given = givenValues(options, env);
  const isOn = (key: string): boolean => {
    const value = given.get(key);
    if (value === undefined || value === "0") return false;
    if (value !== "1") throw new UsageError(`${variableOf(key)}: neither 0 nor 1: '${value}'`);
    return true;
  };
  const runDirectory = withoutSlash(given.get("run") ?? "/run/procg");
  const listen = given.get("listen");
  const socket = given.get("socket");
  return {
    runDirectory,
    listen: isOn("no-listen") ? null : listen === undefined ? DEFAULT_LISTEN : parseListen(listen),
    listenIsExplicit: listen !== undefined,
    socket: isOn("no-socket") ? null : (socket ?? `${runDirectory}/loadcalc.sock`),
    algorithm: oneOf("algorithm", given.get("algorithm") ?? "ceil", ALGORITHMS),
    metricNames: oneOf("metric-names", given.get("metric-names") ?? "procg", METRIC_NAMES),
    hostNames: (given.get("allow-host") ?? "")
      .toLowerCase()
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    pidfile: given.get("pidfile") ?? null,
    log: given.get("log") ?? null,
    history: isOn("no-history") ? "" : withoutSlash(given.get("history") ?? "") || null,
    historyBytes: parseSize("history-size", given.get("history-size")),
    historyDays: parseDays("history-days", given.get("history-days")),
    historyFreeBytes: parseSize("history-free", given.get("history-free")),
    thresholds: given.get("thresholds") ?? null,
    exec: parseProgram(given.get("exec"), given.has("thresholds")),
    daemonize: isOn("daemonize"),
    once: isOn("once"),
  };
}

/** "127.0.0.1:19110", "[::1]:19110", "19110". */
function parseListen(text: string): ListenAddress {
  const match = /^(?:(\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65535) throw new UsageError(`--listen: not ADDRESS:PORT: '${text}'`);
  const address = match[1] ?? DEFAULT_LISTEN.address;
  return { address: address.startsWith("[") ? address.slice(1, -1) : address, port };
}

function parseProgram(path: string | undefined, hasThresholds: boolean): string | null {
  if (path === undefined) return null;
  if (!path.startsWith("/")) throw new UsageError(`--exec: not a full path: '${path}'`);
  if (!hasThresholds) throw new UsageError("--exec needs --thresholds");
  return path;
}

function parseDays(key: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new UsageError(`--${key}: not a number of days: '${text}'`);
  return Number(text);
}

/** "64M", "500k". */
function parseSize(key: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^([0-9]{1,9})([kKmMgG]?)$/.exec(text);
  if (match === null) throw new UsageError(`--${key}: not a size: '${text}'`);
  return Number(match[1]) * 1024 ** ["", "k", "m", "g"].indexOf((match[2] ?? "").toLowerCase());
}

function oneOf<T extends string>(key: string, value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value))
    throw new UsageError(`--${key}: not one of ${allowed.join(", ")}: '${value}'`);
  return value as T;
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
