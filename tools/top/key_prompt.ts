/** Questions on the message line: what is typed, and what is done with the answer. */

import type { Key } from "../../lib/screen/screen.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import { type Session, tell } from "./session.ts";

export function ask(
  session: Session,
  label: string,
  done: (text: string) => void,
  typed?: (text: string) => void,
): void {
  session.message = null;
  session.prompt = {
    label,
    text: "",
    recalled: 0,
    done: (text) => {
      if (text !== null) done(text);
    },
    ...(typed === undefined ? {} : { typed }),
  };
}

export function onPromptKey(session: Session, key: Key): void {
  const { prompt, answers } = session;
  if (prompt === null) return;
  if (key.name === "enter" || key.name === "linefeed") {
    session.prompt = null;
    if (prompt.text !== "" && answers[answers.length - 1] !== prompt.text) answers.push(prompt.text);
    prompt.done(prompt.text);
    return;
  }
  if (key.name === "escape") {
    session.prompt = null;
    prompt.done(null);
    return;
  }
  if (key.name === "up" || key.name === "down") {
    const step = key.name === "up" ? 1 : -1;
    prompt.recalled = Math.max(0, Math.min(answers.length, prompt.recalled + step));
    prompt.text = prompt.recalled === 0 ? "" : (answers[answers.length - prompt.recalled] ?? "");
  } else if (key.name === "backspace" || key.name === "C-h" || key.name === "delete") {
    prompt.text = [...prompt.text].slice(0, -1).join("");
  } else if (key.name === "C-u") prompt.text = "";
  else if (key.name === "space") prompt.text += " ";
  else if (key.char !== "") prompt.text += safeText(key.char);
  prompt.typed?.(prompt.text);
}

/** Whole number from a prompt; null: none given, or no number (then it is told). */
export function askWhole(session: Session, label: string, done: (value: number | null) => void): void {
  ask(session, label, (text) => {
    if (text.trim() === "") {
      done(null);
      return;
    }
    if (!/^\s*[+-]?\d+\s*$/.test(text)) {
      tell(session, "not a whole number");
      return;
    }
    done(Number(text));
  });
}

/** Enter and y go on; anything else does not. */
export function confirm(session: Session, label: string, action: () => void): void {
  ask(session, label, (text) => {
    const answer = text.trim().toLowerCase();
    if (answer === "" || answer === "y" || answer === "yes") action();
    else tell(session, "Nothing was done");
  });
}

/** True, and told, where top may change nothing (-s). */
export function isSecure(session: Session): boolean {
  if (session.secure) tell(session, "Unavailable in secure mode");
  return session.secure;
}
