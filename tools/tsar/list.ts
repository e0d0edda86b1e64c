/** tsar -L: the modules, their columns, and where each comes from. */
import { MODULES } from "../../lib/sampler/modules.ts";

export function listText(): string {
  let text = "tsar modules; in brackets: hidden columns, * in plain tsar\n";
  for (const module of MODULES) {
    text += `\n--${module.name.padEnd(12)} ${module.summary}\n`;
    for (const column of module.columns) {
      const name = column.show === "hidden" ? `(${column.name})` : column.name;
      text += `    ${`${name}${column.show === "summary" ? "*" : ""}`.padEnd(11)} ${column.help}\n`;
    }
  }
  return text;
}
