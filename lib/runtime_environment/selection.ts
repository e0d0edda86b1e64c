/** --only and --skip: which variables are meant. The two tools have them in common. */
import { type OptionSpec, type ParsedOption, UsageError } from "../cli/tool.ts";
import type { Wanted } from "./environment.ts";
import { RUNTIME_VARIABLES } from "./variables.ts";

export const selectionOptions: readonly OptionSpec[] = [
  { key: "only", long: "only", argument: "LIST", help: "set these variables only: NAME,NAME..." },
  { key: "skip", long: "skip", argument: "LIST", help: "leave these variables as they are" },
];

/** Throws UsageError for a name that is none of ours. */
export function readSelection(options: readonly ParsedOption[]): Wanted {
  let wanted: Set<string> | null = null;
  const all = RUNTIME_VARIABLES.map(({ name }) => name);
  for (const { key, value } of options) {
    if (key !== "only" && key !== "skip") continue;
    const names = (value ?? "").split(",");
    const unknown = names.find((name) => !all.includes(name));
    if (unknown !== undefined) throw new UsageError(`--${key}: '${unknown}' is none of ${all.join(", ")}`);
    const before: ReadonlySet<string> = wanted ?? new Set(all);
    wanted = new Set([...before].filter((name) => names.includes(name) === (key === "only")));
  }
  return wanted;
}
