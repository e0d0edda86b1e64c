/**
 * A module of the sampler: one folder in modules/, which says what it shows (columns), what it stores (fields, read) and how the one
 * follows from the other (compute). A sample is plain numbers, so that live, history, alarms and charts are the same code.
 *
 * Raw values are whole numbers: counters, bytes, microseconds. null: the kernel does not have it here. NO_LIMIT: there is no limit.
 */
import type { ReadContext } from "./read_context.ts";

export type RawValue = number | null;

/** One thing that is counted: a device, an interface, a CPU; or "" where a module has only one. */
export interface RawItem {
  readonly name: string;
  readonly values: readonly RawValue[];
}

/** "max" among raw values. */
export const NO_LIMIT = -1;

/** What is read together and stored under one name. Several modules may be computed from one group. */
export interface RawGroup {
  readonly name: string;
  /** Order counts: stored data has no names. New fields are added at the end. */
  readonly fields: readonly string[];
  readonly read: (context: ReadContext) => readonly RawItem[];
}

export interface Column {
  readonly name: string;
  /** One line: unit and formula, for the module list and docs. */
  readonly help: string;
  /** "hidden" only with -s; "summary" in plain `tsar` too. */
  readonly show?: "hidden" | "summary";
  /** How -m merges items; default "sum". */
  readonly merge?: "sum" | "mean";
}

/** Values in the order of the columns; percent where the column says so. null: unknown. */
export interface ComputedItem {
  /** "" where the module has only one. */
  readonly name: string;
  readonly values: readonly RawValue[];
}

export interface Module {
  /** Without dashes: the option is --NAME. */
  readonly name: string;
  readonly summary: string;
  readonly columns: readonly Column[];
  readonly group: RawGroup;
  /** A title per item ("sda"), not the module's name. */
  readonly hasItems: boolean;
  /** @param before null: no reading that this one could be compared with; rates are unknown then */
  readonly compute: (
    before: readonly RawItem[] | null,
    after: readonly RawItem[],
    seconds: number,
  ) => readonly ComputedItem[];
}
