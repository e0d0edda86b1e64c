/** Threshold rules over samples as they come: which alarms stand. For tsar --alert and loadcalc alike. */
import type { Module, RawGroup } from "./module.ts";
import { groupsOf, MODULES } from "./modules.ts";
import { computeModule, type Sample } from "./sample.ts";
import { isCrossed, isHeld, matchesItem, type Rule } from "./threshold.ts";

/** What one rule says of one item. */
export interface AlarmState {
  readonly rule: Rule;
  /** "" where the module has only one. */
  readonly item: string;
  /** null: unknown; the alarm that stood goes on. */
  readonly value: number | null;
  readonly isActive: boolean;
  /** Wall clock, ms: since when the limit is crossed without a break; null: it is not. */
  readonly sinceMs: number | null;
}

export interface AlarmWatch {
  /** The groups that the rules need. */
  readonly groups: readonly RawGroup[];
  /** One more sample; gives the state of every rule and item that was seen in it. `before` null: rates are unknown. */
  readonly add: (before: Sample | null, after: Sample) => readonly AlarmState[];
}

interface Running {
  count: number;
  sinceMs: number;
  isActive: boolean;
}

/** Throws nothing: a rule of a module or column that does not exist is found by `unknownIn`. */
export function watchAlarms(rules: readonly Rule[]): AlarmWatch {
  const running = new Map<string, Running>();
  const modules = modulesOf(rules);
  return {
    groups: groupsOf(modules),
    add(before, after) {
      const states: AlarmState[] = [];
      for (const module of modules) {
        const items = computeModule(module, before, after);
        rules.forEach((rule, index) => {
          if (rule.module !== module.name) return;
          const column = module.columns.findIndex((one) => one.name === rule.column);
          for (const item of items) {
            if (!matchesItem(rule, item.name)) continue;
            const value = item.values[column] ?? null;
            states.push(advance(running, `${index}\n${item.name}`, rule, item.name, value, after.realtimeMs));
          }
        });
      }
      return states;
    },
  };
}

function advance(
  running: Map<string, Running>,
  key: string,
  rule: Rule,
  item: string,
  value: number | null,
  realtimeMs: number,
): AlarmState {
  let state = running.get(key);
  if (value !== null) {
    const holds = state?.isActive === true ? isHeld(rule, value) : isCrossed(rule, value);
    if (!holds) {
      running.delete(key);
      state = undefined;
    } else {
      state ??= { count: 0, sinceMs: realtimeMs, isActive: false };
      running.set(key, state);
      state.count++;
      const lasted = realtimeMs - state.sinceMs >= rule.seconds * 1000;
      if (state.count >= rule.samples && lasted) state.isActive = true;
    }
  }
  return { rule, item, value, isActive: state?.isActive === true, sinceMs: state?.sinceMs ?? null };
}

function modulesOf(rules: readonly Rule[]): Module[] {
  return MODULES.filter((module) => rules.some((rule) => rule.module === module.name));
}

/** "no module foo", "cpu has no column bar" for the first such rule; null: all are known. */
export function unknownIn(rules: readonly Rule[]): string | null {
  for (const rule of rules) {
    const module = MODULES.find((one) => one.name === rule.module);
    if (module === undefined) return `no module ${rule.module}: ${rule.text}`;
    if (!module.columns.some((column) => column.name === rule.column)) {
      return `${rule.module} has no column ${rule.column}: ${rule.text}`;
    }
  }
  return null;
}
