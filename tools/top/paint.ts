/** The screen as styled lines: summary, gauges, message, windows with their tasks. */
import type { Span, Style, StyledLine } from "../../lib/screen/screen.ts";
import { cutToColumns, fitColumns, textColumns } from "../../lib/units/terminal_text.ts";
import { styleOf } from "./batch.ts";
import { bottomLines } from "./bottom.ts";
import { selectTasks, sortTasks, type TreeTask, treePrefix, treeTasks } from "./compute.ts";
import { cpuPercent } from "./render_field_values.ts";
import { FIELDS } from "./render_fields.ts";
import { gaugeLines } from "./render_gauges.ts";
import { scalePercent } from "./render_number.ts";
import { type Column, headerText, layoutColumns, rowText } from "./render_rows.ts";
import { containerLines, cpuLines, loadLine, memoryLines, tasksLine } from "./render_summary.ts";
import { currentWindow, pidOf, type Session, type WindowState } from "./session.ts";
import type { SummaryModel, TaskView } from "./tasks.ts";
import { shownFields, type TopWindow } from "./windows.ts";

/** Below these heights the gauges and the container's lines give way to tasks. */
const ROWS_FOR_GAUGES = 30;
const ROWS_FOR_CONTAINER = 18;

/** The styles of a window: its colours, or bold and reverse alone. */
export interface Palette {
  readonly summary: Style | null;
  readonly number: Style | null;
  readonly message: Style | null;
  readonly header: Style | null;
  readonly task: Style | null;
  readonly high: Style | null;
}

export function paletteOf(session: Session, window: TopWindow): Palette {
  const colored = window.colors && !session.monochrome;
  const bold = !window.noBold;
  const color = (value: number): Partial<Style> => (colored ? { foreground: value } : {});
  const { summary, messages, header, tasks } = window.palette;
  const plain = (value: number): Style | null => (colored ? { foreground: value } : null);
  return {
    summary: null,
    number: { bold, ...color(summary) },
    message: { reverse: true, ...color(messages) },
    header: { reverse: true, ...color(header) },
    task: plain(tasks),
    high: window.highBold ? { bold, ...color(tasks) } : { reverse: true, ...color(tasks) },
  };
}

export function paintTasks(session: Session): {
  lines: StyledLine[];
  cursor: readonly [number, number] | null;
} {
  const { settings, frame } = session;
  const window = currentWindow(session);
  const palette = paletteOf(session, window);
  const lines: StyledLine[] = [];
  session.hits = { headers: new Map(), tasks: new Map() };
  if (frame !== null) paintSummary(session, frame.summary, window, palette, lines);
  const cursor = paintMessage(session, palette, lines);
  const bottom =
    session.bottom === null || frame === null ? [] : bottomLines(session, session.bottom, palette);
  const room = session.rows - lines.length - bottom.length;
  if (frame !== null) {
    const visible = settings.many
      ? settings.windows.map((_, i) => i).filter((i) => settings.windows[i]?.visible === true)
      : [settings.current];
    let left = room;
    visible.forEach((index, i) => {
      const own = settings.windows[index] as TopWindow;
      const share = Math.floor((left - (visible.length - i)) / (visible.length - i));
      const most =
        own.maxTasks > 0 ? Math.min(own.maxTasks, left - 1) : i === visible.length - 1 ? left - 1 : share;
      const before = lines.length;
      if (left >= 1) paintWindow(session, frame.view, index, Math.max(0, most), lines);
      left -= lines.length - before;
    });
  }
  while (lines.length < session.rows - bottom.length) lines.push({ spans: [] });
  return { lines: lines.slice(0, session.rows - bottom.length).concat(bottom), cursor };
}

function paintSummary(
  session: Session,
  summary: SummaryModel,
  window: TopWindow,
  palette: Palette,
  lines: StyledLine[],
): void {
  const { settings, columns, rows } = session;
  const room = (needed: number): boolean => lines.length + needed < rows - 1;
  const add = (text: string): void => {
    lines.push(summaryLine(text, palette, columns));
  };
  if (window.showLoad && room(1)) {
    const name = settings.many ? `${settings.current + 1}:${window.name}` : "top";
    lines.push({ spans: [{ text: cutToColumns(loadLine(summary, name), columns), style: palette.summary }] });
  }
  if (window.showCpu && room(2)) {
    add(tasksLine(summary));
    const layout = {
      each: !window.cpuSummary,
      graph: window.cpuGraph,
      abreast: window.abreast + 1,
      together: window.combine === 0 ? 1 : 2 ** window.combine,
      columns,
    };
    for (const text of cpuLines(summary.cpu, layout)) if (room(1)) add(text);
  }
  if (window.showMemory && room(2)) {
    const layout = { scale: settings.summaryScale, graph: window.memoryGraph, columns } as const;
    for (const text of memoryLines(summary, layout)) add(text);
  }
  if (settings.containerLines && summary.container !== null && rows >= ROWS_FOR_CONTAINER && room(4)) {
    for (const text of containerLines(summary.container)) add(text);
  }
  if (settings.gauges && rows >= ROWS_FOR_GAUGES && room(4)) {
    const colored = !session.monochrome;
    for (const parts of gaugeLines(
      summary,
      session.cpuHistory,
      session.memoryHistory,
      columns,
      session.utf8,
    )) {
      const spans = parts.map(({ text, color }) => ({
        text,
        style: color === null ? null : colored ? { foreground: color } : null,
      }));
      lines.push({ spans });
    }
  }
}

/** Numbers stand out, as in procps. */
function summaryLine(text: string, palette: Palette, columns: number): StyledLine {
  const cut = cutToColumns(text.trimEnd(), columns);
  const colon = cut.indexOf(":") + 1;
  const spans: Span[] = [{ text: cut.slice(0, colon), style: palette.summary }];
  for (const [part] of cut.slice(colon).matchAll(/[\d.+]+|[^\d.+]+/g)) {
    spans.push({ text: part, style: /^[\d+]/.test(part) ? palette.number : palette.summary });
  }
  return { spans };
}

function paintMessage(
  session: Session,
  palette: Palette,
  lines: StyledLine[],
): readonly [number, number] | null {
  const { prompt, message, columns } = session;
  if (prompt !== null) {
    const label = cutToColumns(`${prompt.label} `, columns - 1);
    const room = Math.max(1, columns - textColumns(label) - 1);
    let text = prompt.text;
    while (textColumns(text) > room) text = text.slice(1);
    lines.push({
      spans: [
        { text: label, style: { bold: true } },
        { text, style: null },
      ],
    });
    return [textColumns(label) + textColumns(text), lines.length - 1];
  }
  const window = currentWindow(session);
  const state = session.states[session.settings.current] as WindowState;
  if (message !== null)
    lines.push({ spans: [{ text: cutToColumns(` ${message} `, columns), style: palette.message }] });
  else if (window.coordinates) {
    const shown = shownFields(window).length;
    const text = `  task ${state.begin + 1} of ${state.rows.length}, field ${state.skip + 1} of ${shown}`;
    lines.push({
      spans: [
        { text: cutToColumns(state.scroll > 0 ? `${text} + ${state.scroll}` : text, columns), style: null },
      ],
    });
  } else lines.push({ spans: [] });
  return null;
}

function paintWindow(
  session: Session,
  view: TaskView,
  index: number,
  most: number,
  lines: StyledLine[],
): void {
  const { settings, frames } = session;
  const window = settings.windows[index] as TopWindow;
  const state = session.states[index] as WindowState;
  const palette = paletteOf(session, window);
  const style = styleOf(settings, window);
  const indent = settings.many ? 1 : 0;
  const fields = shownFields(window);
  state.skip = Math.min(state.skip, fields.length - 1);
  const columns = layoutColumns({
    fields,
    skip: state.skip,
    screenColumns: session.columns,
    pidDigits: frames.pidDigits,
    cpuDigits: frames.cpuDigits,
    widen: settings.widen,
    rightNumbers: window.rightNumbers,
    leftTexts: window.leftTexts,
    indent,
  });
  const hits: { field: number; from: number; to: number }[] = [];
  let at = indent;
  for (const column of columns) {
    hits.push({ field: column.index, from: at, to: at + column.width });
    at += column.width + 1;
  }
  session.hits.headers.set(lines.length, { window: index, columns: hits });
  const header = headerText(columns, settings.many ? String(index + 1) : "");
  lines.push({ spans: headerSpans(header, columns, indent, window, palette), fill: palette.header });

  const selection = { user: state.user, others: state.others, find: state.find, idle: window.idle };
  state.tree = null;
  let trees: Map<number, TreeTask> | null = null;
  if (window.forest) {
    const all: number[] = [];
    for (let row = 0; row < view.table.count; row++) all.push(row);
    const passing = new Set(selectTasks(view, selection, fields, style));
    let tree = treeTasks(view, all, state.collapsed);
    if (state.focusPid !== null) tree = focused(session, tree, state.focusPid);
    state.tree = tree.filter((task) => passing.has(task.row));
    state.rows = state.tree.map((task) => task.row);
    trees = new Map(state.tree.map((task) => [task.row, task]));
  } else {
    state.rows = selectTasks(view, selection, fields, style);
    sortTasks(view, state.rows, { field: window.sortField, highToLow: window.highToLow }, style);
  }
  state.begin = Math.max(0, Math.min(state.begin, state.rows.length - 1));
  state.page = Math.max(1, most);
  if (session.selected !== null && index === settings.current) followSelected(session, state, most);
  const sortColumn = columns.findIndex((column) => column.index === window.sortField);
  for (const row of state.rows.slice(state.begin, state.begin + most)) {
    const pid = pidOf(session, row) ?? 0;
    const task = trees?.get(row);
    const overrides = rowOverrides(view, row, task, window, state, style.zeros);
    const text = rowText(view, row, columns, style, " ".repeat(indent), overrides);
    const running = window.highRows && view.table.rows[row * view.stride + 1] === 82;
    const base = running ? palette.high : palette.task;
    session.hits.tasks.set(lines.length, { window: index, pid });
    if (pid === session.selected) {
      lines.push({
        spans: [{ text, style: { reverse: true, bold: true } }],
        fill: { reverse: true, bold: true },
      });
      continue;
    }
    lines.push({
      spans: rowSpans(
        text,
        base,
        columns,
        window.highColumn ? sortColumn : -1,
        indent,
        state.locate,
        palette,
      ),
    });
  }
}

function focused(session: Session, tree: readonly TreeTask[], pid: number): TreeTask[] {
  const first = tree.findIndex((task) => pidOf(session, task.row) === pid);
  if (first < 0) return tree.slice();
  const level = tree[first]?.level ?? 0;
  let end = first + 1;
  while (end < tree.length && (tree[end]?.level ?? 0) > level) end++;
  return tree.slice(first, end);
}

/** The selection stays on the screen. */
function followSelected(session: Session, state: WindowState, most: number): void {
  const at = state.rows.findIndex((row) => pidOf(session, row) === session.selected);
  if (at < 0) session.selected = null;
  else if (at < state.begin) state.begin = at;
  else if (at >= state.begin + most) state.begin = Math.max(0, at - most + 1);
}

function rowOverrides(
  view: TaskView,
  row: number,
  task: TreeTask | undefined,
  window: TopWindow,
  state: WindowState,
  zeros: boolean,
): { command?: string; cpu?: string } | null {
  if (task === undefined && state.scroll === 0) return null;
  const overrides: { command?: string; cpu?: string } = {};
  let command = view.command(row, window.commandLine);
  if (task !== undefined) {
    command = treePrefix(task) + command;
    if (task.hiddenTicks > 0) {
      const percent = cpuPercent(view, row, task.hiddenTicks);
      overrides.cpu = percent === null ? "-" : scalePercent(percent, 5, 1, zeros);
    }
  }
  overrides.command = state.scroll > 0 ? command.slice(state.scroll) : command;
  return overrides;
}

function headerSpans(
  text: string,
  columns: readonly Column[],
  indent: number,
  window: TopWindow,
  palette: Palette,
): Span[] {
  const at = columns.findIndex((column) => column.index === window.sortField);
  if (!window.highColumn || at < 0) return [{ text, style: palette.header }];
  const from = indent + columns.slice(0, at).reduce((sum, column) => sum + column.width + 1, 0);
  const to = from + (columns[at]?.width ?? 0);
  return [
    { text: text.slice(0, from), style: palette.header },
    { text: text.slice(from, to), style: { ...palette.header, underline: true } },
    { text: text.slice(to), style: palette.header },
  ];
}

function rowSpans(
  text: string,
  base: Style | null,
  columns: readonly Column[],
  highColumn: number,
  indent: number,
  locate: string,
  palette: Palette,
): Span[] {
  if (locate !== "") {
    const at = text.indexOf(locate);
    if (at >= 0) {
      return [
        { text: text.slice(0, at), style: base },
        { text: locate, style: palette.header },
        ...rowSpans(text.slice(at + locate.length), base, columns, -1, 0, locate, palette),
      ];
    }
  }
  if (highColumn < 0) return [{ text, style: base }];
  const before = columns.slice(0, highColumn).reduce((sum, column) => sum + column.width + 1, indent);
  const head = cutToColumns(text, before);
  const cell = cutToColumns(text.slice(head.length), columns[highColumn]?.width ?? 0);
  return [
    { text: head, style: base },
    { text: cell, style: palette.high },
    { text: text.slice(head.length + cell.length), style: base },
  ];
}

/** A whole page of text with a heading: help, detail, cgroups. */
export function paintPage(
  session: Session,
  heading: string,
  body: readonly string[],
  scroll: number,
  foot: string,
): StyledLine[] {
  const { columns, rows } = session;
  const lines: StyledLine[] = [{ spans: [{ text: fitColumns(heading, columns), style: { reverse: true } }] }];
  for (const text of body.slice(scroll, scroll + rows - 2)) {
    lines.push({ spans: [{ text: cutToColumns(text, columns), style: null }] });
  }
  while (lines.length < rows - 1) lines.push({ spans: [] });
  lines.push({ spans: [{ text: fitColumns(foot, columns), style: { bold: true } }] });
  return lines;
}

export function fieldNameOf(index: number): string {
  return FIELDS[index]?.name ?? "PID";
}
