/** tsar --cron: one sample into the store. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { createHistoryWriter } from "../../lib/history/writer.ts";
import { groupsOf, MODULES } from "../../lib/sampler/modules.ts";
import { takeSampleOrAsk } from "../../lib/sampler/sample.ts";
import { readConfig } from "./config.ts";
import { historyOptions } from "./store.ts";

export async function runCron(context: ToolContext): Promise<number> {
  const { system } = context;
  const { processNames } = readConfig(context);
  const writer = await createHistoryWriter(system, historyOptions(context));
  if (typeof writer === "string") throw new ToolError(writer);
  // Behind the lock: samples stand in the order in which they were taken.
  const sample = await takeSampleOrAsk(openContainer(system, context.shared), groupsOf(MODULES), {
    processNames,
    isStored: true,
  });
  const { written, problem } = writer.append(sample);
  if (problem !== null) context.warn(problem);
  writer.pack();
  writer.end(sample.realtimeMs, sample.monotonicMs);
  return written ? 0 : 1;
}
