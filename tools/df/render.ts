/** The table of df, as coreutils prints it. */
import { type BlockSize, blockSizeHeading, blockSuffix } from "../../lib/units/block_size.ts";
import { ceilHuman, usePercent } from "../../lib/units/df_size.ts";
import type { DfRow } from "./collect.ts";

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
  /** Row after row, the headings first. */
  readonly cells: string[];
  readonly widths: number[];
  /** Bit i: column i stands on the left. */
  readonly left: number;
}

export function renderCells(rows: readonly DfRow[], layout: Layout): Table {
  const { columns } = layout;
  const formats = cellFormats(layout);
  const cells = columns.map((column) => heading(column, layout));
  for (const row of rows) for (const format of formats) cells.push(format(row));
  let left = 0;
  columns.forEach((column, i) => {
    if (LEFT.includes(column)) left |= 1 << i;
  });
  return { cells, widths: columns.map((column) => LEAST_WIDTHS[column]), left };
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

type Format = (row: DfRow) => string;

/** One function for each column: what does not change from row to row is done once. */
function cellFormats({ columns, blockSize }: Layout): Format[] {
  const { bytes: unit, human, base } = blockSize;
  const sizeSuffix = blockSuffix(blockSize, unit);
  const countSuffix = blockSuffix(blockSize, 1);
  const size = (bytes: number | null): string => {
    if (bytes === null) return "-";
    if (bytes < 0) return `-${size(-bytes)}`;
    return human ? ceilHuman(bytes, base) : plain(Math.ceil(bytes / unit)) + sizeSuffix;
  };
  const count = (value: number | null): string => {
    if (value === null) return "-";
    if (value < 0) return `-${count(-value)}`;
    return human ? ceilHuman(value, base) : plain(value) + countSuffix;
  };
  const formats: Readonly<Record<Column, Format>> = {
    source: (row) => row.source,
    fstype: (row) => row.fsType,
    file: (row) => row.file ?? "-",
    target: (row) => row.target,
    size: (row) => size(row.sizeBytes),
    used: (row) => size(row.usedBytes),
    avail: (row) => size(row.availableBytes),
    pcent: (row) => percent(row.usedBytes, row.availableBytes),
    itotal: (row) => count(row.inodes),
    iused: (row) => count(row.inodesUsed),
    iavail: (row) => count(row.inodesFree),
    ipcent: (row) => percent(row.inodesUsed, row.inodesFree),
  };
  return columns.map((column) => formats[column]);
}

function percent(used: number | null, available: number | null): string {
  if (used === null || available === null) return "-";
  const value = usePercent(used, available);
  return value === null || value < 0 ? "-" : `${plain(value)}%`;
}

/** Digits only, also above 10^21, where String() writes an exponent. */
function plain(value: number): string {
  return value < 1e21 ? String(value) : BigInt(value).toString();
}
