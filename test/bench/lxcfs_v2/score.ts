/** The tables: truth, every lxcfs, ours; what is wrong has its error beside it, and how often each was right is counted. */
import { note, openTable } from "../report/report.ts";

export interface Row {
  readonly what: string;
  readonly truth: number;
  /** In the order of the versions. null: no such figure. */
  readonly lxcfs: readonly (number | null)[];
  readonly ours: number | null;
  /** Further away is wrong. */
  readonly tolerance: number;
}

export interface Score {
  /** A table of figures in one unit. */
  table(title: string, digits?: number): (row: Row) => void;
  /** Says how many of all rows each had right. */
  end(): void;
}

const isRight = (value: number | null, { truth, tolerance }: Row): boolean =>
  value !== null && Math.abs(value - truth) <= tolerance;

/** A peer is nearer to the truth. No figure is better than a wrong one, a right one is better than none. */
export function isLoss({ truth, lxcfs, ours, tolerance }: Row): boolean {
  const errorOf = (value: number | null): number =>
    value === null ? Number.POSITIVE_INFINITY : Math.abs(value - truth);
  const best = Math.min(...lxcfs.map(errorOf));
  return ours === null ? best <= tolerance : best + tolerance < errorOf(ours);
}

/** @param peers what stands before each version in the headings */
export function startScore(versions: readonly string[], peers = "lxcfs"): Score {
  const names = [...versions.map((version) => `${peers} ${version}`), "ours"];
  const right = names.map(() => 0);
  let rows = 0;
  return {
    table: (title, digits = 0) => {
      const { row } = openTable(title, ["situation", "truth", ...names], [70, 10, 22, 22, 22, 22]);
      return (line) => {
        const values = [...line.lxcfs, line.ours];
        rows++;
        values.forEach((value, i) => {
          if (isRight(value, line)) right[i] = (right[i] ?? 0) + 1;
        });
        const shown = (value: number | null): string => {
          if (value === null) return "-";
          // An unsigned subtraction that went below 0; doubles do not hold its digits.
          if (value > 2 ** 63) return "nearly 2^64";
          const error = value - line.truth;
          const sign = error > 0 ? "+" : "";
          return isRight(value, line)
            ? value.toFixed(digits)
            : `${value.toFixed(digits)} (${sign}${error.toFixed(digits)})`;
        };
        row([line.what, line.truth.toFixed(digits), ...values.map(shown)], isLoss(line));
      };
    },
    end: () =>
      note(
        `Right in ${rows} ${peers === "lxcfs" ? "rows of figures" : `rows of ours beside lxcfs`}: ${names.map((name, i) => `${name} ${right[i]}`).join(", ")}.`,
      ),
  };
}
