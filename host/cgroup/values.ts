/** The grammar of values, checked before anything is written, and their translation between v1 and v2. Pure. */
import type { Limit } from "../../lib/kernfile/limit.ts";
import type { ValueKind } from "./keys.ts";

/** A value as it will be written, and as a number where it is one. */
export interface Value {
  readonly text: string;
  readonly number: Limit | null;
}

const SUFFIXES = "kmgt";

/** The value; or, as a text in `problem`, what is wrong with it. */
export function parseValue(
  kind: ValueKind,
  text: string,
  version: 1 | 2,
): Value | { readonly problem: string } {
  const bad = (what: string) => ({ problem: `not ${what}: '${text}'` });
  switch (kind) {
    case "bytes": {
      const limit = parseBytes(text);
      if (limit === null) return bad("a size (digits with k, m, g or t; max or -1: no limit)");
      return { text: limit === "max" ? noLimit(version) : `${limit}`, number: limit };
    }
    case "count": {
      const limit = text === "max" || text === "-1" ? "max" : count(text);
      if (limit === null) return bad("a number, max or -1");
      return { text: `${limit}`, number: limit };
    }
    case "microseconds": {
      if (text === "-1" || text === "max") return { text: "-1", number: "max" };
      const value = count(text);
      if (value === null || value < 1000) return bad("a time in microseconds (1000 at least; -1: none)");
      return { text: `${value}`, number: value };
    }
    case "shares":
      return ranged(text, 2, 262_144) ?? bad("shares (2 to 262144)");
    case "weight":
      return ranged(text, 1, 10_000) ?? bad("a weight (1 to 10000)");
    case "switch":
      return text === "0" || text === "1" ? { text, number: Number(text) } : bad("0 or 1");
    case "cpus":
      return isCpuList(text) ? { text, number: null } : bad("a list (0-3,5)");
    case "cpuMax":
      return /^(max|[1-9][0-9]{3,9})( [1-9][0-9]{3,6})?$/.test(text)
        ? { text, number: null }
        : bad("'QUOTA PERIOD' or max");
    case "text":
      return text === "FROZEN" || text === "THAWED" ? { text, number: null } : bad("FROZEN or THAWED");
  }
}

/** "1g", "1.5G" is refused: the kernel takes whole numbers only. null: malformed. */
export function parseBytes(text: string): Limit | null {
  if (text === "max" || text === "-1") return "max";
  const match = /^([0-9]{1,16})([kmgt]?)b?$/i.exec(text);
  if (match === null) return null;
  const power = match[2] === "" ? 0 : SUFFIXES.indexOf((match[2] ?? "").toLowerCase()) + 1;
  const bytes = Number(match[1]) * 1024 ** power;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

function count(text: string): number | null {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

function ranged(text: string, least: number, most: number): Value | null {
  const value = count(text);
  return value === null || value < least || value > most ? null : { text: `${value}`, number: value };
}

function isCpuList(text: string): boolean {
  if (!/^[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*$/.test(text)) return false;
  return text.split(",").every((part) => {
    const [from = "", to = from] = part.split("-");
    return Number(from) <= Number(to);
  });
}

function noLimit(version: 1 | 2): string {
  return version === 1 ? "-1" : "max";
}

/**
 * cpu.shares (v1) as cpu.weight (v2), as opencontainers/cgroups does it since 2025: 1024 is 100. Older runtimes gave 39; what stands
 * after writing is what the kernel says.
 */
export function weightOfShares(shares: number): number {
  const l = Math.log2(shares);
  const weight = Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
  return Math.min(10_000, Math.max(1, weight));
}
