/** The command line of df: what the classic tool checks while it reads it, and the layout that comes out. */
import { quote } from "../../lib/cli/quote.ts";
import { type OptionSpec, type ParsedOption, ToolError, UsageError } from "../../lib/cli/tool.ts";
import type { MountChoice } from "../../lib/container/mount_list.ts";
import type { System } from "../../lib/system/system.ts";
import {
  type BlockSize,
  HUMAN_1000,
  HUMAN_1024,
  parseBlockSize,
  plainBlocks,
} from "../../lib/units/block_size.ts";
import { COLUMNS, type Column, type Layout } from "./render.ts";

export interface DfOptions {
  readonly choice: MountChoice;
  readonly layout: Layout;
  readonly total: boolean;
  readonly sync: boolean;
}

export const optionSpecs: readonly OptionSpec[] = [
  { key: "all", short: "a", long: "all", help: "include pseudo, duplicate and unreadable file systems" },
  {
    key: "blockSize",
    short: "B",
    long: "block-size",
    argument: "SIZE",
    help: "print sizes in units of SIZE, e.g. -BM or -B 4096",
    check: ({ name, value }) => void requireBlockSize(name, value ?? ""),
  },
  { key: "human", short: "h", long: "human-readable", help: "print sizes in powers of 1024, e.g. 1.5G" },
  { key: "si", short: "H", long: "si", help: "print sizes in powers of 1000, e.g. 1.6G" },
  { key: "inodes", short: "i", long: "inodes", help: "show inodes instead of blocks", check: notWithOutput },
  { key: "kibi", short: "k", help: "as --block-size=1K" },
  { key: "local", short: "l", long: "local", help: "only local file systems" },
  { key: "mebi", short: "m", help: "as --block-size=1M", hidden: true },
  { key: "noSync", long: "no-sync", help: "do not write out caches first (the default)" },
  {
    key: "output",
    long: "output",
    argument: "FIELD_LIST",
    optionalArgument: true,
    help: "print these fields, or all of them",
    check: checkOutput,
  },
  {
    key: "portability",
    short: "P",
    long: "portability",
    help: "print the format of POSIX",
    check: notWithOutput,
  },
  { key: "sync", long: "sync", help: "write out caches first" },
  { key: "total", long: "total", help: "add a row with the total" },
  { key: "type", short: "t", long: "type", argument: "TYPE", help: "only file systems of type TYPE" },
  { key: "type", short: "F", argument: "TYPE", help: "the same", hidden: true },
  { key: "printType", short: "T", long: "print-type", help: "show the type", check: notWithOutput },
  {
    key: "exclude",
    short: "x",
    long: "exclude-type",
    argument: "TYPE",
    help: "no file systems of type TYPE",
  },
  { key: "ignored", short: "v", help: "(ignored)" },
  { key: "help", long: "help", help: "display this help and exit", immediate: true },
  { key: "version", long: "version", help: "display the version and exit", immediate: true },
];

/** Throws ToolError when a type is both selected and excluded. */
export function readOptions(options: readonly ParsedOption[], system: System, name: string): DfOptions {
  const has = (key: string): boolean => options.some((option) => option.key === key);
  const values = (key: string): string[] =>
    options.flatMap((option) => (option.key === key ? [option.value ?? ""] : []));
  const selected = values("type");
  const excluded = values("exclude");
  const both = selected.filter((type) => excluded.includes(type)).reverse();
  if (both.length > 0) {
    const lines = both.map((type) => `file system type ${quote(system, type)} both selected and excluded`);
    throw new ToolError(lines.join(`\n${name}: `));
  }
  const posix = has("portability");
  const blockSize = chosenBlockSize(options) ?? usualBlockSize(system, posix);
  const fields = values("output").flatMap((list) => (list === "" ? [] : (list.split(",") as Column[])));
  const isOutput = has("output");
  const columns: readonly Column[] = isOutput
    ? fields.length > 0
      ? fields
      : COLUMNS
    : [
        "source",
        ...(has("printType") ? (["fstype"] as const) : []),
        ...(has("inodes")
          ? (["itotal", "iused", "iavail", "ipcent"] as const)
          : (["size", "used", "avail", "pcent"] as const)),
        "target",
      ];
  const total = has("total");
  return {
    choice: { all: has("all"), localOnly: has("local"), selected, excluded, foldRemote: total },
    layout: {
      columns,
      blockSize,
      headings: isOutput ? "output" : posix ? "posix" : "default",
      utf8: isUtf8(system),
    },
    total,
    sync: lastOf(options, ["sync", "noSync"]) === "sync",
  };
}

function lastOf(options: readonly ParsedOption[], keys: readonly string[]): string | null {
  let last: string | null = null;
  for (const { key } of options) if (keys.includes(key)) last = key;
  return last;
}

function chosenBlockSize(options: readonly ParsedOption[]): BlockSize | null {
  let size: BlockSize | null = null;
  for (const { key, name, value } of options) {
    if (key === "human") size = HUMAN_1024;
    else if (key === "si") size = HUMAN_1000;
    else if (key === "kibi") size = plainBlocks(1024);
    else if (key === "mebi") size = plainBlocks(1024 * 1024);
    else if (key === "blockSize") size = requireBlockSize(name, value ?? "");
  }
  return size;
}

/** DF_BLOCK_SIZE, BLOCK_SIZE, BLOCKSIZE, POSIXLY_CORRECT; -P looks only at the last. A mistake there is passed over. */
function usualBlockSize(system: System, posix: boolean): BlockSize {
  const usual = plainBlocks(system.env("POSIXLY_CORRECT") === undefined ? 1024 : 512);
  if (posix) return usual;
  const text = system.env("DF_BLOCK_SIZE") ?? system.env("BLOCK_SIZE") ?? system.env("BLOCKSIZE");
  if (text === undefined) return usual;
  const size = parseBlockSize(text);
  if (!("problem" in size)) return size;
  return size.bytes === 0 ? usual : plainBlocks(size.bytes);
}

function requireBlockSize(name: string, text: string): BlockSize {
  const size = parseBlockSize(text);
  if (!("problem" in size)) return size;
  const argument = `${name} argument '${text}'`;
  throw new ToolError(
    size.problem === "overflow"
      ? `${argument} too large`
      : `invalid ${size.problem === "suffix" ? "suffix in " : ""}${argument}`,
  );
}

const SHORT_NAMES: Readonly<Record<string, string>> = { inodes: "-i", portability: "-P", printType: "-T" };

function notWithOutput({ key }: ParsedOption, before: readonly ParsedOption[]): void {
  if (before.some((option) => option.key === "output")) throw exclusive(SHORT_NAMES[key] ?? key);
}

function checkOutput({ value }: ParsedOption, before: readonly ParsedOption[], system: System): void {
  for (const key of ["inodes", "portability", "printType"]) {
    if (before.some((option) => option.key === key)) throw exclusive(SHORT_NAMES[key] ?? key);
  }
  const seen = before.flatMap((option) => (option.key === "output" ? (option.value ?? "").split(",") : []));
  if (value === null) return;
  for (const field of value.split(",")) {
    if (!COLUMNS.includes(field as Column)) {
      throw new UsageError(`option --output: field ${quote(system, field)} unknown`);
    }
    if (seen.includes(field)) {
      throw new UsageError(`option --output: field ${quote(system, field)} used more than once`);
    }
    seen.push(field);
  }
}

function exclusive(name: string): UsageError {
  return new UsageError(`options ${name} and --output are mutually exclusive`);
}

function isUtf8(system: System): boolean {
  const locale = system.env("LC_ALL") || system.env("LC_CTYPE") || system.env("LANG") || "C";
  return /utf-?8/i.test(locale);
}
