/** Which groups, items and fields the samples of a key frame have: what all frames that lean on it share. */
import type { RawItem, RawValue } from "../sampler/module.ts";
import { LIMIT_KEYS, type Limits, NO_LIMITS, type Sample } from "../sampler/sample.ts";
import {
  type ByteReader,
  type ByteWriter,
  byteWriter,
  DamageError,
  fold,
  LARGEST,
  putSection,
  putText,
  putVarint,
  takeSection,
  takeText,
  takeVarint,
  unfold,
} from "./bytes.ts";

export interface GroupLayout {
  readonly name: string;
  readonly items: readonly string[];
  /** Values per item. */
  readonly fields: number;
}

export interface Layout {
  readonly bootId: string;
  readonly containerId: string;
  readonly groups: readonly GroupLayout[];
}

/** The values of a group, item after item. */
export type Flat = RawValue[];

/** The limits are stored as one more group. */
const LIMITS = "limits";

export function layoutOf(sample: Sample): Layout {
  const groups: GroupLayout[] = [{ name: LIMITS, items: [""], fields: LIMIT_KEYS.length }];
  for (const [name, items] of sample.groups) {
    groups.push({ name, items: items.map((item) => item.name), fields: items[0]?.values.length ?? 0 });
  }
  return { bootId: sample.bootId, containerId: sample.containerId, groups };
}

export function sameLayout(a: Layout, b: Layout): boolean {
  return (
    a.bootId === b.bootId &&
    a.containerId === b.containerId &&
    a.groups.length === b.groups.length &&
    a.groups.every((group, index) => {
      const other = b.groups[index];
      return (
        group.name === other?.name &&
        group.fields === other.fields &&
        group.items.length === other.items.length &&
        group.items.every((item, at) => item === other.items[at])
      );
    })
  );
}

/** In the order of the layout. A number that cannot be kept exactly counts as unknown. */
export function flatValues(sample: Sample): Flat[] {
  const flat: Flat[] = [LIMIT_KEYS.map((key) => storable(sample.limits[key]))];
  for (const items of sample.groups.values()) {
    const values: Flat = [];
    for (const item of items) for (const value of item.values) values.push(storable(value));
    flat.push(values);
  }
  return flat;
}

function storable(value: RawValue): RawValue {
  return value === null || !Number.isFinite(value) || Math.abs(value) > LARGEST ? null : Math.round(value);
}

/** Null for groups that were not read. */
export function sampleOf(
  layout: Layout,
  flat: readonly (Flat | null)[],
  realtimeMs: number,
  monotonicMs: number,
): Sample {
  const groups = new Map<string, readonly RawItem[]>();
  let limits: Limits = NO_LIMITS;
  for (let i = 0; i < layout.groups.length; i++) {
    const values = flat[i] ?? null;
    const group = layout.groups[i];
    if (values === null || group === undefined) continue;
    if (group.name === LIMITS) limits = limitsOf(values);
    else groups.set(group.name, itemsOf(group, values));
  }
  const { bootId, containerId } = layout;
  return { realtimeMs, monotonicMs, bootId, containerId, limits, groups };
}

function itemsOf(group: GroupLayout, values: Flat): RawItem[] {
  if (group.items.length === 1) return [{ name: group.items[0] ?? "", values }];
  return group.items.map((name, index) => ({
    name,
    values: values.slice(index * group.fields, (index + 1) * group.fields),
  }));
}

function limitsOf(values: Flat): Limits {
  const [memoryBytes = null, swapBytes = null, cpuMicroCores = null, cpus = null, pids = null] = values;
  return { memoryBytes, swapBytes, cpuMicroCores, cpus, pids };
}

/** Layout and values of a key frame. 0 is null, else the folded value + 1. */
export function putKey(writer: ByteWriter, layout: Layout, flat: readonly Flat[]): void {
  putText(writer, layout.bootId);
  putText(writer, layout.containerId);
  putVarint(writer, layout.groups.length);
  layout.groups.forEach((group, index) => {
    putText(writer, group.name);
    putVarint(writer, group.fields);
    putVarint(writer, group.items.length);
    for (const item of group.items) putText(writer, item);
    const section = byteWriter(256);
    for (const value of flat[index] ?? []) putVarint(section, value === null ? 0 : fold(value) + 1);
    putSection(writer, section);
  });
}

/** `wanted` null: all groups. */
export function takeKey(
  reader: ByteReader,
  wanted: ReadonlySet<string> | null,
): { readonly layout: Layout; readonly flat: (Flat | null)[] } {
  const bootId = takeText(reader);
  const containerId = takeText(reader);
  const count = takeVarint(reader);
  const groups: GroupLayout[] = [];
  const flat: (Flat | null)[] = [];
  for (let i = 0; i < count; i++) {
    const name = takeText(reader);
    const fields = takeVarint(reader);
    const itemCount = takeVarint(reader);
    if (itemCount > reader.end - reader.at) throw new DamageError("too many items");
    const items: string[] = [];
    for (let item = 0; item < itemCount; item++) items.push(takeText(reader));
    groups.push({ name, fields, items });
    const section = takeSection(reader);
    if (fields * itemCount > section.end - section.at) throw new DamageError("too many values");
    flat.push(wanted === null || wanted.has(name) ? takeValues(section, fields * itemCount) : null);
  }
  return { layout: { bootId, containerId, groups }, flat };
}

function takeValues(section: ByteReader, count: number): Flat {
  const values: Flat = [];
  for (let i = 0; i < count; i++) {
    const token = takeVarint(section);
    values.push(token === 0 ? null : unfold(token - 1));
  }
  return values;
}
