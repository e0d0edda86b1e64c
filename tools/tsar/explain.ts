/** tsar --explain: which cgroup is meant, and what each column that would be shown is. */
import type { ToolContext } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { explainContainer } from "../../lib/container/explain.ts";
import type { Plan } from "./plan.ts";

export function explainText(context: ToolContext, plan: Plan): string {
  let text = explainContainer(openContainer(context.system, context.shared));
  for (const { module, shown } of plan.selected) {
    text += `${module.name}: ${module.summary}\n    stored as ${module.group.fields.join(" ")}\n`;
    for (const column of shown) text += `    ${column.name} = ${column.help}\n`;
  }
  return text;
}
