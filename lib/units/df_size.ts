/** The sizes of `df`: always rounded up. */

/** Whole blocks that hold `bytes`: `df -k`, `-B`. */
export function ceilBlocks(bytes: number, blockBytes: number): number {
  return Math.ceil(bytes / blockBytes);
}

/**
 * `df -h` (1024: K M G) and `df -H` (1000: k M G): rounded up, one decimal below 10 ("4.0K", "1020K", "9.9G", then "10G"),
 * bytes below one unit without a letter.
 */
export function ceilHuman(bytes: number, base: 1000 | 1024): string {
  let exponent = 0;
  let unit = 1;
  while (exponent < UNITS.length && bytes >= unit * base) {
    unit *= base;
    exponent++;
  }
  if (exponent === 0) return String(bytes);
  let whole = Math.floor(bytes / unit);
  const rest = bytes - whole * unit;
  if (whole < 10) {
    const tenths = Math.ceil((rest * 10) / unit);
    if (whole * 10 + tenths < 100)
      return `${((whole * 10 + tenths) / 10).toFixed(1)}${letter(exponent, base)}`;
    return `10${letter(exponent, base)}`;
  }
  if (rest > 0) whole++;
  if (whole === base && exponent < UNITS.length) return `1.0${letter(exponent + 1, base)}`;
  return `${whole}${letter(exponent, base)}`;
}

/** Use% of df: 100 x used / (used + available), rounded up; null (printed "-") when both are 0. */
export function usePercent(used: number, available: number): number | null {
  const usable = used + available;
  return usable === 0 ? null : Math.ceil((100 * used) / usable);
}

const UNITS = "KMGTPEZY";

function letter(exponent: number, base: 1000 | 1024): string {
  return exponent === 1 && base === 1000 ? "k" : UNITS.charAt(exponent - 1);
}
