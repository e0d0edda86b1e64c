/** What a guest left: documents of the tools, and the kernel's own files, copied outside the container. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { GuestOptions } from "./guests.ts";
import type { Verdict } from "./vm.ts";

/** Why the guests cannot run here; in CI they must. */
export const SKIP = process.env.PROCG_KERNEL_SKIP;

export const M = 1024 * 1024;

export interface GuestResults {
  readonly verdict: Verdict;
  readonly console: string;
  /** A file below /out. */
  text(path: string): string;
  has(path: string): boolean;
  number(path: string): number;
  /** Seconds since boot when the kernel's files were copied there. */
  uptime(folder: string): number;
  json<T>(path: string): T;
  /** The documents of a tool that reports again and again, one per line. */
  jsonLines<T>(path: string): readonly T[];
  /** Number behind a key of a flat keyed file: "KEY VALUE" lines. */
  keyed(path: string, key: string): number;
}

export function guestResults(guest: GuestOptions): GuestResults {
  const folder = join(process.env.PROCG_KERNEL_RESULTS ?? "", guest.name);
  const verdict = JSON.parse(readFileSync(join(folder, "verdict.json"), "utf8")) as Verdict;
  const log = join(folder, "console");
  const text = (path: string): string => {
    if (verdict.problem !== null) throw new Error("the guest did not end well: see its first test");
    return readFileSync(join(folder, "out", path), "utf8");
  };
  return {
    verdict,
    console: existsSync(log) ? readFileSync(log, "utf8") : "",
    text,
    has: (path) => existsSync(join(folder, "out", path)),
    number: (path) => {
      const value = text(path).trim();
      if (!/^-?\d+$/.test(value)) throw new Error(`${path}: no number: ${value}`);
      return Number(value);
    },
    uptime: (folder) => Number(text(`${folder}/uptime`).split(" ")[0]),
    json: (path) => JSON.parse(text(path)),
    jsonLines: (path) =>
      text(path)
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    keyed: (path, key) => {
      const line = text(path)
        .split("\n")
        .find((one) => one.startsWith(`${key} `));
      if (line === undefined) throw new Error(`${path}: no ${key}`);
      return Number(line.slice(key.length + 1));
    },
  };
}

/** What a busy machine adds to the time that a tool was told to look. */
const LATER = 1.2;

/**
 * A tool's rate against `total`, what the kernel counted over a longer time that has the tool's within it: in what is left at either end all
 * or nothing may have happened, `most` a second.
 */
export function expectRateWithin(
  shown: number | null | undefined,
  total: number,
  seconds: number,
  most: number,
  looked: number,
): void {
  const least = Math.max(0, total - most * (seconds - looked)) / (looked * LATER);
  expect(shown ?? -1).toBeGreaterThanOrEqual(0.95 * least - 0.01 * most);
  expect(shown ?? -1).toBeLessThanOrEqual((1.05 * total) / looked + 0.01 * most);
}
