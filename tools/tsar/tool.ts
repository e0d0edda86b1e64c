/** tsar: what this container does now, and what it did. The command line and output of alibaba/tsar. */
import { type ToolContext, type ToolDeclaration, UsageError } from "../../lib/cli/tool.ts";
import { options } from "./declaration.ts";
import { runLive } from "./live.ts";
import { chooseOutput } from "./output.ts";
import { hasOption, lastValue, numberOption, readPlan } from "./plan.ts";

export const tool: ToolDeclaration = {
  name: "tsar",
  summary: "show what this container does, live or from its history",
  family: "procps",
  section: 8,
  usage: "[options] [modules]",
  compatibleWith: "tsar 2.1",
  options,
  description: [
    "Without --live it reports from the history that loadcalc --history or tsar --cron keeps: one row per interval, then MAX, MEAN and " +
      "MIN. Without a module option it shows the summary columns of a few; tsar -L lists all.",
    "CPU is a share of what the container may use, memory of its limit, IO its own. What the kernel counts only for the whole machine " +
      "is unknown in a container and prints ------.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  if (context.commandLine.operands.length > 0) throw new UsageError("");
  if (hasOption(context, "list")) {
    const { listText } = await import("./list.ts");
    context.print(listText());
    return 0;
  }
  if (hasOption(context, "cron")) {
    const { runCron } = await import("./cron.ts");
    return runCron(context);
  }
  if (hasOption(context, "alert")) {
    const { runAlert } = await import("./alert.ts");
    return runAlert(context);
  }
  const plan = readPlan(context);
  if (context.shared.explain) {
    const { explainText } = await import("./explain.ts");
    context.print(explainText(context, plan));
    return 0;
  }
  if (hasOption(context, "live")) {
    const output = await chooseOutput(context, plan, true);
    const count = numberOption(context, "count", Number.POSITIVE_INFINITY);
    const isChart = lastValue(context, "count") === null && hasOption(context, "plot");
    const seconds = numberOption(context, "interval", 5, 0.05);
    await runLive(context, plan, seconds, isChart ? 60 : count, output.row);
    return output.end(null);
  }
  const { runHistory } = await import("./history.ts");
  return runHistory(context, plan);
}
