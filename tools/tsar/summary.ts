/** MAX, MEAN, MIN and p95 over all rows; unknown values are left out. Pure. */
import type { RawValue } from "../../lib/sampler/module.ts";
import type { Block, Row } from "./row.ts";

export interface Summary {
  readonly max: Row;
  readonly mean: Row;
  readonly min: Row;
  readonly p95: Row;
}

/** Of the blocks that the last row has: they stand below it. null: there is no row. */
export function summarise(rows: readonly Row[]): Summary | null {
  const last = rows[rows.length - 1];
  if (last === undefined) return null;
  const series = last.blocks.map((block) => block.columns.map((_, column) => seriesOf(rows, block, column)));
  const reduce = (pick: (values: readonly number[]) => RawValue): Row => ({
    realtimeMs: last.realtimeMs,
    blocks: last.blocks.map((block, at) => ({
      ...block,
      values: block.columns.map((_, column) => {
        const values = series[at]?.[column] ?? [];
        return values.length === 0 ? null : pick(values);
      }),
    })),
  });
  return {
    max: reduce((values) => values.reduce((a, b) => Math.max(a, b))),
    min: reduce((values) => values.reduce((a, b) => Math.min(a, b))),
    mean: reduce((values) => values.reduce((a, b) => a + b, 0) / values.length),
    p95: reduce((values) => {
      const sorted = [...values].sort((a, b) => a - b);
      return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? null;
    }),
  };
}

/** The known values of one column of one item. */
export function seriesOf(rows: readonly Row[], wanted: Block, column: number): number[] {
  const values: number[] = [];
  for (const row of rows) {
    const value = blockOf(row, wanted)?.values[column] ?? null;
    if (value !== null) values.push(value);
  }
  return values;
}

export function blockOf(row: Row, wanted: Block): Block | undefined {
  return row.blocks.find((block) => block.module === wanted.module && block.item === wanted.item);
}
