/** The store that the command line names. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import {
  DEFAULT_DIRECTORY,
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_DAYS,
  DEFAULT_MIN_FREE_BYTES,
  type HistoryOptions,
} from "../../lib/history/writer.ts";
import { type FileHost, openFileHost } from "../../lib/system/file_host.ts";
import { lastValue, numberOption, sizeOption } from "./plan.ts";

export function historyDirectory(context: ToolContext): string {
  const given = lastValue(context, "history") ?? DEFAULT_DIRECTORY;
  if (given === "") throw new ToolError("--history needs a directory");
  return given.length > 1 ? given.replace(/\/+$/, "") : given;
}

export function historyOptions(context: ToolContext): HistoryOptions {
  return {
    directory: historyDirectory(context),
    maxBytes: sizeOption(context, "historySize", DEFAULT_MAX_BYTES),
    maxDays: numberOption(context, "historyDays", DEFAULT_MAX_DAYS),
    minFreeBytes: sizeOption(context, "historyFree", DEFAULT_MIN_FREE_BYTES),
  };
}

export async function storeHost(context: ToolContext): Promise<FileHost> {
  const host = await openFileHost(context.system);
  if (host === null) throw new ToolError("--replay and --root have no history: use --live");
  return host;
}
