/** procg host list: a table of all containers. */
import type { ToolContext, ToolDeclaration } from "../../lib/cli/tool.ts";
import { engineOption, openCompanion, positiveNumber } from "../companion.ts";
import { openRowReader } from "../list/collect.ts";
import { type ListDocument, sortRows } from "../list/rows.ts";
import { renderList } from "../list/table.ts";
import { findContainers } from "../metric/targets.ts";

export const tool: ToolDeclaration = {
  name: "list",
  summary: "a table of all containers: what they use of what they may, and how they are registered",
  family: "procg",
  section: 8,
  usage: "[options] [CONTAINER...]",
  options: [
    { key: "wait", long: "wait", argument: "SECONDS", help: "look twice, so far apart, for the rates (0.3)" },
    engineOption,
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print } = context;
  const names = commandLine.operands.length > 0 ? commandLine.operands : "all";
  const wait = positiveNumber(commandLine, "wait", 0.3);
  const { access, engine } = await openCompanion(context);
  const containers = await findContainers(context, engine, names);
  const reader = openRowReader(system, access);
  await reader.read(containers);
  await system.sleep(wait);
  const rows = sortRows(await reader.read(containers), "name");
  const document: ListDocument = { schema: "procg.host-list/v1", containers: rows };
  print(shared.json ? `${JSON.stringify(document)}\n` : renderList(rows));
  return 0;
}
