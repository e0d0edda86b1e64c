/** The command line of iostat, which never used getopt: words are read one by one, as sysstat does. */
import {
  type OptionSpec,
  type ParsedCommandLine,
  type ParsedOption,
  UsageError,
} from "../../lib/cli/tool.ts";

/** For help, man page and completions; parseWords() is what reads them. */
export const optionSpecs: readonly OptionSpec[] = [
  { key: "cpu", short: "c", help: "only the CPU report" },
  { key: "disk", short: "d", help: "only the device report" },
  {
    key: "otherFiles",
    short: "f",
    argument: "DIR",
    help: "devices of DIR/block and DIR/diskstats instead; +f DIR: as well",
  },
  { key: "group", short: "g", argument: "NAME", help: "add a row for the devices that follow" },
  { key: "groupsOnly", short: "H", help: "only the rows of groups" },
  {
    key: "persistent",
    short: "j",
    argument: "TYPE",
    help: "names of /dev/disk/by-TYPE: ID, LABEL, PATH, UUID",
  },
  { key: "people", short: "h", help: "as --human --pretty" },
  { key: "kilobytes", short: "k", help: "in kilobytes, the default" },
  { key: "megabytes", short: "m", help: "in megabytes" },
  { key: "mapper", short: "N", help: "names of the device mapper" },
  { key: "json", short: "o", argument: "JSON", help: "in sysstat's JSON format; see --json for procg's" },
  { key: "partitions", short: "p", argument: "DEV,...", help: "with their partitions; ALL: all devices" },
  { key: "short", short: "s", help: "fewer columns" },
  { key: "timestamp", short: "t", help: "add the time to each report" },
  { key: "extended", short: "x", help: "more columns" },
  { key: "noFirst", short: "y", help: "leave out the first report, since the start" },
  { key: "active", short: "z", help: "leave out devices without IO in the interval" },
  { key: "compact", long: "compact", help: "do not break the tables of --pretty" },
  { key: "decimals", long: "dec", argument: "N", help: "decimals: 0, 1 or 2" },
  { key: "human", long: "human", help: "sizes with units, percent signs" },
  { key: "limits", long: "limits", help: "add the IO limits with the share used, and the pressure" },
  { key: "pretty", long: "pretty", help: "the device's name last" },
  { key: "version", short: "V", help: "display the version and exit" },
];

const LETTERS: Readonly<Record<string, string>> = {
  c: "cpu",
  d: "disk",
  h: "people",
  H: "groupsOnly",
  k: "kilobytes",
  m: "megabytes",
  N: "mapper",
  p: "partitions",
  s: "short",
  t: "timestamp",
  V: "version",
  x: "extended",
  y: "noFirst",
  z: "active",
};

const WORDS: Readonly<Record<string, string>> = {
  "--compact": "compact",
  "--human": "human",
  "--limits": "limits",
  "--pretty": "pretty",
};

/**
 * Devices come as options with the key "device" (in their place among the groups), interval and count as operands.
 * Throws UsageError.
 */
export function parseWords(args: readonly string[]): ParsedCommandLine {
  const options: ParsedOption[] = [];
  const operands: string[] = [];
  const add = (key: string, name: string, value: string | null = null): void => {
    options.push({ key, name, value });
  };
  for (let index = 0; index < args.length; index++) {
    const word = args[index] as string;
    const next = (): string => {
      const value = args[++index];
      if (value === undefined) throw new UsageError("");
      return value;
    };
    const longKey = WORDS[word];
    if (longKey !== undefined) add(longKey, word);
    else if (/^--dec=[012]$/.test(word)) add("decimals", "--dec", word.slice(6));
    else if (word === "-f" || word === "+f") {
      if (options.some((option) => option.key === "otherFiles")) throw new UsageError("");
      add("otherFiles", word, next());
    } else if (word === "-g") add("group", word, next());
    else if (word === "-j") add("persistent", word, next());
    else if (word === "-o") {
      if (next() !== "JSON") throw new UsageError("");
      add("json", word);
    } else if (word === "-p") {
      const devices = args[index + 1];
      const isList = devices !== undefined && !/^\d*$/.test(devices) && !devices.startsWith("-");
      if (isList) index++;
      add("partitions", word, isList ? (devices ?? null) : null);
    } else if (word.startsWith("-")) {
      for (const letter of word.slice(1)) {
        const key = LETTERS[letter];
        if (key === undefined) throw new UsageError("");
        // Grouped with others it cannot have a list: all devices.
        add(key, `-${letter}`, key === "partitions" ? "ALL" : null);
        if (key === "version") return { options, operands: [] };
      }
    } else if (/^\d+$/.test(word)) {
      operands.push(word);
      if (operands.length > 2 || (operands.length === 2 && (Number(word) < 1 || Number(operands[0]) === 0)))
        throw new UsageError("");
    } else {
      add("device", word, word);
    }
  }
  const has = (key: string): boolean => options.some((option) => option.key === key);
  if (has("kilobytes") && has("megabytes")) throw new UsageError("");
  if (has("groupsOnly") && !has("group")) throw new UsageError("");
  return { options, operands };
}
