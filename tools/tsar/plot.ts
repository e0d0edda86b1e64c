/** One chart per column: in the terminal, or as an SVG file. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import type { RawValue } from "../../lib/sampler/module.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import type { Output } from "./output.ts";
import type { Row } from "./row.ts";
import { blockOf } from "./summary.ts";
import { svgText } from "./svg.ts";
import { formatValue, timeText } from "./table.ts";

export interface Series {
  /** "cpu util", "io sda rs". */
  readonly title: string;
  readonly values: readonly RawValue[];
}

const HEIGHT = 6;
const LABEL = 9;
const LEVELS = " ▁▂▃▄▅▆▇█";

export function plotOutput(context: ToolContext, file: string | null): Output {
  const rows: Row[] = [];
  return {
    row: (row) => void rows.push(row),
    end() {
      const times = rows.map((row) => context.system.localTime(row.realtimeMs / 1000));
      const first = times[0] === undefined ? "" : timeText(times[0], true);
      const last = times.length === 0 ? "" : timeText(times[times.length - 1] as (typeof times)[0], true);
      if (file !== null) {
        const seconds = rows.map((row) => row.realtimeMs / 1000);
        const result = context.system.createFile(
          file,
          svgText(seriesOf(rows), seconds, first, last),
          0o644,
          false,
        );
        if (result < 0) throw new ToolError(`${file}: ${errnoText(result)}`);
        return 0;
      }
      const width = (context.system.windowSize(1)?.[0] ?? 80) - LABEL - 1;
      for (const series of seriesOf(rows)) context.print(chartText(series, Math.max(10, width), first, last));
      return 0;
    },
  };
}

/** Of every item that any row has. */
function seriesOf(rows: readonly Row[]): Series[] {
  const seen = new Map<string, Series>();
  for (const row of rows) {
    for (const block of row.blocks) {
      block.columns.forEach((column, index) => {
        const title = [block.module.name, block.item, column.name].filter((word) => word !== "").join(" ");
        if (seen.has(title)) return;
        const values = rows.map((one) => blockOf(one, block)?.values[index] ?? null);
        seen.set(title, { title, values });
      });
    }
  }
  return [...seen.values()];
}

/** Bars of eighths, from 0 (or the least value below it) to the most. Unknown: a gap. */
export function chartText(series: Series, width: number, first: string, last: string): string {
  const values = squeezed(series.values, width);
  const known = values.filter((value): value is number => value !== null);
  const title = safeText(series.title);
  if (known.length === 0) return `${title}: unknown\n\n`;
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  const least = known.reduce((a, b) => Math.min(a, b), 0);
  const range = most - least || 1;
  let text = `${title}\n`;
  for (let line = HEIGHT - 1; line >= 0; line--) {
    const label =
      line === HEIGHT - 1 ? formatValue(most, false) : line === 0 ? formatValue(least, false) : "";
    let bars = "";
    for (const value of values) {
      const eighths = value === null ? 0 : Math.round(((value - least) / range) * HEIGHT * 8);
      bars += LEVELS[Math.max(0, Math.min(8, eighths - line * 8))];
    }
    text += `${label.padStart(LABEL - 2)} |${bars}`.replace(/ +$/, "");
    text += "\n";
  }
  return `${text}${" ".repeat(LABEL)}${first}${last.padStart(Math.max(last.length + 1, values.length - first.length))}\n\n`;
}

/** Means of equal stretches, so that it fits. */
function squeezed(values: readonly RawValue[], width: number): RawValue[] {
  if (values.length <= width) return [...values];
  const result: RawValue[] = [];
  for (let i = 0; i < width; i++) {
    const from = Math.floor((i * values.length) / width);
    const to = Math.floor(((i + 1) * values.length) / width);
    const part = values.slice(from, to).filter((value): value is number => value !== null);
    result.push(part.length === 0 ? null : part.reduce((a, b) => a + b, 0) / part.length);
  }
  return result;
}
