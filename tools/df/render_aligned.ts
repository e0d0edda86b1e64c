/** Puts cells under each other in JavaScript: for names that are not ASCII or hold control characters, and where the host cannot do it. */
import type { Table } from "./render.ts";

/**
 * @param utf8 characters, else bytes, are what a column's width counts
 * @param isTerminal nothing that a terminal could take for a command is printed; else what coreutils prints
 */
export function renderAligned(table: Table, utf8: boolean, isTerminal: boolean): string {
  const columns = table.columns.map((column, i) => [
    table.headings[i] as string,
    ...(column instanceof Float64Array ? numberCells(column, table.suffixes[i] as string) : column).map(
      (cell) => printable(cell, utf8, isTerminal),
    ),
  ]);
  const widths = table.widths.map((least, i) =>
    (columns[i] as string[]).reduce((width, cell) => Math.max(width, widthOf(cell, utf8)), least),
  );
  const last = widths.length - 1;
  // One string that grows by every cell of thousands of rows would be copied each time.
  const lines: string[] = [];
  for (let row = 0; row < (columns[0] as string[]).length; row++) {
    const line = widths.map((width, i) => {
      const cell = columns[i]?.[row] as string;
      const blanks = " ".repeat(width - widthOf(cell, utf8));
      // The last column is not padded behind.
      return (table.left >> i) & 1 ? (i === last ? cell : cell + blanks) : blanks + cell;
    });
    lines.push(line.join(" "));
  }
  lines.push("");
  return lines.join("\n");
}

/** Digits only, also above 10^21, where String() writes an exponent. */
function numberCells(values: Float64Array, suffix: string): string[] {
  return Array.from(values, (value) => {
    if (Number.isNaN(value)) return "-";
    const text =
      Math.abs(value) < 1e21 ? String(value) : `${value < 0 ? "-" : ""}${digitsOf(Math.abs(value))}`;
    return text + suffix;
  });
}

/** Of a number above 2^53, exactly: it is a whole number of 53 bits, doubled some times. */
export function digitsOf(value: number): string {
  let rest = value;
  let doublings = 0;
  for (; rest >= 2 ** 53; rest /= 2) doublings++;
  // Seven digits in each, the lowest first.
  const groups: number[] = [];
  for (; rest > 0; rest = Math.floor(rest / 1e7)) groups.push(rest % 1e7);
  for (; doublings > 0; doublings--) {
    let carry = 0;
    for (let i = 0; i < groups.length; i++) {
      const twice = (groups[i] as number) * 2 + carry;
      carry = twice >= 1e7 ? 1 : 0;
      groups[i] = twice - carry * 1e7;
    }
    if (carry === 1) groups.push(1);
  }
  const [first = 0, ...others] = groups.reverse();
  return String(first) + others.map((group) => String(group).padStart(7, "0")).join("");
}

/** A mount point may hold a newline: it must not look like another row. Bytes that are no UTF-8 survive (U+DC80 to U+DCFF). */
function printable(text: string, utf8: boolean, isTerminal: boolean): string {
  if (ASCII.test(text) && !CONTROL.test(text)) return text;
  const plain = text.replace(CONTROL, "?");
  if (isTerminal) return plain.replace(BEYOND, "?");
  return utf8 ? plain.replace(C1, "\ufffd") : plain;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/g;

const C1 = /[\u0080-\u009f]/g;

const BEYOND = /[\u0080-\u009f\udc80-\udcff]/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** Columns on a terminal; in a locale without UTF-8 every byte counts. */
function widthOf(text: string, utf8: boolean): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    width += utf8 ? columnsOf(code) : bytesOf(code);
  }
  return width;
}

/** In UTF-8; a byte that is none stays one. */
function bytesOf(code: number): number {
  if (code < 0x80 || (code >= 0xdc80 && code <= 0xdcff)) return 1;
  return code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
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
