/** tsar's table: two header lines every 20 rows, values of 6 characters, "------" for unknown. Pure. */
import type { RawValue } from "../../lib/sampler/module.ts";
import type { LocalTime } from "../../lib/system/system.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import { type Block, type Row, sameColumns } from "./row.ts";

export const HEADER_EVERY = 20;
const UNKNOWN = "------";

/** Colour of a value; null: none. */
export type Paint = (block: Block, column: number) => "warning" | "critical" | null;

export interface TableOptions {
  readonly detail: boolean;
  /** Seconds in the time, as live mode shows them. */
  readonly seconds: boolean;
  readonly paint: Paint | null;
  readonly localTime: (realtimeSeconds: number) => LocalTime;
}

export interface Table {
  /** The text of a row, its header before it where one is due. */
  readonly row: (row: Row) => string;
  /** A line with another word where the time stands: MAX, MEAN, MIN. */
  readonly line: (label: string, row: Row) => string;
}

export function makeTable(options: TableOptions): Table {
  const timeWidth = options.seconds ? 18 : 15;
  let rows = 0;
  let last: Row | null = null;
  const line = (label: string, row: Row): string =>
    `${trimEnd(label.padEnd(timeWidth) + valuesText(row.blocks, options))}\n`;
  return {
    line,
    row(row) {
      let text = "";
      const isSame = last !== null && sameColumns(last, row);
      if (rows % HEADER_EVERY === 0 || !isSame) {
        text = `${last === null ? "" : "\n"}${headerText(row.blocks, timeWidth)}`;
        if (!isSame) rows = 0;
      }
      last = row;
      rows++;
      return text + line(timeText(options.localTime(row.realtimeMs / 1000), options.seconds), row);
    },
  };
}

function headerText(blocks: readonly Block[], timeWidth: number): string {
  let titles = "Time".padEnd(timeWidth);
  let names = "Time".padEnd(timeWidth);
  blocks.forEach((block, index) => {
    const title = block.item === "" ? `--${block.module.name}` : safeText(block.item);
    const gap = gapAfter(blocks, index);
    titles += centred(title, block.columns.length * 8) + gap;
    names += block.columns.map((column) => `${column.name.slice(0, 6).padStart(6)}  `).join("") + gap;
  });
  return `${trimEnd(titles)}\n${trimEnd(names)}\n`;
}

function valuesText(blocks: readonly Block[], { detail, paint }: TableOptions): string {
  const pieces: string[] = [];
  for (let at = 0; at < blocks.length; at++) {
    const block = blocks[at] as Block;
    const { values } = block;
    for (let column = 0; column < values.length; column++) {
      const cell = formatValue(values[column] as RawValue, detail);
      pieces.push(paint === null ? cell : painted(cell, paint(block, column)));
    }
    pieces[pieces.length - 1] += gapAfter(blocks, at);
  }
  return pieces.join("  ");
}

function painted(cell: string, colour: "warning" | "critical" | null): string {
  return colour === null ? cell : `\x1b[${colour === "critical" ? 31 : 33}m${cell}\x1b[m`;
}

/** A space after each item, one more after a module with several. */
function gapAfter(blocks: readonly Block[], index: number): string {
  const block = blocks[index];
  const isLast = blocks[index + 1]?.module !== block?.module;
  return isLast && block?.module.hasItems === true ? "  " : " ";
}

function centred(title: string, width: number): string {
  const text = title.slice(0, width);
  const left = Math.floor((width - text.length) / 2);
  return "-".repeat(left) + text + "-".repeat(width - text.length - left);
}

const UNITS = ["", "K", "M", "G", "T"];

/** Six characters: two decimals, from 999.9 on one decimal and the unit, base 1024. */
export function formatValue(value: RawValue, detail: boolean): string {
  if (value === null) return UNKNOWN;
  if (value === 0) return "  0.00";
  if (value > 0 && value < 999.9) return twoDecimals(value);
  if (detail) return value.toFixed(2).padStart(6);
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 999.9 && unit < UNITS.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return unit === 0 ? scaled.toFixed(2).padStart(6) : scaled.toFixed(1).padStart(5) + UNITS[unit];
}

/** Numbers up to 999 with a point, and up to 99, as text: filled when they are first needed. */
const WHOLES: string[] = [];
const TWO_DIGITS: string[] = [];

/** As toFixed(2), which takes ten times as long: a week of five modules has a million values. 0 < value < 999.9. */
function twoDecimals(value: number): string {
  const hundred = value * 100;
  const rounded = Math.floor(hundred + 0.5);
  // Near the middle only the exact decimal number tells.
  const distance = hundred - rounded;
  if (distance > 0.499 || distance < -0.499) return value.toFixed(2).padStart(6);
  const whole = Math.floor(rounded / 100) | 0;
  const rest = (rounded - whole * 100) | 0;
  WHOLES[whole] ??= `${whole}.`.padStart(4);
  return (WHOLES[whole] as string) + twoDigits(rest);
}

function twoDigits(value: number): string {
  TWO_DIGITS[value] ??= `${value}`.padStart(2, "0");
  return TWO_DIGITS[value] as string;
}

/** day/month/year-hour:minute, as tsar. */
export function timeText(time: LocalTime, seconds: boolean): string {
  const { day, month, year, hour, minute, second } = time;
  const text = `${twoDigits(day)}/${twoDigits(month)}/${twoDigits(year % 100)}-${twoDigits(hour)}:${twoDigits(minute)}`;
  return seconds ? `${text}:${twoDigits(second)}` : text;
}

/** Without a pattern: it would be tried at every space of a long row. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return text.slice(0, end);
}
