/** The screen of `procg host top` as styled lines. Pure. */
import type { Style, StyledLine } from "../../lib/screen/screen.ts";
import { size } from "../../lib/units/figure_text.ts";
import { cutToColumns, fitColumns, safeText, textColumns } from "../../lib/units/terminal_text.ts";
import { COLUMNS, columnLine } from "../list/columns.ts";
import type { ContainerRow } from "../list/rows.ts";
import { shownRows, type TopState } from "./state.ts";

export interface HostFigures {
  readonly cpus: number;
  readonly memoryBytes: number | null;
}

/** Lines above the first container. */
export const HEAD_LINES = 4;

const BOLD: Style = { bold: true };
const REVERSE: Style = { reverse: true };

const HELP: readonly string[] = [
  "procg host top: all containers, ranked by what they use",
  "",
  "  C M L T P N    rank by CPU, memory, load, active threads, pids, name",
  "  < >            rank by the column to the left, to the right",
  "  r              the smallest first",
  "  / o            show only what has this in its name, image or id;  = all again",
  "  Up Down PgUp PgDn Home End, mouse   select a container;  Esc none",
  "  Enter          everything of the container;  Esc back",
  "  d s            seconds between two looks;  space: look now",
  "  h ?            this page;  q: end",
  "",
  "  CPU            cores in use of those that may be used;  THR: share of its periods in which it was throttled",
  "  MEM LIMIT      working set, and the smallest limit;  LOAD: load1 of the loadcalc inside, - without one",
  "  ACTIVE         threads that run or wait for a disk now;  OOM: processes killed for memory",
];

/** One line for all: as text, for a printed report too. */
export function headText(state: TopState, shown: number, time: string): string {
  const some = state.filter === "" ? "" : `, ${shown} with '${state.filter}'`;
  const order = `${state.sort}${state.reverse ? ", reversed" : ""}`;
  return `procg host top - ${time} UTC, ${state.rows.length} containers${some}, by ${order}`;
}

export function paintList(
  state: TopState,
  host: HostFigures,
  time: string,
  columns: number,
  rows: number,
  monochrome: boolean,
): StyledLine[] {
  const shown = shownRows(state);
  state.page = Math.max(1, rows - HEAD_LINES);
  const selected = shown.findIndex((row) => row.id === state.selected);
  if (selected >= 0) {
    if (selected < state.begin) state.begin = selected;
    if (selected >= state.begin + state.page) state.begin = selected - state.page + 1;
  }
  state.begin = Math.max(0, Math.min(state.begin, shown.length - state.page));
  const visible = shown.slice(state.begin, state.begin + state.page);
  const nameWidth = widthOfNames(visible, columns);
  const lines: StyledLine[] = [
    line(headText(state, shown.length, time), BOLD),
    line(sumText(state.rows, host), null),
    state.prompt === null ? line(state.message ?? "", BOLD) : line(promptText(state), BOLD),
    { spans: [{ text: columnLine((each) => each.head, nameWidth), style: REVERSE }], fill: REVERSE },
  ];
  for (const row of visible) {
    const text = columnLine((each) => each.text(row), nameWidth);
    const style = row.id === state.selected ? REVERSE : null;
    const problems = monochrome || style !== null ? null : problemStyle(row);
    const cut = text.length - safeText(row.problems.join(", ")).length;
    lines.push({
      spans: [
        { text: text.slice(0, cut), style },
        { text: text.slice(cut), style: problems ?? style },
      ],
      fill: style,
    });
  }
  return lines;
}

export function paintHelp(): StyledLine[] {
  return HELP.map((text, index) => line(text, index === 0 ? BOLD : null));
}

/** @param lines the page's text; null: it is being read */
export function paintDetail(
  state: TopState,
  lines: readonly string[] | null,
  columns: number,
  rows: number,
): StyledLine[] {
  const all = lines ?? ["..."];
  state.page = Math.max(1, rows - 1);
  state.scroll = Math.max(0, Math.min(state.scroll, all.length - rows));
  return all
    .slice(state.scroll, state.scroll + rows)
    .map((text) => line(cutToColumns(text, columns), /^[A-Z]/.test(text) ? null : BOLD));
}

export function promptText({ prompt }: TopState): string {
  if (prompt === null) return "";
  return `${prompt.kind === "filter" ? "Name, image or id has" : "Seconds between two looks"} ${prompt.text}`;
}

function line(text: string, style: Style | null): StyledLine {
  return { spans: [{ text, style }] };
}

/** Red where something is going wrong now. */
function problemStyle({ problems }: ContainerRow): Style | null {
  return problems.some((text) => /OOM|near|throttled/.test(text)) ? { foreground: 1, bold: true } : null;
}

const OTHER_COLUMNS = COLUMNS.reduce((sum, { width }) => (width > 0 ? sum + width + 1 : sum), 0);

function widthOfNames(rows: readonly ContainerRow[], columns: number): number {
  let longest = 8;
  for (const { name } of rows) longest = Math.max(longest, textColumns(safeText(name)));
  const room = columns - OTHER_COLUMNS - (columns >= 100 ? 20 : 2);
  return Math.min(longest, Math.max(12, room));
}

/** "+": at least so much, for what is not known of some container is not in it. */
function sumText(rows: readonly ContainerRow[], { cpus, memoryBytes }: HostFigures): string {
  const sum = (of: (row: ContainerRow) => number | null, format: (total: number) => string): string => {
    const known = rows.map(of).filter((value) => value !== null);
    if (known.length === 0) return rows.length === 0 ? format(0) : "-";
    const total = format(known.reduce((a, b) => a + b, 0));
    return known.length < rows.length ? `${total}+` : total;
  };
  const parts = [
    `CPU ${sum(
      (row) => row.cpuCores,
      (total) => total.toFixed(2),
    )} of ${cpus}`,
    `memory ${sum((row) => row.memoryWorkingSetBytes, size)} of ${size(memoryBytes)}`,
    `${sum((row) => row.activeThreads, String)} threads active`,
    `${sum((row) => row.pids, String)} pids`,
    `${sum((row) => row.oomKills, String)} OOM kills`,
  ];
  return `all together: ${parts.join(", ")}`;
}

/** A label in front of each line. */
export function labelled(label: string, text: string): string {
  return `${fitColumns(label, 14)}${text}`;
}
