/** Samples of one layout, compressed: the first in full, then clocks and values column by column, a section per group. */
import type { RawValue } from "../sampler/module.ts";
import type { Sample } from "../sampler/sample.ts";
import {
  type ByteReader,
  type ByteWriter,
  byteWriter,
  DamageError,
  putSection,
  putVarint,
  takeSection,
  takeVarint,
} from "./bytes.ts";
import { NEAR, putColumn, takeColumn } from "./column.ts";
import { type Flat, type Layout, putKey, sampleOf, takeKey } from "./layout.ts";

/** What a damaged byte can cost at most in a closed day. */
export const BLOCK_SAMPLES = 120;
const MOST_SAMPLES = 4096;

/** What a block is made of. The values come group by group, so that never all of them have to be in memory. */
export interface BlockRows {
  readonly layout: Layout;
  /** One per sample. */
  readonly realtimeMs: readonly number[];
  readonly monotonicMs: readonly number[];
  /** The values of the first sample. */
  readonly first: readonly Flat[];
  /** Those of one group, sample after sample. */
  readonly rowsOf: (group: number) => Iterable<Flat>;
}

export function putBlock(writer: ByteWriter, rows: BlockRows): void {
  const { layout, realtimeMs, monotonicMs, first } = rows;
  const count = realtimeMs.length;
  putVarint(writer, count);
  const clocks = byteWriter(64);
  for (const clock of [realtimeMs, monotonicMs]) {
    putColumn(
      clocks,
      clock.map((ms) => ms - (clock[0] ?? 0)),
    );
  }
  putSection(writer, clocks);
  putKey(writer, layout, first);
  const section = byteWriter(256);
  layout.groups.forEach((_, group) => {
    section.length = 0;
    const width = first[group]?.length ?? 0;
    const table = tableOf(rows.rowsOf(group), width, count);
    const earlier: RawValue[][] = [];
    for (let column = 0; column < width; column++) {
      const values: RawValue[] = [];
      for (let row = 0; row < count; row++) values.push(knownAt(table, row * width + column));
      putColumn(section, values, earlier);
      earlier.push(values);
      if (earlier.length > NEAR) earlier.shift();
    }
    putSection(writer, section);
  });
}

/** Row after row; NaN where a value is not known: half of what an array of them would take. */
function tableOf(rows: Iterable<Flat>, width: number, count: number): Float64Array {
  const table = new Float64Array(width * count);
  let at = 0;
  for (const row of rows) for (let i = 0; i < width; i++) table[at++] = row[i] ?? Number.NaN;
  return table;
}

function knownAt(table: Float64Array, at: number): RawValue {
  const value = table[at] ?? Number.NaN;
  return Number.isNaN(value) ? null : value;
}

/** `wanted` null: all groups; `isWanted` by wall clock. */
export function takeBlock(
  reader: ByteReader,
  realtimeMs: number,
  monotonicMs: number,
  wanted: ReadonlySet<string> | null,
  isWanted: (realtimeMs: number) => boolean,
): { readonly samples: Sample[]; readonly clocks: readonly number[] } {
  const count = takeVarint(reader);
  if (count < 1 || count > MOST_SAMPLES) throw new DamageError("a block of an impossible size");
  const clockSection = takeSection(reader);
  const realtimes: (number | null)[] = [0];
  const monotonics: (number | null)[] = [0];
  takeColumn(clockSection, realtimes, count);
  takeColumn(clockSection, monotonics, count);
  const { layout, flat } = takeKey(reader, wanted);
  const clocks = realtimes.map((value) => realtimeMs + (value ?? 0));
  const chosen: number[] = [];
  clocks.forEach((clock, index) => {
    if (isWanted(clock)) chosen.push(index);
  });
  if (chosen.length === 0) return { samples: [], clocks };
  const columns = layout.groups.map((_, index): Flat[] | null => {
    const section = takeSection(reader);
    const firsts = flat[index] ?? null;
    if (firsts === null) return null;
    const earlier: Flat[] = [];
    for (const first of firsts) {
      const values: Flat = [first];
      takeColumn(section, values, count, earlier);
      earlier.push(values);
    }
    return earlier;
  });
  const samples = chosen.map((at) => {
    const values = columns.map((group) => (group === null ? null : valuesAt(group, at)));
    return sampleOf(layout, values, clocks[at] ?? realtimeMs, monotonicMs + (monotonics[at] ?? 0));
  });
  return { samples, clocks };
}

function valuesAt(columns: readonly Flat[], at: number): Flat {
  const values: Flat = [];
  for (let i = 0; i < columns.length; i++) values[i] = columns[i]?.[at] ?? null;
  return values;
}
