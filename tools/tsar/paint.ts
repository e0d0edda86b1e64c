/** Colours of values that are over a threshold now; durations do not count for a single value. */
import type { ToolContext } from "../../lib/cli/tool.ts";
import { isCrossed, matchesItem } from "../../lib/sampler/threshold.ts";
import { readConfig } from "./config.ts";
import type { Paint } from "./table.ts";

export function makePaint(context: ToolContext): Paint | null {
  const { rules } = readConfig(context);
  if (rules.length === 0) return null;
  return (block, column) => {
    const value = block.values[column] ?? null;
    if (value === null) return null;
    const name = block.columns[column]?.name;
    const crossed = rules.filter(
      (rule) =>
        rule.module === block.module.name &&
        rule.column === name &&
        matchesItem(rule, block.item) &&
        isCrossed(rule, value),
    );
    if (crossed.some((rule) => rule.level === "critical")) return "critical";
    return crossed.length > 0 ? "warning" : null;
  };
}
