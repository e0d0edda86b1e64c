/** Figures as text: "-" where they are not known. Pure. */

export function size(bytes: number | null): string {
  if (bytes === null) return "-";
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(value < 10 ? 1 : 0)}${["B", "K", "M", "G", "T"][unit]}`;
}

export function cores(value: number | null): string {
  return value === null ? "-" : `${Number(value.toFixed(2))}`;
}

export function tasks(value: number | null): string {
  return value === null ? "-" : `${Math.round(value)}`;
}

export function percent(ratio: number | null): string {
  return ratio === null ? "-" : `${Number((ratio * 100).toFixed(1))}%`;
}

export function limitText(limit: number | "max" | null, format: (value: number | null) => string): string {
  return limit === "max" ? "max" : format(limit);
}
