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
import { putColumn, takeColumn } from "./column.ts";
import { type Flat, flatValues, type Layout, putKey, sampleOf, takeKey } from "./layout.ts";

/** What a damaged byte can cost at most in a closed day. */
export const BLOCK_SAMPLES = 120;
const MOST_SAMPLES = 4096;

export function putBlock(writer: ByteWriter, layout: Layout, samples: readonly Sample[]): void {
  const flats = samples.map(flatValues);
  putVarint(writer, samples.length);
  const clocks = byteWriter(64);
  const first = samples[0] as Sample;
  putColumn(
    clocks,
    samples.map((sample) => sample.realtimeMs - first.realtimeMs),
  );
  putColumn(
    clocks,
    samples.map((sample) => sample.monotonicMs - first.monotonicMs),
  );
  putSection(writer, clocks);
  putKey(writer, layout, flats[0] ?? []);
  layout.groups.forEach((_, index) => {
    const section = byteWriter(256);
    const width = flats[0]?.[index]?.length ?? 0;
    const earlier: RawValue[][] = [];
    for (let column = 0; column < width; column++) {
      const values = flats.map((flat) => flat[index]?.[column] ?? null);
      putColumn(section, values, earlier);
      earlier.push(values);
    }
    putSection(writer, section);
  });
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
