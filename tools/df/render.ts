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

/** Does what alignRows() does for thousands of rows; null where it cannot. See lib/system/mount_tables.ts. */
export type AlignTable = (cells: string[], widths: number[], left: number) => string | null;

export function renderTable(rows: readonly DfRow[], layout: Layout, align: AlignTable | null = null): string {
  const { columns } = layout;
  const format = cellFormat(layout);
  const cells = columns.map((column) => heading(column, layout));
  for (const row of rows) for (const column of columns) cells.push(format(row, column));
  const widths = columns.map((column) => LEAST_WIDTHS[column]);
  let left = 0;
  columns.forEach((column, i) => {
    if (LEFT.includes(column)) left |= 1 << i;
  });
  return align?.(cells, widths, left) ?? alignRows(cells, widths, left, layout.utf8);
}

function alignRows(cells: readonly string[], least: readonly number[], left: number, utf8: boolean): string {
  const widths = [...least];
  const last = widths.length - 1;
  cells.forEach((cell, i) => {
    const column = i % widths.length;
    widths[column] = Math.max(widths[column] as number, widthOf(cell, utf8));
  });
  // One string that grows by every cell of thousands of rows would be copied each time.
  const lines: string[] = [];
  for (let start = 0; start < cells.length; start += widths.length) {
    const line = widths.map((width, i) => {
      const cell = cells[start + i] as string;
      const blanks = " ".repeat(width - widthOf(cell, utf8));
      // The last column is not padded behind.
      return (left >> i) & 1 ? (i === last ? cell : cell + blanks) : blanks + cell;
    });
    lines.push(line.join(" "));
  }
  lines.push("");
  return lines.join("\n");
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

/** One function for the whole table: what does not change from row to row is made once. */
function cellFormat({ blockSize }: Layout): (row: DfRow, column: Column) => string {
  const sizeSuffix = blockSuffix(blockSize, blockSize.bytes);
  const countSuffix = blockSuffix(blockSize, 1);
  const size = (bytes: number | null): string => {
    if (bytes === null) return "-";
    if (bytes < 0) return `-${size(-bytes)}`;
    if (blockSize.human) return ceilHuman(bytes, blockSize.base);
    return plain(Math.ceil(bytes / blockSize.bytes)) + sizeSuffix;
  };
  const count = (value: number | null): string => {
    if (value === null) return "-";
    if (value < 0) return `-${count(-value)}`;
    return blockSize.human ? ceilHuman(value, blockSize.base) : plain(value) + countSuffix;
  };
  return (row, column) => {
    switch (column) {
      case "source":
        return printable(row.source);
      case "fstype":
        return printable(row.fsType);
      case "file":
        return row.file === null ? "-" : printable(row.file);
      case "target":
        return printable(row.target);
      case "size":
        return size(row.sizeBytes);
      case "used":
        return size(row.usedBytes);
      case "avail":
        return size(row.availableBytes);
      case "pcent":
        return percent(row.usedBytes, row.availableBytes);
      case "itotal":
        return count(row.inodes);
      case "iused":
        return count(row.inodesUsed);
      case "iavail":
        return count(row.inodesFree);
      case "ipcent":
        return percent(row.inodesUsed, row.inodesFree);
    }
  };
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

/** A mount point may hold a newline: it must not look like another row. */
function printable(text: string): string {
  return CONTROL.test(text) ? text.replace(CONTROLS, "?") : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\udc80-\udcff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\udc80-\udcff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** Columns on a terminal; in a locale without UTF-8 every byte counts. */
function widthOf(text: string, utf8: boolean): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    width += utf8 ? columnsOf(code) : code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return width;
}

/** Combining marks take no column, East Asian wide characters and emoji two. */
function columnsOf(code: number): number {
  if ((code >= 0x300 && code <= 0x36f) || code === 0x200b || code === 0x200d) return 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}
