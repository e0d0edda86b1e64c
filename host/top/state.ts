/** What the interactive `procg host top` remembers between two keys, and what a key does to it. Pure. */
import type { Key } from "../../lib/screen/screen.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import { COLUMNS } from "../list/columns.ts";
import { type ContainerRow, type SortKey, sortRows } from "../list/rows.ts";

export interface TopState {
  /** As they were read; shownRows() ranks and filters. */
  rows: readonly ContainerRow[];
  sort: SortKey;
  reverse: boolean;
  /** A part of the name, the image or the id. */
  filter: string;
  /** Id; null: none. */
  selected: string | null;
  /** The first row on the screen. */
  begin: number;
  view: "list" | "help" | "detail";
  /** Lines of the detail page that are scrolled away. */
  scroll: number;
  prompt: { readonly kind: "filter" | "delay"; text: string; readonly before: string } | null;
  message: string | null;
  delaySeconds: number;
  /** Rows that fitted at the last painting. */
  page: number;
}

/** What the caller is to do; null: paint. */
export type Action = "quit" | "suspend" | "look" | null;

export const SORT_BY_KEY: Readonly<Record<string, SortKey>> = {
  C: "cpu",
  M: "memory",
  L: "load",
  T: "threads",
  P: "pids",
  N: "name",
};

export function newState(sort: SortKey, delaySeconds: number): TopState {
  return {
    ...{ rows: [], sort, reverse: false, filter: "", selected: null, begin: 0, view: "list", scroll: 0 },
    ...{ prompt: null, message: null, delaySeconds, page: 1 },
  };
}

export function shownRows({ rows, sort, reverse, filter }: TopState): ContainerRow[] {
  const wanted = filter.toLowerCase();
  const isWanted = ({ name, image, id }: ContainerRow): boolean =>
    id.startsWith(wanted) || `${name}\n${image ?? ""}`.toLowerCase().includes(wanted);
  return sortRows(wanted === "" ? rows : rows.filter(isWanted), sort, reverse);
}

export function pressKey(state: TopState, key: Key): Action {
  if (key.name === "C-c") return "quit";
  if (key.name === "C-z") return "suspend";
  if (state.prompt !== null) return typeKey(state, key);
  state.message = null;
  if (state.view !== "list") {
    if (key.name === "q" || key.name === "escape" || key.name === "enter") state.view = "list";
    else if (state.view === "help") state.view = "list";
    else state.scroll = Math.max(0, state.scroll + step(key, state.page, state.scroll));
    return null;
  }
  const by = SORT_BY_KEY[key.char.toUpperCase()];
  if (by !== undefined) {
    state.sort = by;
    state.begin = 0;
    return null;
  }
  return listKey(state, key);
}

function listKey(state: TopState, key: Key): Action {
  switch (key.name) {
    case "q":
    case "Q":
      return "quit";
    case "space":
    case " ":
      return "look";
    case "h":
    case "?":
      state.view = "help";
      return null;
    case "r":
    case "R":
      state.reverse = !state.reverse;
      return null;
    case "<":
    case ">": {
      const keys = COLUMNS.map((column) => column.sort).filter((each): each is SortKey => each !== null);
      const at = keys.indexOf(state.sort) + (key.name === ">" ? 1 : -1);
      state.sort = keys[Math.max(0, Math.min(keys.length - 1, at))] ?? state.sort;
      return null;
    }
    case "/":
    case "o":
      state.prompt = { kind: "filter", text: state.filter, before: state.filter };
      return null;
    case "=":
      state.filter = "";
      return null;
    case "d":
    case "s":
      state.prompt = { kind: "delay", text: "", before: "" };
      return null;
    case "escape":
      if (state.selected === null) state.filter = "";
      state.selected = null;
      return null;
    case "enter":
      state.selected ??= shownRows(state)[0]?.id ?? null;
      if (state.selected === null) return null;
      state.view = "detail";
      state.scroll = 0;
      return "look";
    default:
      select(state, key);
      return null;
  }
}

/** Rows or lines to go; from the beginning or to the end with Home and End. */
function step({ name }: Key, page: number, at: number): number {
  if (name === "up" || name === "k" || name === "wheelup") return -1;
  if (name === "down" || name === "j" || name === "wheeldown") return 1;
  if (name === "pageup") return -page;
  if (name === "pagedown") return page;
  return name === "home" ? -at : name === "end" ? 1e6 : 0;
}

function select(state: TopState, key: Key): void {
  const shown = shownRows(state);
  const at = shown.findIndex((row) => row.id === state.selected);
  const by = step(key, state.page, Math.max(at, 0));
  if (by === 0 && key.name !== "home") return;
  const next = at >= 0 ? at + by : by < 0 || by > shown.length ? shown.length - 1 : 0;
  state.selected = shown[Math.max(0, Math.min(shown.length - 1, next))]?.id ?? null;
}

function typeKey(state: TopState, key: Key): Action {
  const { prompt } = state;
  if (prompt === null) return null;
  if (key.name === "escape" || key.name === "enter") {
    state.prompt = null;
    if (key.name === "escape") {
      if (prompt.kind === "filter") state.filter = prompt.before;
    } else if (prompt.kind === "delay" && prompt.text !== "") {
      const seconds = Number(prompt.text);
      if (/^[0-9]+(\.[0-9]+)?$/.test(prompt.text) && seconds > 0) state.delaySeconds = seconds;
      else state.message = `not a number of seconds: '${prompt.text}'`;
    }
    return null;
  }
  if (key.name === "backspace") prompt.text = [...prompt.text].slice(0, -1).join("");
  else if (key.name === "C-u") prompt.text = "";
  else if (key.name === "space") prompt.text += " ";
  else if (key.char !== "" && prompt.text.length < 64) prompt.text += safeText(key.char);
  // Seen while it is typed.
  if (prompt.kind === "filter") {
    state.filter = prompt.text;
    state.begin = 0;
  }
  return null;
}
