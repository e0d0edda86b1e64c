/** The rules that apply: --config FILE (or the default file, where there is one) and --rule. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { unknownIn } from "../../lib/sampler/alarm.ts";
import { parseRules, type Rules } from "../../lib/sampler/threshold.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { lastValue } from "./plan.ts";

const DEFAULT_FILE = "/etc/procg/tsar.conf";
const ENOENT = -2;

export function readConfig(context: ToolContext): Rules {
  const asked = lastValue(context, "config");
  const path = asked ?? DEFAULT_FILE;
  const text = context.system.readText(path);
  if (typeof text === "number" && (asked !== null || text !== ENOENT)) {
    throw new ToolError(`${path}: ${errnoText(text)}`, 3);
  }
  const file = parseRules(typeof text === "number" ? "" : text);
  if (file.mistakes.length > 0) throw new ToolError(`${path}: ${file.mistakes[0]}`, 3);
  const given = context.commandLine.options.filter((option) => option.key === "rule");
  const more = parseRules(given.map((option) => option.value ?? "").join("\n"));
  if (more.mistakes.length > 0)
    throw new ToolError(`--rule: ${more.mistakes[0]?.replace(/^line \d+: /, "")}`, 3);
  const rules = [...file.rules, ...more.rules];
  const unknown = unknownIn(rules);
  if (unknown !== null) throw new ToolError(unknown, 3);
  return { rules, processNames: file.processNames, mistakes: [] };
}
