/**
 * One value over the samples of a block, compressed: what follows the first one. Counters move by about the same each minute and gauges
 * stay near a level, so the differences to the last value, or to the first, minus their median, are small; Rice codes keep those. Many
 * values follow another one (used and free, received and sent on loopback), and then the difference of both is smaller still.
 *
 * A byte: mode in 3 bits, shift in 5. Then by mode, 0: all as the first. 3: varints of the folded value + 1, 0 for unknown (a value that
 * comes and goes). Else k, the folded median (k + 128: bits of a fixed width k above the folded least), and bits of differences: 1 to the last value; 2 to the first; 4 as 1, less the differences of
 * an earlier column (a byte: how many columns before, + 128: plus instead of less); 5 as 1, less those of the column before the last, plus
 * those of the last.
 */
import type { RawValue } from "../sampler/module.ts";
import {
  type BitReader,
  type BitWriter,
  bitLength,
  flushBits,
  putBits,
  putRice,
  riceCost,
  takeBits,
  takeRice,
} from "./bits.ts";
import {
  type ByteReader,
  type ByteWriter,
  DamageError,
  fold,
  putByte,
  putVarint,
  takeByte,
  takeVarint,
  unfold,
} from "./bytes.ts";

const MODE = { constant: 0, step: 1, level: 2, mixed: 3, like: 4, rest: 5 } as const;
/** On top of k: no Rice codes, but a fixed width. */
const FIXED = 128;
/** So many columns before are looked at. */
export const NEAR = 8;

type Column = readonly RawValue[];

/** `values[0]` is stored elsewhere. `earlier`: the columns of the section before this one. */
export function putColumn(writer: ByteWriter, values: Column, earlier: readonly Column[] = []): void {
  const first = values[0] ?? null;
  if (values.every((value) => value === first)) {
    putByte(writer, MODE.constant);
    return;
  }
  const numbers: number[] = [];
  for (const value of values) if (value !== null) numbers.push(value);
  if (numbers.length < values.length) {
    putByte(writer, MODE.mixed);
    for (let i = 1; i < values.length; i++) {
      const value = values[i] ?? null;
      putVarint(writer, value === null ? 0 : fold(value) + 1);
    }
    return;
  }
  const steps = stepsOf(numbers);
  let mode: number = MODE.step;
  let reference = 0;
  let best = plan(steps);
  const consider = (other: number, differences: readonly number[], at = 0): void => {
    const found = plan(differences);
    if (found.cost >= best.cost) return;
    best = found;
    mode = other;
    reference = at;
  };
  consider(
    MODE.level,
    numbers.slice(1).map((value) => value - (numbers[0] ?? 0)),
  );
  const like = bestReference(steps, earlier);
  if (like !== null) consider(MODE.like, like.differences, like.reference);
  const rest = restOf(steps, earlier);
  if (rest !== null) consider(MODE.rest, rest);
  putByte(writer, mode | (best.shift << 3));
  if (mode === MODE.like) putByte(writer, reference);
  putByte(writer, best.k);
  putVarint(writer, fold(best.median));
  const bits: BitWriter = { out: writer, pending: 0, count: 0 };
  for (const value of best.folded) {
    if (best.k >= FIXED) putBits(bits, value, best.k - FIXED);
    else putRice(bits, value, best.k);
  }
  flushBits(bits);
}

function stepsOf(numbers: readonly number[]): number[] {
  const steps: number[] = [];
  for (let i = 1; i < numbers.length; i++) steps.push((numbers[i] ?? 0) - (numbers[i - 1] ?? 0));
  return steps;
}

/** The steps of an earlier column; null where it has unknown values. */
function stepsBefore(earlier: readonly Column[], distance: number): number[] | null {
  const column = earlier[earlier.length - distance];
  return column === undefined || column.includes(null) ? null : stepsOf(column as number[]);
}

/** The earlier column that these steps follow best, when that makes them much smaller. */
function bestReference(
  steps: readonly number[],
  earlier: readonly Column[],
): { readonly differences: number[]; readonly reference: number } | null {
  const size = (values: readonly number[]): number =>
    values.reduce((total, value) => total + Math.abs(value), 0);
  let least = size(steps) / 4;
  let best: { differences: number[]; reference: number } | null = null;
  for (let distance = 1; distance <= Math.min(NEAR, earlier.length); distance++) {
    const other = stepsBefore(earlier, distance);
    if (other === null) continue;
    for (const sign of [1, -1]) {
      const differences = steps.map((value, index) => value - sign * (other[index] ?? 0));
      const now = size(differences);
      if (now >= least) continue;
      least = now;
      best = { differences, reference: distance + (sign < 0 ? 128 : 0) };
    }
  }
  return best;
}

/** What is left when a whole and its first part are known: system = usage - user. */
function restOf(steps: readonly number[], earlier: readonly Column[]): number[] | null {
  const whole = stepsBefore(earlier, 2);
  const part = stepsBefore(earlier, 1);
  if (whole === null || part === null) return null;
  return steps.map((value, index) => value - (whole[index] ?? 0) + (part[index] ?? 0));
}

/** `values[0]` is set; fills 1 ... count - 1. */
export function takeColumn(
  reader: ByteReader,
  values: RawValue[],
  count: number,
  earlier: readonly Column[] = [],
): void {
  const head = takeByte(reader);
  const mode = head & 7;
  const first = values[0] ?? null;
  if (mode === MODE.constant) {
    for (let i = 1; i < count; i++) values[i] = first;
    return;
  }
  if (mode === MODE.mixed) {
    for (let i = 1; i < count; i++) {
      const token = takeVarint(reader);
      values[i] = token === 0 ? null : unfold(token - 1);
    }
    return;
  }
  if (first === null || mode > MODE.rest) throw new DamageError("a column of no known kind");
  const reference = mode === MODE.like ? takeByte(reader) : 0;
  const k = takeByte(reader);
  if ((k & 127) > 53) throw new DamageError("a column with an impossible width");
  const scale = 2 ** (head >> 3);
  const median = unfold(takeVarint(reader));
  const bits: BitReader = { from: reader, pending: 0, count: 0 };
  const isLevel = mode === MODE.level;
  let last = first;
  for (let i = 1; i < count; i++) {
    const code = k >= FIXED ? takeBits(bits, k - FIXED) : takeRice(bits, k);
    const coded = k >= FIXED || code === 0 ? code : unfold(code);
    last = (coded + median) * scale + (isLevel ? first : last);
    values[i] = last;
  }
  if (mode === MODE.like) {
    const sign = reference >= 128 ? -1 : 1;
    addColumn(values, earlier[earlier.length - (reference & 127)], sign);
  } else if (mode === MODE.rest) {
    addColumn(values, earlier[earlier.length - 2], 1);
    addColumn(values, earlier[earlier.length - 1], -1);
  }
}

/** Steps add up: so do the columns, less their first values. */
function addColumn(values: RawValue[], other: Column | undefined, sign: number): void {
  const start = other?.[0] ?? null;
  if (other === undefined || start === null) throw new DamageError("a column that leans on none");
  for (let i = 1; i < values.length; i++) values[i] = (values[i] ?? 0) + sign * ((other[i] ?? start) - start);
}

interface ColumnPlan {
  readonly k: number;
  /** Low bits that are 0 in all differences (pages, sectors). */
  readonly shift: number;
  readonly median: number;
  readonly folded: readonly number[];
  readonly cost: number;
}

function plan(differences: readonly number[]): ColumnPlan {
  let shift = 0;
  for (let scale = 2; shift < 20 && differences.every((value) => value % scale === 0); scale *= 2) shift++;
  const scaled = shift === 0 ? differences : differences.map((value) => value / 2 ** shift);
  const sorted = [...scaled].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1] ?? 0;
  let best: ColumnPlan | null = null;
  for (const median of middle === 0 ? [0] : [0, middle]) {
    const folded = scaled.map((value) => fold(value - median));
    const mean = folded.reduce((a, b) => a + b, 0) / folded.length;
    const near = Math.max(0, Math.floor(Math.log2(mean + 1)));
    for (let k = Math.max(0, near - 2); k <= near + 1; k++) {
      const cost = folded.reduce(
        (total, value) => total + riceCost(value, k),
        median === 0 ? 0 : 8 + 2 * Math.log2(Math.abs(median)),
      );
      if (best === null || cost < best.cost) best = { k, shift, median, folded, cost };
    }
  }
  const least = sorted[0] ?? 0;
  const width = bitLength((sorted[sorted.length - 1] ?? 0) - least);
  const fixed = width * scaled.length + 8 + 2 * Math.log2(Math.abs(least) + 1);
  if (best !== null && fixed >= best.cost) return best;
  return {
    k: FIXED + width,
    shift,
    median: least,
    folded: scaled.map((value) => value - least),
    cost: fixed,
  };
}
