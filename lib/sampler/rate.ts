/** Arithmetic of compute: unknown stays unknown, and a counter that went backwards is unknown, never a huge number. */
import type { ComputedItem, RawItem, RawValue } from "./module.ts";

export type Values = readonly RawValue[];

/** How much a counter moved. */
export function moved(before: Values | null, after: Values, field: number): RawValue {
  const a = before?.[field] ?? null;
  const b = after[field] ?? null;
  return a === null || b === null || b < a ? null : b - a;
}

export function perSecond(delta: RawValue, seconds: number): RawValue {
  return delta === null || !(seconds > 0) ? null : delta / seconds;
}

/** part * 100 / whole; `none` where the whole is 0. */
export function percent(part: RawValue, whole: RawValue, none: RawValue = null): RawValue {
  if (part === null || whole === null) return null;
  return whole === 0 ? none : (part * 100) / whole;
}

export function quotient(part: RawValue, whole: RawValue, none: RawValue = null): RawValue {
  if (part === null || whole === null) return null;
  return whole === 0 ? none : part / whole;
}

/** null as soon as one is. */
export function sum(...values: readonly RawValue[]): RawValue {
  let total = 0;
  // By index: a week of samples comes through here, and an iterator costs more than the rest.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (value === null) return null;
    total += value;
  }
  return total;
}

/** The same formula for every item; an item is compared with the earlier one of its name. */
export function eachItem(
  compute: (before: Values | null, after: Values, seconds: number) => readonly RawValue[],
): (before: readonly RawItem[] | null, after: readonly RawItem[], seconds: number) => ComputedItem[] {
  return (before, after, seconds) =>
    after.map((item, index) => {
      const same = before?.[index];
      const last = same?.name === item.name ? same : before?.find((one) => one.name === item.name);
      return { name: item.name, values: compute(last?.values ?? null, item.values, seconds) };
    });
}

/** A whole number for storage; "max" becomes NO_LIMIT. */
export function whole(value: number | "max" | null | undefined, scale = 1): RawValue {
  if (value === null || value === undefined) return null;
  return value === "max" ? -1 : Math.round(value * scale);
}
