/**
 * The rows of the benches: printed as aligned text, and kept for the page docs/benchmarks.md (`npm run bench -- --markdown FILE`), which is
 * made from the file that PROCG_BENCH_ROWS names, a JSON object on each line.
 */
import { appendFileSync } from "node:fs";

/** One row of a table as the page shows it. The columns of a table are those of its first row. */
interface Recorded {
  readonly table: string;
  readonly columns: readonly string[];
  readonly cells: readonly string[];
  /** True: the peer is better here. null: nothing to compare with. */
  readonly isLoss: boolean | null;
}

/** Keeps the row for the page; prints nothing. */
export function record(row: Recorded): void {
  const file = process.env.PROCG_BENCH_ROWS;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`);
}

/** A sentence about the conditions, printed and kept for the page. */
export function note(text: string): void {
  process.stdout.write(`${text}\n`);
  const file = process.env.PROCG_BENCH_ROWS;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ note: text })}\n`);
}

/** Keeps a row of the tables of cost: ours, the peer's, how many times as much. */
export function recordCost(row: {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  readonly budget: string;
  readonly verdict: string;
  readonly isLoss?: boolean | null;
}): void {
  const ratio = Number(row.ratio);
  const isLoss =
    row.isLoss !== undefined
      ? row.isLoss
      : row.ratio === "-" || row.ratio === "" || Number.isNaN(ratio)
        ? null
        : ratio > 1;
  record({
    table: "",
    columns: ["what", "ours", "peer", "ours / peer", "budget", "verdict"],
    cells: [row.what, row.ours, row.peer, row.ratio, row.budget, row.verdict],
    isLoss,
  });
}

interface Table {
  row(cells: readonly string[], isLoss?: boolean | null): void;
}

/** Prints the heading now and each row as it comes; a column is as wide as its heading, or as `widths` says. */
export function openTable(table: string, columns: readonly string[], widths: readonly number[]): Table {
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(Math.max(widths[i] ?? 0, columns[i]?.length ?? 0)))
      .join("  ")
      .trimEnd();
  process.stdout.write(`\n${table}\n${line(columns)}\n`);
  return {
    row: (cells, isLoss = null) => {
      process.stdout.write(`${line(cells)}${isLoss === true ? "  (loss)" : ""}\n`);
      record({ table, columns, cells, isLoss });
    },
  };
}
