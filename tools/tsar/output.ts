/** How rows are printed: table, JSON, CSV, charts. Chosen once; charts and colours are loaded when they are asked for. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { isoTime, makeCsv, rowDocument } from "./formats.ts";
import { hasOption, lastValue, type Plan } from "./plan.ts";
import type { Row } from "./row.ts";
import { makeSummariser } from "./summary.ts";
import { makeTable, type Paint } from "./table.ts";

/** What a history report is of. */
export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly intervalSeconds: number;
  readonly events: readonly SpanEvent[];
  readonly lost: { readonly bytes: number; readonly frames: number; readonly records: number };
}

export interface SpanEvent {
  readonly realtimeSeconds: number;
  readonly event: string;
  readonly detail: string;
}

export interface Output {
  readonly row: (row: Row) => void;
  /** After the last row; `span` null: live. */
  readonly end: (span: Span | null) => number;
}

export async function chooseOutput(context: ToolContext, plan: Plan, live: boolean): Promise<Output> {
  const { shared } = context;
  const plot = hasOption(context, "plot");
  const csv = hasOption(context, "csv");
  if ([plot, csv, shared.json].filter(Boolean).length > 1) {
    throw new ToolError("--plot, --csv and --json exclude each other");
  }
  if (lastValue(context, "output") !== null && !plot) throw new ToolError("-o needs --plot");
  if (plot) {
    const { plotOutput } = await import("./plot.ts");
    return plotOutput(context, lastValue(context, "output"));
  }
  if (shared.json) return live ? liveJson(context) : historyJson(context);
  if (csv) {
    const line = makeCsv((seconds) => context.system.localTime(seconds));
    return { row: (row) => context.print(line(row)), end: () => 0 };
  }
  return tableOutput(context, plan, live, await choosePaint(context));
}

async function choosePaint(context: ToolContext): Promise<Paint | null> {
  const when = lastValue(context, "color") ?? "auto";
  if (!["auto", "always", "never"].includes(when)) throw new ToolError(`invalid colour: '${when}'`);
  if (when === "never" || (when === "auto" && !context.system.isTerminal(1))) return null;
  const { makePaint } = await import("./paint.ts");
  return makePaint(context);
}

function tableOutput(context: ToolContext, plan: Plan, live: boolean, paint: Paint | null): Output {
  const { system, print } = context;
  const localTime = (seconds: number) => system.localTime(seconds);
  const table = makeTable({ detail: plan.detail, seconds: live, paint, localTime });
  const summariser = makeSummariser();
  // A string that grows by each of them would be copied each time.
  let pending: string[] = [];
  return {
    row(row) {
      if (live) return print(table.row(row));
      summariser.add(row);
      pending.push(table.row(row));
      if (pending.length >= 50) {
        print(pending.join(""));
        pending = [];
      }
    },
    end() {
      const summary = live ? null : summariser.end();
      if (summary !== null) {
        pending.push(
          "\n",
          table.line("MAX", summary.max),
          table.line("MEAN", summary.mean),
          table.line("MIN", summary.min),
        );
        if (hasOption(context, "p95") || system.isTerminal(1)) pending.push(table.line("P95", summary.p95));
      }
      if (pending.length > 0) print(pending.join(""));
      return 0;
    },
  };
}

/** A document per row. */
function liveJson(context: ToolContext): Output {
  return {
    row(row) {
      const time = isoTime(context.system.localTime(row.realtimeMs / 1000));
      context.print(`${JSON.stringify({ schema: "procg.tsar/v1", time, ...rowDocument(row) })}\n`);
    },
    end: () => 0,
  };
}

/** One document. */
function historyJson(context: ToolContext): Output {
  const rows: Row[] = [];
  return {
    row: (row) => void rows.push(row),
    end(span) {
      const summariser = makeSummariser();
      for (const row of rows) summariser.add(row);
      const summary = summariser.end();
      const of = (row: Row | undefined) => (row === undefined ? null : rowDocument(row).modules);
      const document = {
        schema: "procg.tsar-history/v1",
        ...span,
        rows: rows.map(rowDocument),
        summary: {
          max: of(summary?.max),
          mean: of(summary?.mean),
          min: of(summary?.min),
          p95: of(summary?.p95),
        },
      };
      context.print(`${JSON.stringify(document)}\n`);
      return 0;
    },
  };
}
