/** tsar -l: a row per interval, on ideal ticks; rates over the measured time. */
import type { ToolContext } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { groupsOf } from "../../lib/sampler/modules.ts";
import { type Sample, takeSampleOrAsk } from "../../lib/sampler/sample.ts";
import type { Plan } from "./plan.ts";
import { makeRow, type Row } from "./row.ts";

/** One look now. */
export function sampleNow(context: ToolContext, plan: Plan): Promise<Sample> {
  const container = openContainer(context.system, context.shared);
  const groups = groupsOf(plan.selected.map((one) => one.module));
  return takeSampleOrAsk(container, groups, { processNames: plan.processNames });
}

/** Calls `show` for each row, `count` times at most, or until a capture ends. */
export async function runLive(
  context: ToolContext,
  plan: Plan,
  seconds: number,
  count: number,
  show: (row: Row) => void,
): Promise<void> {
  const { system } = context;
  const first = system.monotonicSeconds();
  let before = await sampleNow(context, plan);
  for (let done = 1; done <= count && system.hasNextStep(); done++) {
    await system.sleep(Math.max(0, first + done * seconds - system.monotonicSeconds()));
    const after = await sampleNow(context, plan);
    show(makeRow(plan, before, after));
    before = after;
  }
}
