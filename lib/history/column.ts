/**
 * One value over the samples of a block, compressed: what follows the first one. Counters move by about the same each minute and gauges
 * stay near a level, so the differences to the last value, or to the first, minus their median, are small; Rice codes keep those.
 *
 * A byte of mode, then by mode. 0: all as the first. 1: differences to the last value; 2: to the first: k and shift, folded median, bits.
 * 3: varints of the folded value + 1, 0 for unknown (a value that comes and goes).
 */

import type { RawValue } from "../sampler/module.ts";
import { type BitReader, type BitWriter, flushBits, putRice, riceCost, takeRice } from "./bits.ts";
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

const MODE = { constant: 0, step: 1, level: 2, mixed: 3 } as const;

/** `values[0]` is stored elsewhere. */
export function putColumn(writer: ByteWriter, values: readonly RawValue[]): void {
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
  const steps = plan(numbers.slice(1).map((value, index) => value - (numbers[index] ?? 0)));
  const levels = plan(numbers.slice(1).map((value) => value - (numbers[0] ?? 0)));
  const isStep = steps.cost <= levels.cost;
  const { k, shift, median, folded } = isStep ? steps : levels;
  putByte(writer, (isStep ? MODE.step : MODE.level) | (shift << 2));
  putByte(writer, k);
  putVarint(writer, fold(median));
  const bits: BitWriter = { out: writer, pending: 0, count: 0 };
  for (const value of folded) putRice(bits, value, k);
  flushBits(bits);
}

/** `values[0]` is set; fills 1 ... count - 1. */
export function takeColumn(reader: ByteReader, values: RawValue[], count: number): void {
  const head = takeByte(reader);
  const mode = head & 3;
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
  if (first === null) throw new DamageError("a column without its first value");
  const k = takeByte(reader);
  if (k > 53) throw new DamageError("a column with an impossible width");
  const scale = 2 ** (head >> 2);
  const median = unfold(takeVarint(reader));
  const bits: BitReader = { from: reader, pending: 0, count: 0 };
  let last = first;
  for (let i = 1; i < count; i++) {
    const value = (unfold(takeRice(bits, k)) + median) * scale + (mode === MODE.step ? last : first);
    values[i] = value;
    last = value;
  }
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
  return best as ColumnPlan;
}
