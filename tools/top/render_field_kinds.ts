/** Kinds of columns: how a value becomes a text of some width, and what it is sorted by. */
import { type Numbers, ticksOf } from "./render_field_values.ts";
import { scaleCount, scaleMemory, scaleTime, type TimeTarget, wholeNumber } from "./render_number.ts";
import type { TaskView } from "./tasks.ts";

/** How the user wants fields printed. */
export interface FieldStyle {
  /** 0 KiB ... 4 PiB */
  readonly taskScale: number;
  readonly zeros: boolean;
  readonly cumulativeTime: boolean;
  readonly commandLine: boolean;
  readonly timeTarget: TimeTarget;
}

export interface Field {
  readonly name: string;
  readonly about: string;
  /** 0: what is left of the line. */
  readonly width: number;
  readonly right: boolean;
  /** Grows with the longest pid. */
  readonly pidWide?: boolean;
  /** Grows with X. */
  readonly widens?: boolean;
  readonly text: (view: TaskView, row: number, style: FieldStyle, width: number) => string;
  /** A number or a text; larger first when sorting high to low. */
  readonly order: (view: TaskView, row: number, style: FieldStyle) => number | string;
}

export interface Extra {
  readonly pidWide?: boolean;
  readonly widens?: boolean;
}

export function whole(name: string, width: number, about: string, value: Numbers, extra: Extra = {}): Field {
  return {
    name,
    about,
    width,
    right: true,
    ...extra,
    text: (view, row, _style, columns) => {
      const number = value(view, row);
      return Number.isNaN(number) ? "-" : wholeNumber(number, columns);
    },
    order: value,
  };
}

/** Empty instead of 0 when zeros are suppressed. */
export function wholeOrBlank(
  name: string,
  width: number,
  about: string,
  value: Numbers,
  extra: Extra = {},
): Field {
  const field = whole(name, width, about, value, extra);
  return {
    ...field,
    text: (view, row, style, columns) =>
      !style.zeros && value(view, row) === 0 ? "" : field.text(view, row, style, columns),
  };
}

export function memory(name: string, width: number, about: string, value: Numbers): Field {
  return {
    name,
    about,
    width,
    right: true,
    text: (view, row, style, columns) => {
      const kib = value(view, row);
      // The usual case: short, no unit.
      if (style.taskScale === 0 && style.zeros && kib >= 0 && kib < (columns > 6 ? 9999999 : 999999))
        return String(kib | 0);
      return scaleMemory(kib, columns, style.taskScale, style.zeros);
    },
    order: value,
  };
}

export function count(name: string, width: number, about: string, value: Numbers): Field {
  return {
    name,
    about,
    width,
    right: true,
    text: (view, row, style, columns) => scaleCount(value(view, row), columns, style.zeros),
    order: value,
  };
}

export function rate(name: string, width: number, about: string, which: "read" | "write"): Field {
  return {
    name,
    about,
    width,
    right: true,
    text: (view, row, style, columns) => {
      const bytes = view.ioRate(row, which);
      return bytes === null ? "-" : scaleCount(bytes, columns, style.zeros);
    },
    order: (view, row) => view.ioRate(row, which) ?? -1,
  };
}

export function words(
  name: string,
  width: number,
  about: string,
  value: (view: TaskView, row: number) => string,
  extra: Extra = {},
): Field {
  return { name, about, width, right: false, ...extra, text: value, order: value };
}

export function time(name: string, width: number, about: string): Field {
  return {
    name,
    about,
    width,
    right: true,
    text: (view, row, style, columns) =>
      scaleTime(
        ticksOf(view, row, style.cumulativeTime),
        view.ticksPerSecond,
        columns,
        style.timeTarget,
        style.zeros,
      ),
    order: (view, row, style) => ticksOf(view, row, style.cumulativeTime),
  };
}
