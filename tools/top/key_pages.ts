/** Keys of the pages: help, fields, colors, a process, the cgroups. */

import type { Key } from "../../lib/screen/screen.ts";
import { nextWindow } from "./key_moves.ts";
import { askKill, askRenice } from "./key_processes.ts";
import { colorTarget } from "./pages.ts";
import { currentWindow, type Session, type View } from "./session.ts";

export function onHelpKey(session: Session, view: Extract<View, { kind: "help" }>, key: Key): void {
  if (view.page === 0 && (key.char === "h" || key.char === "?")) view.page = 1;
  else session.view = { kind: "tasks" };
}

export function onPageKey(
  session: Session,
  view: Extract<View, { kind: "detail" | "cgroups" }>,
  key: Key,
): void {
  const page = Math.max(1, session.rows - 3);
  if (key.name === "up") view.scroll--;
  else if (key.name === "down") view.scroll++;
  else if (key.name === "pageup") view.scroll -= page;
  else if (key.name === "pagedown" || key.name === "space") view.scroll += page;
  else if (key.name === "home") view.scroll = 0;
  else if (key.name === "end") view.scroll = Number.MAX_SAFE_INTEGER;
  else if (view.kind === "detail" && key.char === "e") view.environment = !view.environment;
  else if (view.kind === "detail" && key.char === "k") askKill(session);
  else if (view.kind === "detail" && key.char === "r") askRenice(session);
  else if (
    key.char === "q" ||
    key.name === "escape" ||
    key.name === "enter" ||
    key.char === "D" ||
    key.char === "$"
  ) {
    session.view = { kind: "tasks" };
  }
  view.scroll = Math.max(0, view.scroll);
}

export function onFieldsKey(session: Session, view: Extract<View, { kind: "fields" }>, key: Key): void {
  const window = currentWindow(session);
  const most = window.order.length - 1;
  const go = (to: number): void => {
    const target = Math.max(0, Math.min(most, to));
    if (view.moving) {
      const [field] = window.order.splice(view.at, 1);
      const [shown] = window.shown.splice(view.at, 1);
      window.order.splice(target, 0, field as number);
      window.shown.splice(target, 0, shown as boolean);
    }
    view.at = target;
  };
  if (key.name === "up") go(view.at - 1);
  else if (key.name === "down") go(view.at + 1);
  else if (key.name === "pageup") go(view.at - 10);
  else if (key.name === "pagedown") go(view.at + 10);
  else if (key.name === "home") go(0);
  else if (key.name === "end") go(most);
  else if (key.name === "right") view.moving = true;
  else if (key.name === "left" || (key.name === "enter" && view.moving)) view.moving = false;
  else if (key.char === "d" || key.name === "space") window.shown[view.at] = window.shown[view.at] !== true;
  else if (key.char === "s") {
    window.sortField = window.order[view.at] ?? window.sortField;
    window.forest = false;
  } else if (key.char === "a" || key.char === "w") {
    nextWindow(session, key.char === "a" ? 1 : -1);
    view.at = 0;
  } else if (key.char === "q" || key.name === "escape" || key.name === "enter")
    session.view = { kind: "tasks" };
}

export function onColorsKey(session: Session, view: Extract<View, { kind: "colors" }>, key: Key): void {
  const window = currentWindow(session);
  const target = colorTarget(key.char);
  if (target !== null) view.target = target;
  else if (/^[0-7]$/.test(key.char)) {
    window.palette[view.target] = Number(key.char);
    window.colors = true;
  } else if (key.name === "up" || key.name === "down") {
    window.palette[view.target] = (window.palette[view.target] + (key.name === "up" ? 1 : 7)) % 8;
    window.colors = true;
  } else if (key.char === "z") window.colors = !window.colors;
  else if (key.char === "b") window.highBold = !window.highBold;
  else if (key.char === "B") window.noBold = !window.noBold;
  else if (key.char === "a" || key.char === "w") {
    nextWindow(session, key.char === "a" ? 1 : -1);
    const next = currentWindow(session);
    session.view = { kind: "colors", target: "tasks", before: { ...next, palette: { ...next.palette } } };
  } else if (key.name === "enter") session.view = { kind: "tasks" };
  else if (key.char === "q" || key.name === "escape") {
    Object.assign(window, view.before);
    session.view = { kind: "tasks" };
  }
}
