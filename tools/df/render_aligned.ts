/** Puts cells under each other in JavaScript: for names that are not ASCII or hold control characters, and where the host cannot do it. */
import type { Table } from "./render.ts";

/** @param utf8 characters, else bytes, are what a column's width counts */
export function renderAligned(table: Table, utf8: boolean): string {
  const cells = table.cells.map(printable);
  const widths = [...table.widths];
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
      return (table.left >> i) & 1 ? (i === last ? cell : cell + blanks) : blanks + cell;
    });
    lines.push(line.join(" "));
  }
  lines.push("");
  return lines.join("\n");
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
