/**
 * Threshold rules. One per line:
 *
 *   [warn|critical] MODULE[.ITEM].COLUMN (>|<|>=|<=) NUMBER [for N[s|m|h]] [clear NUMBER]
 *   threshold MODULE[.ITEM].COLUMN;WMIN;WMAX;CMIN;CMAX;          (tsar's own; N: no limit)
 *
 * "for 3": three samples in a row, "for 10m": as long. "clear 85": once it stands, an alarm ends only beyond 85. ITEM may hold * and ?;
 * without ITEM each item counts. The other lines of a tsar.conf are read over; anything else is a mistake.
 */
export type Level = "warning" | "critical";

export interface Rule {
  readonly level: Level;
  readonly module: string;
  /** null: any. */
  readonly item: string | null;
  readonly column: string;
  readonly comparison: ">" | "<" | ">=" | "<=" | "within";
  readonly limit: number;
  /** For "within" (tsar's lines): no alarm above it. */
  readonly upper: number;
  readonly samples: number;
  readonly seconds: number;
  /** null: the limit itself. */
  readonly clear: number | null;
  /** As written. */
  readonly text: string;
}

export interface Rules {
  readonly rules: readonly Rule[];
  /** Names after `mod_proc on`. */
  readonly processNames: readonly string[];
  /** "line 3: ..." */
  readonly mistakes: readonly string[];
}

const RULE =
  /^(?:(warn|warning|critical|crit):?\s+)?([a-z]+)\.(\S+)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)(?:\s+for\s+(\d+)\s*(s|m|h)?)?(?:\s+clear\s+(-?\d+(?:\.\d+)?))?$/;
/** Words that begin lines of a tsar.conf that say nothing about thresholds. */
const OTHER = /^(mod_|spec_|output_|server_|cycle_time|send_nsca|max_day|debug_level|include|lua_)/;

export function parseRules(text: string): Rules {
  const rules: Rule[] = [];
  const processNames: string[] = [];
  const mistakes: string[] = [];
  text.split("\n").forEach((raw, index) => {
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (line === "") return;
    const process = /^mod_proc\s+on\s+(\S+)/.exec(line)?.[1];
    if (process !== undefined) processNames.push(process);
    if (OTHER.test(line)) return;
    const found = line.startsWith("threshold") ? parseTsarLine(line) : parseRule(line);
    if (typeof found === "string") mistakes.push(`line ${index + 1}: ${found}`);
    else rules.push(...found);
  });
  return { rules, processNames, mistakes };
}

/** One rule in the language above, or what is wrong. */
export function parseRule(line: string): Rule[] | string {
  const match = RULE.exec(line);
  if (match === null) return `not a rule: ${line}`;
  const [, level = "warn", module = "", rest = "", comparison = ">", limit = "", count, unit, clear] = match;
  const dot = rest.lastIndexOf(".");
  const scale = unit === "h" ? 3600 : unit === "m" ? 60 : 1;
  const clearAt = clear === undefined ? null : Number(clear);
  const isAbove = comparison.startsWith(">");
  if (clearAt !== null && (isAbove ? clearAt > Number(limit) : clearAt < Number(limit))) {
    return `clear lies on the wrong side of the limit: ${line}`;
  }
  return [
    {
      level: level.startsWith("crit") ? "critical" : "warning",
      module,
      item: dot < 0 ? null : rest.slice(0, dot),
      column: rest.slice(dot + 1),
      comparison: comparison as ">" | "<" | ">=" | "<=",
      limit: Number(limit),
      upper: Number.POSITIVE_INFINITY,
      samples: count === undefined || unit !== undefined ? 1 : Math.max(1, Number(count)),
      seconds: count === undefined || unit === undefined ? 0 : Number(count) * scale,
      clear: clearAt,
      text: line,
    },
  ];
}

/** Critical from CMIN to CMAX, else warning from WMIN to WMAX; a limit that is N or 0 is off, as there. */
function parseTsarLine(line: string): Rule[] | string {
  const match = /^threshold\s+([a-z]+)\.([^;]+);([^;]*);([^;]*);([^;]*);([^;]*);?$/.exec(line);
  if (match === null) return `not a threshold: ${line}`;
  const [, module = "", rest = "", ...limits] = match;
  const numbers = limits.map((text) => (text.trim() === "N" ? 0 : Number(text.trim())));
  if (numbers.some((value) => !Number.isFinite(value))) return `not a number: ${line}`;
  const [warnFrom = 0, warnTo = 0, criticalFrom = 0, criticalTo = 0] = numbers;
  const dot = rest.lastIndexOf(".");
  const rule = (level: Level, from: number, to: number): Rule[] =>
    from === 0
      ? []
      : [
          {
            level,
            module,
            item: dot < 0 ? null : rest.slice(0, dot),
            column: rest.slice(dot + 1),
            comparison: "within",
            limit: from,
            upper: to === 0 ? Number.POSITIVE_INFINITY : to,
            samples: 1,
            seconds: 0,
            clear: null,
            text: line,
          },
        ];
  return [...rule("warning", warnFrom, warnTo), ...rule("critical", criticalFrom, criticalTo)];
}

export function isCrossed(rule: Rule, value: number): boolean {
  switch (rule.comparison) {
    case ">":
      return value > rule.limit;
    case ">=":
      return value >= rule.limit;
    case "<":
      return value < rule.limit;
    case "<=":
      return value <= rule.limit;
    case "within":
      return value >= rule.limit && value <= rule.upper;
  }
}

/** An alarm that stands goes on until the value is beyond `clear`. */
export function isHeld(rule: Rule, value: number): boolean {
  if (isCrossed(rule, value)) return true;
  if (rule.clear === null) return false;
  return rule.comparison.startsWith(">") ? value > rule.clear : value < rule.clear;
}

export function matchesItem(rule: Rule, item: string): boolean {
  if (rule.item === null) return true;
  const source = rule.item
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`).test(item);
}
