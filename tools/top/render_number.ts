/** Numbers in a column of given width, as procps-ng's top prints them: less and less precise until they fit. */
import { fixed } from "../../lib/units/fixed.ts";

const SUFFIXES = "kmgtp";

/** Kibibytes, at least in the unit `target` (0 KiB ... 4 PiB), else in the first one that fits. "" when 0 is suppressed. */
export function scaleMemory(kib: number, width: number, target: number, zeros: boolean): string {
  if (Number.isNaN(kib)) return "-";
  if (!zeros && kib <= 0) return "";
  let value = Math.fround(kib);
  for (let unit = 0; unit < 5; unit++) {
    if (unit >= target) {
      const text = unit === 0 ? value.toFixed(0) : `${fixed(value, 1)}${SUFFIXES.charAt(unit)}`;
      if (text.length <= width) return text;
    }
    value = Math.fround(value / 1024);
  }
  return "?";
}

/** A count: as it is, else in k, m, g ... of 1024. */
export function scaleCount(count: number, width: number, zeros: boolean): string {
  if (Number.isNaN(count)) return "-";
  if (!zeros && count <= 0) return "";
  let value = Math.fround(count);
  let text = fixed(value, 0);
  if (text.length <= width) return text;
  for (let unit = 0; unit < SUFFIXES.length; unit++) {
    value = Math.fround(value / 1024);
    text = `${fixed(value, 1)}${SUFFIXES.charAt(unit)}`;
    if (text.length <= width) return text;
    text = `${fixed(value, 0)}${SUFFIXES.charAt(unit)}`;
    if (text.length <= width) return text;
  }
  return "?";
}

/** `most`: decimals to begin with (3 for utilisation). */
export function scalePercent(percent: number, width: number, most: 1 | 3, zeros: boolean): string {
  if (!zeros && percent <= 0) return "";
  if (most === 1 && percent < 1000) {
    const text = tenths(Math.fround(percent));
    if (text.length <= width) return text;
  }
  for (let digits: number = most; digits >= 0; digits--) {
    const text = fixed(Math.fround(percent), digits);
    if (text.length <= width) return text;
  }
  return "?";
}

/** As fixed(value, 1), quicker: only what is near a tie takes the exact way. */
function tenths(value: number): string {
  const scaled = value * 10;
  const whole = Math.floor(scaled);
  const rest = scaled - whole;
  if (rest > 0.4999 && rest < 0.5001) return fixed(value, 1);
  const rounded = rest < 0.5 ? whole : whole + 1;
  const units = (rounded / 10) | 0;
  return `${units}.${rounded - units * 10}`;
}

/** A whole number; one that is too long ends in "+". */
export function wholeNumber(value: number, width: number): string {
  const text = String(value);
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}+`;
}

/** What scaleTime begins with: 0 M:SS.cc, 1 M:SS, 2 H,MM, 3 Dd+Hh, 4 Dd, 5 Ww+Dd, 6 Ww. */
export type TimeTarget = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Clock ticks as a time; past 360 minutes, 96 hours and 14 days the next form is taken. */
export function scaleTime(
  ticks: number,
  ticksPerSecond: number,
  width: number,
  target: TimeTarget,
  zeros: boolean,
): string {
  if (Number.isNaN(ticks)) return "-";
  const hundredths = Math.floor((ticks * 100) / ticksPerSecond);
  if (hundredths <= 0) {
    if (!zeros) return "";
    if (target === 0 && width >= 7) return "0:00.00";
  }
  const seconds = Math.floor(hundredths / 100);
  const minutes = Math.floor(seconds / 60);
  if (minutes <= 360 && target < 2) {
    const rest = seconds % 60;
    const short = `${minutes}:${rest < 10 ? "0" : ""}${rest}`;
    if (target === 0) {
      const cents = hundredths % 100;
      const text = `${short}.${cents < 10 ? "0" : ""}${cents}`;
      if (text.length <= width) return text;
    }
    if (short.length <= width) return short;
  }
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const weeks = Math.floor(days / 7);
  const forms: string[] = [];
  if (hours <= 96 && target <= 2) forms.push(`${hours},${String(minutes % 60).padStart(2, "0")}`);
  if (days <= 14 && target <= 3) forms.push(`${days}d+${hours % 24}h`);
  if (days <= 14 && target <= 4) forms.push(`${days}d`);
  if (target <= 5) forms.push(`${weeks}w+${days % 7}d`);
  forms.push(`${weeks}w`);
  return forms.find((form) => form.length <= width) ?? "?";
}
