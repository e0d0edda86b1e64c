/** Rice codes in a row of bits: a folded number as quotient in ones, and `k` low bits; long ones by an escape with their length. */
import { type ByteReader, type ByteWriter, DamageError, putByte } from "./bytes.ts";

/** So many ones are no quotient but say that six bits of length and the number follow. */
const ESCAPE = 20;

export interface BitWriter {
  readonly out: ByteWriter;
  pending: number;
  count: number;
}

export function putBits(writer: BitWriter, value: number, count: number): void {
  // Low bits first; in pieces that fit into 31 bits.
  let rest = value;
  let left = count;
  while (left > 0) {
    const take = Math.min(8 - writer.count, left);
    const piece = rest % 2 ** take;
    writer.pending |= piece << writer.count;
    writer.count += take;
    rest = Math.floor(rest / 2 ** take);
    left -= take;
    if (writer.count === 8) {
      putByte(writer.out, writer.pending);
      writer.pending = 0;
      writer.count = 0;
    }
  }
}

export function flushBits(writer: BitWriter): void {
  if (writer.count > 0) putByte(writer.out, writer.pending);
  writer.pending = 0;
  writer.count = 0;
}

export function putRice(writer: BitWriter, folded: number, k: number): void {
  const quotient = Math.floor(folded / 2 ** k);
  if (quotient < ESCAPE) {
    putBits(writer, 2 ** quotient - 1, quotient + 1);
    putBits(writer, folded % 2 ** k, k);
    return;
  }
  const length = bitLength(folded);
  putBits(writer, 2 ** ESCAPE - 1, ESCAPE);
  putBits(writer, length, 6);
  putBits(writer, folded, length);
}

export function riceCost(folded: number, k: number): number {
  const quotient = Math.floor(folded / 2 ** k);
  return quotient < ESCAPE ? quotient + 1 + k : ESCAPE + 6 + bitLength(folded);
}

export function bitLength(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high === 0 ? 32 - Math.clz32(value) : 64 - Math.clz32(high);
}

export interface BitReader {
  readonly from: ByteReader;
  pending: number;
  /** Bits of `pending` that were not read yet. */
  count: number;
}

function nextByte(reader: BitReader): void {
  const { from } = reader;
  if (from.at >= from.end) throw new DamageError("data ends too early");
  reader.pending |= (from.bytes[from.at++] as number) << reader.count;
  reader.count += 8;
}

export function takeBits(reader: BitReader, count: number): number {
  if (count > 16) {
    const low = takeBits(reader, 16);
    return low + takeBits(reader, count - 16) * 65536;
  }
  while (reader.count < count) nextByte(reader);
  const value = reader.pending & ((1 << count) - 1);
  reader.pending >>>= count;
  reader.count -= count;
  return value;
}

export function takeRice(reader: BitReader, k: number): number {
  let quotient = 0;
  for (;;) {
    if (reader.count === 0) nextByte(reader);
    const bit = reader.pending & 1;
    reader.pending >>>= 1;
    reader.count--;
    if (bit === 0) break;
    if (++quotient === ESCAPE) {
      const length = takeBits(reader, 6);
      if (length > 54) throw new DamageError("a number is too long");
      return takeBits(reader, length);
    }
  }
  return quotient * 2 ** k + takeBits(reader, k);
}
