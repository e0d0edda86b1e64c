/** Header and rows of tasks, as wide as the screen. */
import { fitColumns, textColumns } from "../../lib/units/terminal_text.ts";
import type { Field, FieldStyle } from "./render_field_kinds.ts";
import { FIELDS } from "./render_fields.ts";
import type { TaskView } from "./tasks.ts";

export interface Column {
  readonly index: number;
  readonly field: Field;
  readonly width: number;
  readonly right: boolean;
  /** Texts as they were fitted: users, states and names come again and again. */
  readonly fitted: Map<string, string>;
}

const FITTED_MOST = 2000;

export interface LayoutOptions {
  readonly fields: readonly number[];
  /** The first `skip` fields have been scrolled away. */
  readonly skip: number;
  readonly screenColumns: number;
  /** Digits of the largest pid and of the largest CPU number. */
  readonly pidDigits: number;
  readonly cpuDigits: number;
  readonly widen: number;
  readonly rightNumbers: boolean;
  readonly leftTexts: boolean;
  /** One more at the left for the window's number. */
  readonly indent: number;
}

/** The columns that fit; what is left of the line is shared by those of variable width. */
export function layoutColumns(options: LayoutOptions): Column[] {
  const columns: { index: number; field: Field; width: number; right: boolean }[] = [];
  let used = options.indent;
  let variable = 0;
  let variableColumns = 0;
  for (const index of options.fields.slice(options.skip)) {
    const field = FIELDS[index];
    if (field === undefined) continue;
    const width = field.width === 0 ? field.name.length : fixedWidth(field, options);
    if (options.screenColumns < used + width + 1) break;
    used += width + 1;
    if (field.width === 0) {
      variable++;
      variableColumns += width;
    }
    const right = field.right ? options.rightNumbers : !options.leftTexts;
    columns.push({ index, field, width: field.width === 0 ? 0 : width, right });
  }
  const each = variable === 0 ? 0 : Math.floor((variableColumns + options.screenColumns - used) / variable);
  return columns.map((column) => ({
    ...column,
    width: column.width === 0 ? each : column.width,
    fitted: new Map<string, string>(),
  }));
}

function fixedWidth(field: Field, options: LayoutOptions): number {
  if (field.pidWide === true) return Math.max(field.width, options.pidDigits);
  if (field.name === "P") return options.cpuDigits;
  return field.widens === true ? field.width + options.widen : field.width;
}

export function headerText(columns: readonly Column[], indent: string): string {
  return (
    indent + columns.map((column) => `${fitColumns(column.field.name, column.width, column.right)} `).join("")
  );
}

/** One row. `command`: in place of the COMMAND column's own text (the tree). */
export function rowText(
  view: TaskView,
  row: number,
  columns: readonly Column[],
  style: FieldStyle,
  indent: string,
  overrides: { readonly command?: string; readonly cpu?: string } | null = null,
): string {
  let line = indent;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as Column;
    const { field, width } = column;
    let text = field.text(view, row, style, width);
    if (overrides !== null) {
      if (overrides.command !== undefined && field.name === "COMMAND") text = overrides.command;
      if (overrides.cpu !== undefined && field.name === "%CPU") text = overrides.cpu;
    }
    // Numbers are plain and never too long: the quick way.
    if (column.right && field.right && text.length <= width) line += text.padStart(width);
    else {
      let fitted = column.fitted.get(text);
      if (fitted === undefined) {
        fitted = fitColumns(text, width, column.right);
        if (column.fitted.size < FITTED_MOST) column.fitted.set(text, fitted);
      }
      line += fitted;
    }
    line += " ";
  }
  return line;
}

/** Cut at the screen's edge without filling up. */
export function cutLine(text: string, columns: number): string {
  if (textColumns(text) <= columns) return text;
  let used = 0;
  let result = "";
  for (const char of text) {
    used += textColumns(char);
    if (used > columns) break;
    result += char;
  }
  return result;
}
