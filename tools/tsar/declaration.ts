/** The command line of tsar, as data. Module options come from the modules themselves. */
import type { OptionSpec } from "../../lib/cli/tool.ts";
import { MODULES } from "../../lib/sampler/modules.ts";

const moduleOptions: readonly OptionSpec[] = MODULES.map((module) => ({
  key: `module:${module.name}`,
  long: module.name,
  help: module.summary,
  ...(module.name === "proc" ? { argument: "NAME", optionalArgument: true } : {}),
}));

export const options: readonly OptionSpec[] = [
  { key: "live", short: "l", long: "live", help: "live: one row per interval, until it is stopped" },
  {
    key: "interval",
    short: "i",
    long: "interval",
    argument: "N",
    help: "seconds with --live (default 5), minutes in history (default 5)",
  },
  { key: "count", long: "count", argument: "N", help: "with --live end after N rows" },
  { key: "ndays", short: "n", long: "ndays", argument: "N", help: "history of the last N days (default 1)" },
  {
    key: "date",
    short: "d",
    long: "date",
    argument: "DATE",
    help: "history of a day: YYYYMMDD, or N days ago",
  },
  { key: "watch", short: "w", long: "watch", argument: "N", help: "history of the last N minutes" },
  { key: "spec", short: "s", long: "spec", argument: "A,B", help: "only these columns (hidden ones too)" },
  { key: "item", short: "I", long: "item", argument: "NAME", help: "only items of this name; * and ? match" },
  { key: "detail", short: "D", long: "detail", help: "whole numbers: no K, M, G" },
  { key: "merge", short: "m", long: "merge", help: "merge the items of a module" },
  { key: "list", short: "L", long: "list", help: "list the modules and their columns" },
  { key: "check", short: "C", long: "check", help: "the last record on one line" },
  { key: "cron", short: "c", long: "cron", help: "take one sample and store it" },
  { key: "history", long: "history", argument: "DIR", help: "the store (default /var/log/procg)" },
  { key: "history", short: "f", long: "file", argument: "DIR", help: "the same" },
  { key: "historySize", long: "history-size", argument: "SIZE", help: "most that the store may take: 64M" },
  { key: "historyDays", long: "history-days", argument: "N", help: "days that are kept: 31" },
  {
    key: "historyFree",
    long: "history-free",
    argument: "SIZE",
    help: "what the store leaves free on the file system: 32M",
  },
  { key: "config", long: "config", argument: "FILE", help: "thresholds (default /etc/procg/tsar.conf)" },
  {
    key: "alert",
    long: "alert",
    help: "check the thresholds: exit 0, 1 (warning), 2 (critical), 3 (unknown)",
  },
  { key: "rule", long: "rule", argument: "RULE", help: "one more threshold: 'critical mem.util > 90 for 3'" },
  {
    key: "exec",
    long: "exec",
    argument: "PROGRAM",
    help: "with --alert: run it, data in the environment, when a threshold is crossed",
  },
  { key: "csv", long: "csv", help: "comma-separated values" },
  { key: "p95", long: "p95", help: "add the 95th percentile to MAX, MEAN, MIN" },
  { key: "plot", long: "plot", help: "one chart per column" },
  {
    key: "output",
    short: "o",
    long: "output",
    argument: "FILE.svg",
    help: "with --plot: write the charts as SVG",
  },
  {
    key: "color",
    long: "color",
    argument: "WHEN",
    help: "values over a threshold in colour: auto, always, never",
  },
  ...moduleOptions,
  { key: "help", short: "h", long: "help", help: "display this help and exit", immediate: true },
];
