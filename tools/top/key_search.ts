/** Which tasks are shown: u, U, o, O, /, L and &. */

import { ToolError } from "../../lib/cli/tool.ts";
import type { OtherFilter } from "./compute.ts";
import { ask } from "./key_prompt.ts";
import { parseUser } from "./options.ts";
import { FIELDS, fieldIndex } from "./render_fields.ts";
import { currentState, currentWindow, type Session, tell } from "./session.ts";
import { shownFields } from "./windows.ts";

export function askUser(session: Session, any: boolean): void {
  ask(session, "Which user (blank for all)", (text) => {
    const state = currentState(session);
    if (text.trim() === "") {
      state.user = null;
      return;
    }
    try {
      state.user = parseUser(text.trim(), any, session.system);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      tell(session, error.message);
    }
  });
}

/** [!]FIELD then = < > and a value. Gives the filter, or what is wrong. */
export function parseFilter(text: string, caseSensitive: boolean): OtherFilter | string {
  const include = !text.startsWith("!");
  const rest = include ? text : text.slice(1);
  const word = include ? "include" : "exclude";
  const at = rest.search(/[<=>]/);
  if (at < 0) return `${word}: no =, < or > in it`;
  const field = fieldIndex(rest.slice(0, at));
  if (field < 0) return `no field ${rest.slice(0, at)}`;
  const value = rest.slice(at + 1);
  if (value === "") return `${word}: no value behind it`;
  const operator = rest.charAt(at) as "=" | "<" | ">";
  return { raw: text, include, field, operator, value, caseSensitive };
}

export function askFilter(session: Session, caseSensitive: boolean): void {
  const state = currentState(session);
  const kind = caseSensitive ? "case sensitive" : "ignoring case";
  ask(session, `add filter #${state.others.length + 1} (${kind}) as: [!]FLD?VAL`, (text) => {
    if (text === "") return;
    if (state.others.some((filter) => filter.raw === text))
      return tell(session, "that filter is there already");
    const filter = parseFilter(text, caseSensitive);
    if (typeof filter === "string") tell(session, filter);
    else state.others.push(filter);
  });
}

export function askFind(session: Session): void {
  const state = currentState(session);
  state.find = "";
  ask(
    session,
    "Filter:",
    (text) => {
      state.find = text;
    },
    (text) => {
      state.find = text;
      state.begin = 0;
    },
  );
  const { prompt } = session;
  if (prompt === null) return;
  session.prompt = {
    ...prompt,
    done: (text) => {
      state.find = text ?? "";
    },
  };
}

export function askLocate(session: Session): void {
  ask(session, "Locate string", (text) => {
    currentState(session).locate = text;
    if (text !== "") locate(session, false);
  });
}

export function locateNext(session: Session): void {
  if (currentState(session).locate === "") {
    tell(session, "nothing to look for yet: press L");
    return;
  }
  locate(session, true);
}

/** The first task from the top (or after it) that shows the text becomes the top. */
function locate(session: Session, next: boolean): void {
  const state = currentState(session);
  const window = currentWindow(session);
  const view = session.frame?.view;
  if (view === undefined) return;
  const style = {
    taskScale: session.settings.taskScale,
    zeros: session.settings.zeros,
    cumulativeTime: window.cumulativeTime,
    commandLine: window.commandLine,
    timeTarget: 0 as const,
  };
  const fields = shownFields(window).map((index) => FIELDS[index]);
  for (let at = state.begin + (next ? 1 : 0); at < state.rows.length; at++) {
    const row = state.rows[at] as number;
    const text = fields.map((field) => field?.text(view, row, style, field.width || 512) ?? "").join(" ");
    if (text.includes(state.locate)) {
      state.begin = at;
      return;
    }
  }
  tell(session, `no ${next ? "other " : ""}task shows "${state.locate}"`);
}
