/** df: the room that the container's file systems have. Replaces coreutils' df(1). */
import { type ToolContext, type ToolDeclaration, ToolError } from "../../lib/cli/tool.ts";
import { type Container, openContainer } from "../../lib/container/container.ts";
import { type MountEntry, readMountList } from "../../lib/container/mount_list.ts";
import { ReadError } from "../../lib/kernfile/kernel_file.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { mountTables } from "../../lib/system/mount_tables.ts";
import { addTotal, collectAll, dfCollector } from "./collect.ts";
import { type DfOptions, optionSpecs, readOptions } from "./options.ts";
import { renderColumns } from "./render.ts";

export const tool: ToolDeclaration = {
  name: "df",
  summary: "show the room that this container's file systems have",
  family: "coreutils",
  section: 1,
  usage: "[OPTION]... [FILE]...",
  compatibleWith: "GNU coreutils 9",
  options: optionSpecs,
  description: [
    "The container's own mounts, its root first. Binds of single files (resolv.conf, hosts, hostname) and what hides parts of /proc and /sys " +
      "are left out unless -a is given or a FILE asks for them; of several mounts of one device one is shown, as coreutils does.",
    "On a tmpfs Avail is no more than the memory that the container can still get, swap included. A quota of the root file system that only " +
      "the host knows is shown as Size where the container is registered; Used is not known then.",
    "A mount whose server does not answer is left out after 3 seconds, with a message and exit code 1.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, shared, print, commandLine } = context;
  const options = readOptions(commandLine.options, system, context.name);
  const container = openContainer(system, shared);
  const isContainer = container.kind === "container";
  const { operands } = commandLine;
  const table = readMounts(context, container, options);
  const memory = isContainer && table.some((entry) => entry.fsType === "tmpfs");
  const memoryBytes = memory ? await headroomOf(container) : null;
  const collector = dfCollector(container, options.choice, memoryBytes, table.length + operands.length);
  if (options.sync) system.sync();
  if (operands.length === 0) {
    collectAll(collector, table, isContainer);
  } else {
    const { collectOperands } = await import("./operands.ts");
    collectOperands(collector, table, operands);
  }
  if (collector.problems.length > 0) {
    const { problemText } = await import("./problems.ts");
    for (const problem of collector.problems) context.warn(problemText(problem));
  }
  const code = collector.problems.length === 0 ? 0 : 1;
  const { rows } = collector;
  if (rows.names.length === 0 && !shared.json) {
    if (code === 0) throw new ToolError("no file systems processed");
    return code;
  }
  if (options.total) addTotal(rows, options.layout.columns.includes("source"));
  if (shared.json || shared.explain) {
    const { dfJson, explainDf } = await import("./json.ts");
    print(shared.json ? dfJson(collector, options.total) : explainDf(container, collector, options.total));
  } else {
    const table = renderColumns(rows, options.layout);
    const { headings, columns, suffixes, widths, left } = table;
    const text = mountTables(system)?.alignTable(headings, columns, suffixes, widths, left) ?? null;
    print(
      text ??
        (await import("./render_aligned.ts")).renderAligned(table, options.layout.utf8, system.isTerminal(1)),
    );
  }
  return code;
}

/** Without a mount table a FILE can still be asked for, unless an option needs the table. */
function readMounts(
  { commandLine, warn }: ToolContext,
  container: Container,
  { choice }: DfOptions,
): MountEntry[] {
  let why = "cannot read table of mounted file systems: ";
  try {
    return readMountList(container);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    why += errnoText(error.errno);
  }
  const needed =
    commandLine.operands.length === 0 ||
    choice.all ||
    choice.localOnly ||
    choice.selected.length > 0 ||
    choice.excluded.length > 0;
  if (needed) throw new ToolError(why);
  warn(`Warning: ${why}`);
  return [];
}

/** Loaded only where there is a tmpfs. */
async function headroomOf(container: Container): Promise<number | null> {
  const { readMemoryHeadroom } = await import("../../lib/container/memory_headroom.ts");
  return readMemoryHeadroom(container);
}
