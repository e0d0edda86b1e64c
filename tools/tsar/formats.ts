/** Rows as JSON, CSV, and tsar's record output. Pure. */
import type { RawValue } from "../../lib/sampler/module.ts";
import type { LocalTime } from "../../lib/system/system.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import { type Row, sameColumns } from "./row.ts";

type Values = Record<string, RawValue>;

/** One report of `tsar --json`. null: not known. */
export interface TsarRow {
  /** Seconds since the epoch. */
  readonly realtimeSeconds: number;
  /** Module -> column -> value; for modules with items module -> item -> column -> value. */
  readonly modules: Readonly<Record<string, Values | Record<string, Values>>>;
}

export function rowDocument(row: Row): TsarRow {
  const modules: Record<string, Values | Record<string, Values>> = {};
  for (const block of row.blocks) {
    const values: Values = {};
    block.columns.forEach((column, index) => {
      values[column.name] = rounded(block.values[index] ?? null);
    });
    if (block.item === "") modules[block.module.name] = values;
    else {
      const items = (modules[block.module.name] ?? {}) as Record<string, Values>;
      items[block.item] = values;
      modules[block.module.name] = items;
    }
  }
  return { realtimeSeconds: row.realtimeMs / 1000, modules };
}

/** Six digits behind the point: more are noise, and lengthen every line. */
function rounded(value: RawValue): RawValue {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

/** Header and line; the header again where other items are shown. */
export function makeCsv(localTime: (realtimeSeconds: number) => LocalTime): (row: Row) => string {
  let last: Row | null = null;
  return (row) => {
    let text = "";
    if (last === null || !sameColumns(last, row)) {
      const names = row.blocks.flatMap((block) =>
        block.columns.map((column) => csvField(columnPath(block.module.name, block.item, column.name))),
      );
      text = `${["time", ...names].join(",")}\n`;
    }
    last = row;
    const values = row.blocks.flatMap((block) =>
      block.values.map((value) => (value === null ? "" : String(rounded(value)))),
    );
    return `${text}${[isoTime(localTime(row.realtimeMs / 1000)), ...values].join(",")}\n`;
  };
}

function columnPath(module: string, item: string, column: string): string {
  return item === "" ? `${module}.${column}` : `${module}.${item}.${column}`;
}

/** Names are others': a newline in one is no row. */
function csvField(name: string): string {
  const text = safeText(name);
  return /[",]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** 2026-11-21T10:31:00+01:00 */
export function isoTime(time: LocalTime): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.abs(Math.round(time.offsetSeconds / 60));
  const sign = time.offsetSeconds < 0 ? "-" : "+";
  const zone = minutes === 0 ? "Z" : `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${time.year}-${two(time.month)}-${two(time.day)}T${two(time.hour)}:${two(time.minute)}:${two(time.second)}${zone}`;
}

/** host<TAB>tsar<TAB>cpu:user=11.2 io:vda:util=0.0 ... */
export function checkLine(host: string, row: Row): string {
  const fields = row.blocks.flatMap((block) =>
    block.columns.map((column, index) => {
      const value = block.values[index] ?? null;
      // Blanks and equal signs part the fields.
      const item = block.item === "" ? "" : `${safeText(block.item).replace(/[\s=]/g, "_")}:`;
      return `${block.module.name}:${item}${column.name}=${value === null ? "-" : value.toFixed(1)}`;
    }),
  );
  return `${host}\ttsar\t${fields.join(" ")}\n`;
}
