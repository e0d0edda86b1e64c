/** What the interactive top remembers between two keys. Changed in place by keys.ts, read by paint.ts. */

import type { System } from "../../lib/system/system.ts";
import type { TerminalHost } from "../../lib/system/terminal_host.ts";
import type { OtherFilter, TreeTask, UserFilter } from "./compute.ts";
import type { Frame, Frames } from "./frames.ts";
import type { TopSettings, TopWindow } from "./windows.ts";

export interface Prompt {
  readonly label: string;
  text: string;
  /** How many answers ago the text was given; 0: it is new. */
  recalled: number;
  /** Called with each change: the search while typing. */
  readonly typed?: (text: string) => void;
  /** null: left with Esc. */
  readonly done: (text: string | null) => void;
}

/** What belongs to a window and is not kept in toprc. */
export interface WindowState {
  /** First task shown. */
  begin: number;
  /** Fields scrolled away, and characters of the variable column. */
  skip: number;
  scroll: number;
  user: UserFilter | null;
  others: OtherFilter[];
  find: string;
  /** What L looks for and shows highlighted. */
  locate: string;
  collapsed: Set<number>;
  focusPid: number | null;
  /** Rows of the last painting, in order; tree only where the window shows one. */
  rows: number[];
  tree: TreeTask[] | null;
  /** Tasks that fitted on the screen. */
  page: number;
}

export type BottomKind = "cgroups" | "commandline" | "environment" | "namespaces" | "groups" | "log";

export type View =
  | { readonly kind: "tasks" }
  | { readonly kind: "help"; page: 0 | 1 }
  | { readonly kind: "fields"; at: number; moving: boolean }
  | {
      readonly kind: "colors";
      target: "summary" | "messages" | "header" | "tasks";
      readonly before: TopWindow;
    }
  | { readonly kind: "detail"; readonly pid: number; scroll: number; environment: boolean }
  | { readonly kind: "cgroups"; scroll: number }
  | { readonly kind: "filters" };

/** Where the mouse finds what: filled by paint.ts. */
export interface HitMap {
  /** Screen row -> window and column layout of a header. */
  headers: Map<
    number,
    {
      readonly window: number;
      readonly columns: readonly { readonly field: number; readonly from: number; readonly to: number }[];
    }
  >;
  /** Screen row -> pid. */
  tasks: Map<number, { readonly window: number; readonly pid: number }>;
}

/** Counters of the cgroup view's look before, by directory. */
export interface CgroupHistory {
  readonly seconds: number;
  readonly usage: ReadonlyMap<string, number>;
}

export interface Session {
  readonly system: System;
  readonly host: TerminalHost;
  readonly frames: Frames;
  readonly settings: TopSettings;
  readonly secure: boolean;
  readonly pids: readonly number[] | null;
  readonly utf8: boolean;
  /** NO_COLOR, or a terminal without colours. */
  readonly monochrome: boolean;
  readonly states: WindowState[];
  frame: Frame | null;
  view: View;
  prompt: Prompt | null;
  message: string | null;
  log: string[];
  bottom: BottomKind | null;
  selected: number | null;
  columns: number;
  rows: number;
  hits: HitMap;
  /** Shares of capacity and of memory, newest last. */
  cpuHistory: number[];
  memoryHistory: number[];
  cgroupHistory: CgroupHistory | null;
  /** Earlier answers to prompts, newest last. */
  answers: string[];
  /** Take a look now. */
  refresh: (fresh: boolean) => void;
  /** Paint anew, after something that came later than the key. */
  repaint: () => void;
  quit: () => void;
  suspend: () => void;
}

export function newWindowState(user: UserFilter | null): WindowState {
  return {
    begin: 0,
    skip: 0,
    scroll: 0,
    user,
    others: [],
    find: "",
    locate: "",
    collapsed: new Set(),
    focusPid: null,
    rows: [],
    tree: null,
    page: 1,
  };
}

export function currentWindow(session: Session): TopWindow {
  return session.settings.windows[session.settings.current] as TopWindow;
}

export function currentState(session: Session): WindowState {
  return session.states[session.settings.current] as WindowState;
}

/** A line that stays until the next frame. */
export function tell(session: Session, message: string): void {
  session.message = message;
  session.log.push(message);
  if (session.log.length > 10) session.log.shift();
}

/** The task that k, r, D mean by default: the selected one, else the first shown. */
export function pointedPid(session: Session): number | null {
  if (session.selected !== null) return session.selected;
  const state = currentState(session);
  const row = state.rows[state.begin] ?? state.rows[0];
  return row === undefined ? null : pidOf(session, row);
}

export function pidOf(session: Session, row: number): number | null {
  const view = session.frame?.view;
  return view === undefined ? null : (view.table.rows[row * view.stride] ?? 0) | 0;
}

export function rowOfPid(session: Session, pid: number): number {
  const view = session.frame?.view;
  if (view === undefined) return -1;
  for (let row = 0; row < view.table.count; row++) if (view.table.rows[row * view.stride] === pid) return row;
  return -1;
}
