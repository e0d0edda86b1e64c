/** Figures as text for tables and pages: "-" where they are not known. Pure. */

/** Three digits at most: 912B, 1.5K, 64M. */
export function size(bytes: number | null): string {
  if (bytes === null) return "-";
  let text = `${Math.round(bytes)}`;
  let unit = 0;
  // What rounds up to 1024 is one of the next unit.
  for (let value = bytes; Number(text) >= 1024 && unit < 4; unit++) {
    value /= 1024;
    text = value.toFixed(value < 9.95 ? 1 : 0);
  }
  return text + ["B", "K", "M", "G", "T"][unit];
}

export function cores(value: number | null): string {
  return value === null ? "-" : `${Number(value.toFixed(2))}`;
}

export function tasks(value: number | null): string {
  return value === null ? "-" : `${Math.round(value)}`;
}

export function percent(ratio: number | null, digits = 0): string {
  return ratio === null ? "-" : `${Number((ratio * 100).toFixed(digits))}%`;
}

export function limitText(limit: number | "max" | null, format: (value: number | null) => string): string {
  return limit === "max" ? "max" : format(limit);
}
