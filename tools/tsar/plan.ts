/** What the command line asks for. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import type { Column, Module } from "../../lib/sampler/module.ts";
import { DEFAULT_MODULES, MODULES } from "../../lib/sampler/modules.ts";

/** A module and which of its columns, by index. */
export interface Selected {
  readonly module: Module;
  readonly columns: readonly number[];
  readonly shown: readonly Column[];
}

export interface Plan {
  readonly selected: readonly Selected[];
  readonly processNames: readonly string[];
  readonly itemPattern: string | null;
  readonly merge: boolean;
  readonly detail: boolean;
}

export function readPlan(context: ToolContext): Plan {
  const { options } = context.commandLine;
  const asked = new Set(
    options.filter((one) => one.key.startsWith("module:")).map((one) => one.key.slice(7)),
  );
  const spec = lastValue(context, "spec");
  const names = spec === null ? null : spec.split(",").filter((name) => name !== "");
  const selected: Selected[] = [];
  const unknown = new Set(names ?? []);
  for (const module of MODULES) {
    const plain = asked.size === 0;
    if (plain ? !DEFAULT_MODULES.includes(module.name) : !asked.has(module.name)) continue;
    const columns: number[] = [];
    module.columns.forEach((column, index) => {
      if (names !== null ? names.includes(column.name) : isShown(column, plain)) columns.push(index);
      unknown.delete(column.name);
    });
    const shown = columns.map((index) => module.columns[index] as Column);
    if (columns.length > 0) selected.push({ module, columns, shown });
  }
  if (names !== null && unknown.size > 0) {
    throw new ToolError(`no such column: ${[...unknown].join(", ")}; tsar -L lists them`);
  }
  const processNames: string[] = [];
  for (const one of options)
    if (one.key === "module:proc" && one.value !== null) processNames.push(one.value);
  return {
    selected,
    processNames,
    itemPattern: lastValue(context, "item"),
    merge: hasOption(context, "merge"),
    detail: hasOption(context, "detail"),
  };
}

function isShown(column: Column, plain: boolean): boolean {
  return plain ? column.show === "summary" : column.show !== "hidden";
}

export function hasOption(context: ToolContext, key: string): boolean {
  return context.commandLine.options.some((option) => option.key === key);
}

/** Of several the last counts; null: not given. */
export function lastValue(context: ToolContext, key: string): string | null {
  let value: string | null = null;
  for (const option of context.commandLine.options) if (option.key === key) value = option.value;
  return value;
}

/** A number above 0 (or from `least` on), or the default. */
export function numberOption(context: ToolContext, key: string, fallback: number, least = 1): number {
  const text = lastValue(context, key);
  if (text === null) return fallback;
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < least || value > 1e9) {
    throw new ToolError(`invalid number: '${text}'`);
  }
  return value;
}

/** Bytes: "64M", "500k", "1G". */
export function sizeOption(context: ToolContext, key: string, fallback: number): number {
  const text = lastValue(context, key);
  if (text === null) return fallback;
  const match = /^(\d+)([kKmMgG]?)$/.exec(text);
  if (match === null) throw new ToolError(`invalid size: '${text}'`);
  const exponent = ["", "k", "m", "g"].indexOf((match[2] ?? "").toLowerCase());
  return Number(match[1]) * 1024 ** exponent;
}

/** `*` and `?` as in a shell, nothing else. */
export function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`).test(name);
}
