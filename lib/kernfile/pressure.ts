/**
 * Pressure stall information: some and full, as in cpu.pressure and /proc/pressure/cpu. avg* are the kernel's percent.
 *
 * Since 4.20. See Documentation/accounting/psi.rst.
 */
import { quote, requireCount, requireDecimal } from "./count.ts";
import { requireLines } from "./lines.ts";
import { ParseError } from "./parse_error.ts";

export interface PressureLine {
  /** Percent of the last 10, 60, 300 seconds. */
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  /** `total`, since boot or since the cgroup was made. */
  readonly totalUsec: number;
}

export interface Pressure {
  /** null: irq.pressure has a full line only. */
  readonly some: PressureLine | null;
  /** null: cpu.pressure has had this line since 5.13 only. */
  readonly full: PressureLine | null;
}

/** Throws ParseError. */
export function parsePressure(text: string, path: string): Pressure {
  let some: PressureLine | null = null;
  let full: PressureLine | null = null;
  requireLines(text, path).forEach((line, index) => {
    const [kind, ...fields] = line.split(" ");
    if (kind === "some") some = parseLine(fields, line, path, index + 1);
    else if (kind === "full") full = parseLine(fields, line, path, index + 1);
    else throw new ParseError(path, index + 1, `neither some nor full: ${quote(line)}`);
  });
  return { some, full };
}

function parseLine(fields: readonly string[], line: string, path: string, number: number): PressureLine {
  const [avg10, avg60, avg300, total] = fields;
  const value = (field: string | undefined, key: string): string => {
    if (field === undefined || !field.startsWith(key)) {
      throw new ParseError(path, number, `no ${key} in ${quote(line)}`);
    }
    return field.slice(key.length);
  };
  return {
    avg10: requireDecimal(value(avg10, "avg10="), path, number),
    avg60: requireDecimal(value(avg60, "avg60="), path, number),
    avg300: requireDecimal(value(avg300, "avg300="), path, number),
    totalUsec: requireCount(value(total, "total="), path, number),
  };
}
