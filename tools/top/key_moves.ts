/** Moving through windows, rows and sort columns. */

import { currentState, currentWindow, newWindowState, pidOf, type Session } from "./session.ts";
import { shownFields } from "./windows.ts";

export function nextWindow(session: Session, step: number): void {
  session.settings.current = (session.settings.current + step + 4) % 4;
}

export function resetWindow(session: Session, index: number): void {
  const window = session.settings.windows[index];
  if (window === undefined) return;
  window.maxTasks = 0;
  window.idle = true;
  window.visible = true;
  session.states[index] = newWindowState(null);
}

export function moveBy(session: Session, step: number): void {
  const state = currentState(session);
  if (session.selected === null) {
    scrollTo(session, state.begin + step);
    return;
  }
  const at = state.rows.findIndex((row) => pidOf(session, row) === session.selected);
  const row = state.rows[Math.max(0, Math.min(state.rows.length - 1, at + step))];
  if (row !== undefined) session.selected = pidOf(session, row);
}

export function scrollTo(session: Session, begin: number): void {
  const state = currentState(session);
  state.begin = Math.max(0, Math.min(state.rows.length - 1, begin));
}

export function moveSort(session: Session, step: number): void {
  const window = currentWindow(session);
  const fields = shownFields(window);
  const at = fields.indexOf(window.sortField);
  const next = fields[at + step];
  if (at < 0 || next === undefined) return;
  window.sortField = next;
  window.forest = false;
}
