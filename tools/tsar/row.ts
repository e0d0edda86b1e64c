/** One row of a report: what the selected modules show for two samples. Pure. */
import type { Column, ComputedItem, Module, RawValue } from "../../lib/sampler/module.ts";
import { computeModule, type Sample } from "../../lib/sampler/sample.ts";
import { matchesPattern, type Plan } from "./plan.ts";

/** The columns of one item. */
export interface Block {
  readonly module: Module;
  /** "" where the module has only one. */
  readonly item: string;
  readonly columns: readonly Column[];
  readonly values: readonly RawValue[];
}

export interface Row {
  readonly realtimeMs: number;
  readonly blocks: readonly Block[];
}

export function makeRow(plan: Plan, before: Sample | null, after: Sample): Row {
  const blocks: Block[] = [];
  for (const { module, columns, shown } of plan.selected) {
    let items = computeModule(module, before, after);
    if (plan.itemPattern !== null && module.hasItems) {
      const pattern = plan.itemPattern;
      items = items.filter((item) => matchesPattern(pattern, item.name));
    }
    if (plan.merge && module.hasItems && items.length > 0) items = [mergeItems(module, items)];
    // A module that has no file to read is unknown, not absent.
    if (items.length === 0 && !module.hasItems)
      items = [{ name: "", values: module.columns.map(() => null) }];
    for (const item of items) {
      // Usually all of them are shown.
      const isAll = columns.length === module.columns.length;
      const values = isAll ? item.values : columns.map((index) => item.values[index] ?? null);
      blocks.push({ module, item: item.name, columns: shown, values });
    }
  }
  return { realtimeMs: after.realtimeMs, blocks };
}

/** As each column says; unknown as soon as one item's is. */
function mergeItems(module: Module, items: readonly ComputedItem[]): ComputedItem {
  const values = module.columns.map((column, index) => {
    let total = 0;
    for (const item of items) {
      const value = item.values[index] ?? null;
      if (value === null) return null;
      total += value;
    }
    return column.merge === "mean" ? total / items.length : total;
  });
  return { name: "", values };
}

/** The same header stands above both rows. */
export function sameColumns(one: Row, other: Row): boolean {
  if (one.blocks.length !== other.blocks.length) return false;
  for (let i = 0; i < one.blocks.length; i++) {
    const a = one.blocks[i];
    const b = other.blocks[i];
    if (a?.module !== b?.module || a?.item !== b?.item) return false;
  }
  return true;
}
