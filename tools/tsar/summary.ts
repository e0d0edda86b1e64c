/** MAX, MEAN, MIN and p95 over all rows; unknown values are left out. Pure. */
import type { RawValue } from "../../lib/sampler/module.ts";
import { type Block, type Row, sameColumns } from "./row.ts";

export interface Summary {
  readonly max: Row;
  readonly mean: Row;
  readonly min: Row;
  readonly p95: Row;
}

/** The known values of one column of one item. */
type Series = number[];

export interface Summariser {
  readonly add: (row: Row) => void;
  /** Of the blocks that the last row has: they stand below it. null: there was no row. */
  readonly end: () => Summary | null;
}

export function makeSummariser(): Summariser {
  const all = new Map<string, Series[]>();
  let last: Row | null = null;
  /** Those of `last`, block by block. */
  let current: Series[][] = [];
  return {
    add(row) {
      if (last === null || !sameColumns(last, row))
        current = row.blocks.map((block) => seriesFor(all, block));
      last = row;
      for (let i = 0; i < row.blocks.length; i++) {
        const values = row.blocks[i]?.values ?? [];
        const series = current[i] ?? [];
        for (let column = 0; column < values.length; column++) {
          const value = values[column] ?? null;
          const known = series[column];
          if (value !== null && known !== undefined) known[known.length] = value;
        }
      }
    },
    end() {
      if (last === null) return null;
      const { realtimeMs, blocks } = last;
      const reduce = (pick: (values: Series) => RawValue): Row => ({
        realtimeMs,
        blocks: blocks.map((block, at) => ({
          ...block,
          values: (current[at] ?? []).map((values) => (values.length === 0 ? null : pick(values))),
        })),
      });
      return {
        max: reduce((values) => {
          let most = Number.NEGATIVE_INFINITY;
          for (let i = 0; i < values.length; i++)
            if ((values[i] as number) > most) most = values[i] as number;
          return most;
        }),
        min: reduce((values) => {
          let least = Number.POSITIVE_INFINITY;
          for (let i = 0; i < values.length; i++)
            if ((values[i] as number) < least) least = values[i] as number;
          return least;
        }),
        mean: reduce((values) => {
          let total = 0;
          for (let i = 0; i < values.length; i++) total += values[i] as number;
          return total / values.length;
        }),
        get p95() {
          return reduce((values) => {
            const sorted = [...values].sort((a, b) => a - b);
            return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? null;
          });
        },
      };
    },
  };
}

function seriesFor(all: Map<string, Series[]>, block: Block): Series[] {
  const key = `${block.module.name}\n${block.item}`;
  let series = all.get(key);
  if (series === undefined) {
    series = block.columns.map(() => []);
    all.set(key, series);
  }
  return series;
}

export function blockOf(row: Row, wanted: Block): Block | undefined {
  return row.blocks.find((block) => block.module === wanted.module && block.item === wanted.item);
}
