/** Which keys go where: a prompt, a page, or the tasks. The keys are those of procps-ng's top; @ * D $ / are ours. */

import type { Key, MouseEvent } from "../../lib/screen/screen.ts";
import { scrollTo } from "./key_moves.ts";
import { onColorsKey, onFieldsKey, onHelpKey, onPageKey } from "./key_pages.ts";
import { onPromptKey } from "./key_prompt.ts";
import { onTasksKey } from "./key_tasks.ts";
import { currentState, currentWindow, type Session } from "./session.ts";

export function onKey(session: Session, key: Key): void {
  if (key.name === "C-c") {
    session.quit();
    return;
  }
  if (key.name === "C-z") {
    session.suspend();
    return;
  }
  if (session.prompt !== null) {
    onPromptKey(session, key);
    return;
  }
  const { view } = session;
  if (view.kind === "help") {
    onHelpKey(session, view, key);
    return;
  }
  if (view.kind === "fields") {
    onFieldsKey(session, view, key);
    return;
  }
  if (view.kind === "colors") {
    onColorsKey(session, view, key);
    return;
  }
  if (view.kind === "detail" || view.kind === "cgroups") {
    onPageKey(session, view, key);
    return;
  }
  if (view.kind === "filters") {
    if (key.char === "=") currentState(session).others = [];
    session.view = { kind: "tasks" };
    return;
  }
  onTasksKey(session, key);
}

export function onMouse(session: Session, event: MouseEvent): void {
  if (session.prompt !== null || session.view.kind !== "tasks") {
    if (event.kind !== "press") onKey(session, { char: "", name: event.kind === "wheelup" ? "up" : "down" });
    return;
  }
  if (event.kind !== "press") {
    const state = currentState(session);
    scrollTo(session, state.begin + (event.kind === "wheelup" ? -3 : 3));
    return;
  }
  const task = session.hits.tasks.get(event.y);
  if (task !== undefined) {
    session.settings.current = task.window;
    session.selected = session.selected === task.pid ? null : task.pid;
    return;
  }
  const header = session.hits.headers.get(event.y);
  const column = header?.columns.find(({ from, to }) => event.x >= from && event.x <= to);
  if (header === undefined || column === undefined) return;
  session.settings.current = header.window;
  const window = currentWindow(session);
  if (window.sortField === column.field && !window.forest) window.highToLow = !window.highToLow;
  else window.sortField = column.field;
  window.forest = false;
}
