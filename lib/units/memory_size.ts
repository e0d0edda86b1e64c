/** Memory sizes as procps prints them for people. */
import { fixed } from "./fixed.ts";

/**
 * `free -h` and `free -h --si`: the first that fits of "NB" (4 characters), then for each unit one decimal, rounded, or the
 * truncated integer; 5 characters with "Ki", 4 with "K". So 9.96 GiB is "9Gi": "10.0Gi" is too long. procps does that too.
 */
export function scaleHuman(bytes: number, si: boolean): string {
  const base = si ? 1000 : 1024;
  const plain = `${bytes}B`;
  if (plain.length <= 4) return plain;
  const suffix = si ? "" : "i";
  const room = si ? 4 : 5;
  let text = plain;
  for (let exponent = 1; exponent <= UNITS.length; exponent++) {
    const scaled = bytes / base ** exponent;
    const unit = `${UNITS.charAt(exponent - 1)}${suffix}`;
    // procps rounds to a float first.
    text = `${fixed(Math.fround(scaled), 1)}${unit}`;
    if (text.length <= room) return text;
    text = `${Math.trunc(scaled)}${unit}`;
    if (text.length <= room) return text;
  }
  return text;
}

const UNITS = "KMGTPEZY";
