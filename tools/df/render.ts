/** The table of df, as coreutils prints it. */
import type { FileSystemTable } from "../../lib/container/filesystem_table.ts";
import { type BlockSize, blockSizeHeading, blockSuffix } from "../../lib/units/block_size.ts";
import { ceilHuman, usePercent } from "../../lib/units/df_size.ts";

export type Column =
  | "source"
  | "fstype"
  | "itotal"
  | "iused"
  | "iavail"
  | "ipcent"
  | "size"
  | "used"
  | "avail"
  | "pcent"
  | "file"
  | "target";

/** In the order that --output without a list prints. */
export const COLUMNS: readonly Column[] = [
  "source",
  "fstype",
  "itotal",
  "iused",
  "iavail",
  "ipcent",
  "size",
  "used",
  "avail",
  "pcent",
  "file",
  "target",
];

export interface Layout {
  readonly columns: readonly Column[];
  readonly blockSize: BlockSize;
  /** Headings of -P; those of --output say Avail instead of Available. */
  readonly headings: "default" | "posix" | "output";
  /** Characters, else bytes, are what a column's width counts. */
  readonly utf8: boolean;
}

const HEADINGS: Readonly<Record<Column, string>> = {
  source: "Filesystem",
  fstype: "Type",
  itotal: "Inodes",
  iused: "IUsed",
  iavail: "IFree",
  ipcent: "IUse%",
  size: "",
  used: "Used",
  avail: "Available",
  pcent: "Use%",
  file: "File",
  target: "Mounted on",
};

const LEAST_WIDTHS: Readonly<Record<Column, number>> = {
  source: 14,
  fstype: 4,
  itotal: 5,
  iused: 5,
  iavail: 5,
  ipcent: 4,
  size: 5,
  used: 5,
  avail: 5,
  pcent: 4,
  file: 0,
  target: 0,
};

const LEFT: readonly Column[] = ["source", "fstype", "file", "target"];

/** The table before its cells are put under each other; a mount point may still hold control characters. */
export interface Table {
  readonly headings: readonly string[];
  /** Whole numbers, NaN where not known, get the column's suffix. */
  readonly columns: readonly (readonly string[] | Float64Array)[];
  readonly suffixes: readonly string[];
  readonly widths: readonly number[];
  /** Bit i: column i stands on the left. */
  readonly left: number;
}

export function renderColumns(rows: FileSystemTable, layout: Layout): Table {
  const { columns } = layout;
  let left = 0;
  columns.forEach((column, i) => {
    if (LEFT.includes(column)) left |= 1 << i;
  });
  return {
    headings: columns.map((column) => heading(column, layout)),
    columns: columns.map((column) => cells(column, rows, layout)),
    suffixes: columns.map((column) => suffix(column, layout)),
    widths: columns.map((column) => LEAST_WIDTHS[column]),
    left,
  };
}

function heading(column: Column, { blockSize, headings }: Layout): string {
  const isHuman = blockSize.human && headings !== "output";
  if (column === "size") {
    if (blockSize.human) return "Size";
    return headings === "posix" ? `${blockSize.bytes}-blocks` : `${blockSizeHeading(blockSize)}-blocks`;
  }
  if (column === "avail") return isHuman || headings === "output" ? "Avail" : "Available";
  if (column === "pcent" && headings === "posix" && !blockSize.human) return "Capacity";
  return HEADINGS[column];
}

function cells(
  column: Column,
  rows: FileSystemTable,
  { blockSize }: Layout,
): readonly string[] | Float64Array {
  switch (column) {
    case "source":
      return rows.names.map((name) => name.source);
    case "fstype":
      return rows.names.map((name) => name.fsType);
    case "target":
      return rows.names.map((name) => name.target);
    case "file":
      return rows.files.map((file) => file ?? "-");
    case "pcent":
      return percents(rows.usedBytes, rows.availableBytes, rows.names.length);
    case "ipcent":
      return percents(rows.inodesUsed, rows.inodesFree, rows.names.length);
  }
  const isSize = column === "size" || column === "used" || column === "avail";
  const amounts = rounded(rows[NUMBER_OF[column]], rows.names.length, isSize ? blockSize.bytes : 1);
  if (!blockSize.human) return amounts;
  const { base } = blockSize;
  return Array.from(amounts, (value) =>
    Number.isNaN(value) ? "-" : value < 0 ? `-${ceilHuman(-value, base)}` : ceilHuman(value, base),
  );
}

const NUMBER_OF = {
  size: "sizeBytes",
  used: "usedBytes",
  avail: "availableBytes",
  itotal: "inodes",
  iused: "inodesUsed",
  iavail: "inodesFree",
} as const;

/** In units, away from zero. */
function rounded(numbers: Float64Array, count: number, unit: number): Float64Array {
  const result = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const value = numbers[row] as number;
    result[row] = value < 0 ? -Math.ceil(-value / unit) : Math.ceil(value / unit);
  }
  return result;
}

/** used / (used + available), NaN where that says nothing. */
function percents(used: Float64Array, available: Float64Array, count: number): Float64Array {
  const result = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const value = usePercent(used[row] as number, available[row] as number);
    result[row] = value === null || value < 0 ? Number.NaN : value;
  }
  return result;
}

function suffix(column: Column, { blockSize }: Layout): string {
  if (column === "pcent" || column === "ipcent") return "%";
  return blockSuffix(blockSize, column.startsWith("i") ? 1 : blockSize.bytes);
}
