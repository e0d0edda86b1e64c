/**
 * A sample relative to its key frame: CRC of the key frame, then a section per group, so that groups which nobody asks for are skipped.
 *
 * A section is a row of varints: 0 N: N values as in the key frame; 1: unknown; else the folded difference + 2 (to 0 where the key has none).
 */
import {
  type ByteReader,
  type ByteWriter,
  byteWriter,
  DamageError,
  fold,
  putSection,
  putVarint,
  takeSection,
  takeVarint,
  unfold,
} from "./bytes.ts";
import type { Flat, Layout } from "./layout.ts";

export function putDelta(
  writer: ByteWriter,
  keyCrc: number,
  key: readonly Flat[],
  flat: readonly Flat[],
): void {
  putVarint(writer, keyCrc);
  const section = byteWriter(256);
  flat.forEach((values, index) => {
    section.length = 0;
    let same = 0;
    const base = key[index] ?? [];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? null;
      const last = base[i] ?? null;
      if (value === last) {
        same++;
        continue;
      }
      if (same > 0) {
        putVarint(section, 0);
        putVarint(section, same);
        same = 0;
      }
      putVarint(section, value === null ? 1 : fold(value - (last ?? 0)) + 2);
    }
    // What is not written is as in the key frame.
    putSection(writer, section);
  });
}

/** `key`: the values of the groups that are wanted, null for the others. */
export function takeDelta(
  reader: ByteReader,
  layout: Layout,
  key: readonly (Flat | null)[],
): (Flat | null)[] {
  return layout.groups.map((_, index) => {
    const section = takeSection(reader);
    const base = key[index] ?? null;
    if (base === null) return null;
    const values = base.slice();
    let at = 0;
    while (section.at < section.end) {
      const token = takeVarint(section);
      if (token === 0) {
        at += takeVarint(section);
        continue;
      }
      if (at >= values.length) throw new DamageError("too many values");
      values[at] = token === 1 ? null : (base[at] ?? 0) + unfold(token - 2);
      at++;
    }
    return values;
  });
}
