/** Files of lines "MAJOR:MINOR COUNT": blkio.throttle.read_bps_device and its like. */
import { quote, toCount } from "./count.ts";
import { splitLines } from "./lines.ts";
import { isDevice } from "./nested_keyed.ts";
import { ParseError } from "./parse_error.ts";

/** By device; empty text is an empty map. Throws ParseError. */
export function parseDeviceCounts(text: string, path: string): Map<string, number> {
  const counts = new Map<string, number>();
  let number = 0;
  for (const line of splitLines(text)) {
    number++;
    const space = line.indexOf(" ");
    const device = line.slice(0, Math.max(space, 0));
    const value = toCount(line.slice(space + 1));
    if (!isDevice(device) || value < 0) {
      throw new ParseError(path, number, `not "MAJOR:MINOR COUNT": ${quote(line)}`);
    }
    counts.set(device, value);
  }
  return counts;
}
