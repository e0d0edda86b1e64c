/** What each key does. The keys and their words are those of procps-ng's top; @ * D $ / are ours. */

import { ToolError } from "../../lib/cli/tool.ts";
import type { Key, MouseEvent } from "../../lib/screen/screen.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import type { OtherFilter } from "./compute.ts";
import { parseFloatWord, parseUser } from "./options.ts";
import { colorTarget } from "./pages.ts";
import { FIELDS, fieldIndex } from "./render_fields.ts";
import {
  type BottomKind,
  currentState,
  currentWindow,
  newWindowState,
  pidOf,
  pointedPid,
  rowOfPid,
  type Session,
  tell,
  type View,
} from "./session.ts";
import { ownToprc } from "./settings.ts";
import type { Scale } from "./tasks.ts";
import { shownFields, type TopWindow } from "./windows.ts";

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

// --- prompts -----------------------------------------------------------------------------------------------------------

function ask(
  session: Session,
  label: string,
  done: (text: string) => void,
  typed?: (text: string) => void,
): void {
  session.message = null;
  session.prompt = {
    label,
    text: "",
    done: (text) => {
      if (text !== null) done(text);
    },
    ...(typed === undefined ? {} : { typed }),
  };
}

let recalled = 0;

function onPromptKey(session: Session, key: Key): void {
  const { prompt, answers } = session;
  if (prompt === null) return;
  if (key.name === "enter" || key.name === "linefeed") {
    session.prompt = null;
    recalled = 0;
    if (prompt.text !== "" && answers[answers.length - 1] !== prompt.text) answers.push(prompt.text);
    prompt.done(prompt.text);
    return;
  }
  if (key.name === "escape") {
    session.prompt = null;
    recalled = 0;
    prompt.done(null);
    return;
  }
  if (key.name === "up" || key.name === "down") {
    recalled = Math.max(0, Math.min(answers.length, recalled + (key.name === "up" ? 1 : -1)));
    prompt.text = recalled === 0 ? "" : (answers[answers.length - recalled] ?? "");
  } else if (key.name === "backspace" || key.name === "C-h" || key.name === "delete") {
    prompt.text = [...prompt.text].slice(0, -1).join("");
  } else if (key.name === "C-u") prompt.text = "";
  else if (key.name === "space") prompt.text += " ";
  else if (key.char !== "") prompt.text += safeText(key.char);
  prompt.typed?.(prompt.text);
}

/** Whole number from a prompt; null: none given, or no number (then it is told). */
function askWhole(session: Session, label: string, done: (value: number | null) => void): void {
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

// --- tasks -------------------------------------------------------------------------------------------------------------

const SORT_KEYS: Readonly<Record<string, string>> = { P: "%CPU", M: "%MEM", N: "PID", T: "TIME+" };

const BOTTOM_KEYS: Readonly<Record<string, BottomKind>> = {
  "C-g": "cgroups",
  "C-k": "commandline",
  "C-n": "environment",
  "C-p": "namespaces",
  "C-u": "groups",
  "C-l": "log",
};

function onTasksKey(session: Session, key: Key): void {
  session.message = null;
  const action = TASK_KEYS[key.name] ?? TASK_KEYS[key.char];
  const sort = SORT_KEYS[key.char];
  const bottom = BOTTOM_KEYS[key.name];
  if (sort !== undefined) {
    const window = currentWindow(session);
    window.sortField = fieldIndex(sort);
    window.forest = false;
  } else if (bottom !== undefined) session.bottom = session.bottom === bottom ? null : bottom;
  else if (action !== undefined) action(session);
  else if (key.char !== "" || /^C-|^f\d/.test(key.name)) tell(session, "Unknown command - try 'h' for help");
}

type Action = (session: Session) => void;

const onWindow =
  (change: (window: TopWindow, session: Session) => void): Action =>
  (session) =>
    change(currentWindow(session), session);

const TASK_KEYS: Readonly<Record<string, Action>> = {
  q: (session) => session.quit(),
  enter: (session) => session.refresh(false),
  linefeed: (session) => session.refresh(false),
  space: (session) => session.refresh(false),
  h: (session) => {
    session.view = { kind: "help", page: 0 };
  },
  "?": (session) => {
    session.view = { kind: "help", page: 0 };
  },
  escape: (session) => {
    session.selected = null;
    currentState(session).find = "";
  },
  d: askDelay,
  s: askDelay,
  k: askKill,
  r: askRenice,
  "C-r": askAutogroup,
  W: writeToprc,
  u: (session) => askUser(session, false),
  U: (session) => askUser(session, true),
  o: (session) => askFilter(session, false),
  O: (session) => askFilter(session, true),
  "C-o": (session) => {
    session.view = { kind: "filters" };
  },
  "/": askFind,
  L: askLocate,
  "&": locateNext,
  n: askMost,
  "#": askMost,
  f: (session) => {
    session.view = { kind: "fields", at: 0, moving: false };
  },
  Z: (session) => {
    const window = currentWindow(session);
    session.view = {
      kind: "colors",
      target: "tasks",
      before: { ...window, palette: { ...window.palette } },
    };
  },
  D: showDetail,
  Y: showDetail,
  $: (session) => {
    session.cgroupHistory = null;
    session.view = { kind: "cgroups", scroll: 0 };
  },
  "@": (session) => {
    session.settings.containerLines = !session.settings.containerLines;
    session.refresh(false);
  },
  "*": (session) => {
    session.settings.gauges = !session.settings.gauges;
  },
  R: onWindow((window) => {
    window.highToLow = !window.highToLow;
    window.forest = false;
  }),
  "<": (session) => moveSort(session, -1),
  ">": (session) => moveSort(session, 1),
  c: onWindow((window) => {
    window.commandLine = !window.commandLine;
  }),
  V: onWindow((window, session) => {
    window.forest = !window.forest;
    if (!window.forest) currentState(session).focusPid = null;
    if (!shownFields(window).includes(fieldIndex("COMMAND"))) {
      tell(session, `Forest mode ${window.forest ? "On" : "Off"}`);
    }
  }),
  v: (session) => {
    const pid = currentWindow(session).forest ? pointedPid(session) : null;
    if (pid === null) return;
    const { collapsed } = currentState(session);
    if (!collapsed.delete(pid)) collapsed.add(pid);
  },
  F: (session) => {
    const state = currentState(session);
    const pid = currentWindow(session).forest ? pointedPid(session) : null;
    if (pid !== null) state.focusPid = state.focusPid === pid ? null : pid;
  },
  i: onWindow((window, session) => {
    window.idle = !window.idle;
    currentState(session).begin = 0;
  }),
  H: (session) => {
    session.settings.threads = !session.settings.threads;
    for (const state of session.states) {
      state.begin = 0;
      state.focusPid = null;
    }
    if (!currentWindow(session).showCpu)
      tell(session, `Show threads ${session.settings.threads ? "On" : "Off"}`);
    session.frames.forget();
    session.refresh(true);
  },
  S: onWindow((window, session) => {
    window.cumulativeTime = !window.cumulativeTime;
    tell(session, `Cumulative time ${window.cumulativeTime ? "On" : "Off"}`);
  }),
  I: (session) => {
    if (session.frames.cpus < 2) {
      tell(session, "there is only one CPU");
      return;
    }
    session.settings.irix = !session.settings.irix;
    tell(session, `Irix mode ${session.settings.irix ? "On" : "Off"}`);
    session.refresh(false);
  },
  "0": (session) => {
    session.settings.zeros = !session.settings.zeros;
  },
  l: onWindow((window) => {
    window.showLoad = !window.showLoad;
  }),
  t: onWindow((window) => {
    if (!window.showCpu) window.showCpu = true;
    else if (window.cpuGraph < 2) window.cpuGraph++;
    else {
      window.cpuGraph = 0;
      window.showCpu = false;
    }
  }),
  m: onWindow((window) => {
    if (!window.showMemory) window.showMemory = true;
    else if (window.memoryGraph < 2) window.memoryGraph++;
    else {
      window.memoryGraph = 0;
      window.showMemory = false;
    }
  }),
  "1": onWindow((window, session) => {
    window.cpuSummary = !window.cpuSummary;
    window.showCpu = true;
    window.abreast = 0;
    if (!window.cpuSummary) tellWithoutCpus(session);
  }),
  "2": (session) => tell(session, "no NUMA nodes are told apart here"),
  "3": (session) => tell(session, "no NUMA nodes are told apart here"),
  "5": (session) => tell(session, "nothing to do in this view"),
  "4": onWindow((window, session) => {
    const cpus = session.frame?.summary.cpu?.cpus?.length ?? 1;
    window.abreast = window.abreast + 1 >= Math.min(cpus, 8) ? 0 : window.abreast + 1;
    window.cpuSummary = false;
  }),
  "!": onWindow((window, session) => {
    if (window.cpuSummary) {
      tell(session, "nothing to do in this view");
      return;
    }
    const cpus = session.frame?.summary.cpu?.cpus?.length ?? 1;
    window.combine = 2 ** (window.combine + 1) >= cpus ? 0 : window.combine + 1;
  }),
  E: (session) => {
    session.settings.summaryScale = ((session.settings.summaryScale + 1) % 6) as Scale;
  },
  e: (session) => {
    session.settings.taskScale = ((session.settings.taskScale + 1) % 5) as Scale;
  },
  "C-e": (session) => {
    session.settings.timeTarget = (session.settings.timeTarget + 1) % 7;
  },
  z: onWindow((window) => {
    window.colors = !window.colors;
  }),
  x: onWindow((window) => {
    window.highColumn = !window.highColumn;
  }),
  y: onWindow((window) => {
    window.highRows = !window.highRows;
  }),
  b: onWindow((window) => {
    window.highBold = !window.highBold;
  }),
  B: onWindow((window) => {
    window.noBold = !window.noBold;
  }),
  j: onWindow((window) => {
    window.leftTexts = !window.leftTexts;
  }),
  J: onWindow((window) => {
    window.rightNumbers = !window.rightNumbers;
  }),
  C: onWindow((window) => {
    window.coordinates = !window.coordinates;
  }),
  X: (session) =>
    askWhole(
      session,
      `Fixed columns are ${session.settings.widen} wider, change to (0 normal, -1 by 8)`,
      (value) => {
        if (value !== null) session.settings.widen = value >= 0 && value <= 512 ? value : 8;
      },
    ),
  A: (session) => {
    session.settings.many = !session.settings.many;
  },
  g: (session) =>
    ask(session, "Window 1, 2, 3 or 4", (text) => {
      const index = Number(text.trim()) - 1;
      if (index >= 0 && index <= 3 && Number.isInteger(index)) session.settings.current = index;
      else if (text !== "") tell(session, "not a whole number");
    }),
  a: (session) => withMany(session, () => nextWindow(session, 1)),
  w: (session) => withMany(session, () => nextWindow(session, -1)),
  G: (session) =>
    withMany(session, () => {
      const window = currentWindow(session);
      ask(session, `New name for window ${window.name} (3 letters at most)`, (text) => {
        if (text.trim() !== "") window.name = text.trim().slice(0, 3);
      });
    }),
  "-": (session) =>
    withMany(session, () => {
      const window = currentWindow(session);
      window.visible = !window.visible;
    }),
  _: (session) =>
    withMany(session, () => {
      for (const window of session.settings.windows) window.visible = !window.visible;
    }),
  "=": (session) => resetWindow(session, session.settings.current),
  "+": (session) =>
    withMany(session, () => {
      for (const index of session.states.keys()) resetWindow(session, index);
    }),
  up: (session) => moveBy(session, -1),
  down: (session) => moveBy(session, 1),
  pageup: (session) => moveBy(session, -Math.max(1, currentState(session).page - 1)),
  pagedown: (session) => moveBy(session, Math.max(1, currentState(session).page - 1)),
  home: (session) => {
    const state = currentState(session);
    state.skip = 0;
    state.scroll = 0;
    moveBy(session, -state.rows.length);
  },
  end: (session) => {
    const state = currentState(session);
    if (session.selected !== null) moveBy(session, state.rows.length);
    else scrollTo(session, state.rows.length - state.page);
  },
  left: (session) => {
    const state = currentState(session);
    if (state.scroll > 0) state.scroll = Math.max(0, state.scroll - 8);
    else state.skip = Math.max(0, state.skip - 1);
  },
  right: (session) => {
    const state = currentState(session);
    const fields = shownFields(currentWindow(session));
    if (state.skip + 1 < fields.length) state.skip++;
    else state.scroll += 8;
  },
};

function tellWithoutCpus(session: Session): void {
  const cpu = session.frame?.summary.cpu;
  if (cpu !== null && cpu !== undefined && cpu.cpus === null) {
    tell(session, "the kernel has no figures per CPU for this container (cgroup v2)");
  }
}

function withMany(session: Session, action: () => void): void {
  if (session.settings.many) action();
  else tell(session, "only with several windows: press A");
}

function nextWindow(session: Session, step: number): void {
  session.settings.current = (session.settings.current + step + 4) % 4;
}

function resetWindow(session: Session, index: number): void {
  const window = session.settings.windows[index];
  if (window === undefined) return;
  window.maxTasks = 0;
  window.idle = true;
  window.visible = true;
  session.states[index] = newWindowState(null);
}

function moveBy(session: Session, step: number): void {
  const state = currentState(session);
  if (session.selected === null) {
    scrollTo(session, state.begin + step);
    return;
  }
  const at = state.rows.findIndex((row) => pidOf(session, row) === session.selected);
  const row = state.rows[Math.max(0, Math.min(state.rows.length - 1, at + step))];
  if (row !== undefined) session.selected = pidOf(session, row);
}

function scrollTo(session: Session, begin: number): void {
  const state = currentState(session);
  state.begin = Math.max(0, Math.min(state.rows.length - 1, begin));
}

function moveSort(session: Session, step: number): void {
  const window = currentWindow(session);
  const fields = shownFields(window);
  const at = fields.indexOf(window.sortField);
  const next = fields[at + step];
  if (at < 0 || next === undefined) return;
  window.sortField = next;
  window.forest = false;
}

function isSecure(session: Session): boolean {
  if (session.secure) tell(session, "Unavailable in secure mode");
  return session.secure;
}

function askDelay(session: Session): void {
  if (isSecure(session)) return;
  ask(session, `Change delay from ${session.settings.delaySeconds.toFixed(1)} to`, (text) => {
    if (text.trim() === "") return;
    const seconds = parseFloatWord(text);
    if (seconds === null || seconds < 0) {
      tell(session, "not a number of seconds");
      return;
    }
    session.settings.delaySeconds = seconds;
    session.refresh(false);
  });
}

const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  POLL: 29,
  IO: 29,
  PWR: 30,
  SYS: 31,
};

/** "15", "TERM", "sigterm"; null: no signal. */
export function signalNumber(text: string): number | null {
  const word = text.trim().toUpperCase();
  if (/^\d{1,2}$/.test(word)) return Number(word) <= 64 ? Number(word) : null;
  return SIGNALS[word.startsWith("SIG") ? word.slice(3) : word] ?? null;
}

function nameOf(session: Session, pid: number): string {
  const row = rowOfPid(session, pid);
  return row < 0 ? "" : ` (${session.frame?.view.command(row, false) ?? ""})`;
}

function askKill(session: Session): void {
  if (isSecure(session)) return;
  const pointed = session.view.kind === "detail" ? session.view.pid : pointedPid(session);
  askWhole(session, `PID to signal/kill [default pid = ${pointed ?? 0}]`, (value) => {
    const pid = value ?? pointed;
    if (pid === null) return;
    ask(session, `Send pid ${pid}${nameOf(session, pid)} signal [15/sigterm]`, (text) => {
      const signal = text.trim() === "" ? 15 : signalNumber(text);
      if (signal === null) {
        tell(session, "Invalid signal");
        return;
      }
      if (signal === 0) return;
      confirm(session, `Signal ${signal} to pid ${pid}${nameOf(session, pid)}: sure? [Y/n]`, () => {
        const result = session.host.kill(pid, signal);
        if (result < 0) tell(session, `Signal ${signal} to ${pid}: ${errnoText(result)}`);
        else session.refresh(false);
      });
    });
  });
}

function askRenice(session: Session): void {
  if (isSecure(session)) return;
  const pointed = session.view.kind === "detail" ? session.view.pid : pointedPid(session);
  askWhole(session, `PID to renice [default pid = ${pointed ?? 0}]`, (value) => {
    const pid = value ?? pointed;
    if (pid === null) return;
    askWhole(session, `Renice PID ${pid}${nameOf(session, pid)} to value`, (nice) => {
      if (nice === null) return;
      confirm(session, `Nice value ${nice} for pid ${pid}${nameOf(session, pid)}: sure? [Y/n]`, () => {
        const result = session.host.setPriority(pid, nice);
        if (result < 0) tell(session, `Renice of ${pid} to ${nice}: ${errnoText(result)}`);
        else session.refresh(false);
      });
    });
  });
}

/** Enter and y go on; anything else does not. */
function confirm(session: Session, label: string, action: () => void): void {
  ask(session, label, (text) => {
    const answer = text.trim().toLowerCase();
    if (answer === "" || answer === "y" || answer === "yes") action();
    else tell(session, "Nothing was done");
  });
}

function askAutogroup(session: Session): void {
  if (isSecure(session)) return;
  const pointed = pointedPid(session);
  askWhole(session, `PID to renice [default pid = ${pointed ?? 0}]`, (value) => {
    const pid = value ?? pointed;
    if (pid === null) return;
    askWhole(session, `Renice autogroup of PID ${pid} to value`, (nice) => {
      if (nice === null) return;
      if (nice < -20 || nice > 19) {
        tell(session, "a nice value is -20 to 19");
        return;
      }
      const result = session.system.createFile(`/proc/${pid}/autogroup`, String(nice), 0o644, false);
      if (result < 0) tell(session, `autogroup: ${errnoText(result)}`);
    });
  });
}

function askUser(session: Session, any: boolean): void {
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

function askFilter(session: Session, caseSensitive: boolean): void {
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

function askFind(session: Session): void {
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

function askLocate(session: Session): void {
  ask(session, "Locate string", (text) => {
    currentState(session).locate = text;
    if (text !== "") locate(session, false);
  });
}

function locateNext(session: Session): void {
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

function askMost(session: Session): void {
  const window = currentWindow(session);
  askWhole(session, `Maximum tasks = ${window.maxTasks}, change to (0 is unlimited)`, (value) => {
    if (value === null) return;
    if (value < 0) tell(session, "not below 0");
    else window.maxTasks = value;
  });
}

function showDetail(session: Session): void {
  const pid = pointedPid(session);
  if (pid !== null) session.view = { kind: "detail", pid, scroll: 0, environment: false };
}

async function writeToprc(session: Session): Promise<void> {
  const path = ownToprc(session.system);
  if (path === null) {
    tell(session, "toprc: HOME is not set");
    return;
  }
  const { toprcText } = await import("./toprc.ts");
  const folders = path.split("/").slice(0, -1);
  for (let i = 2; i <= folders.length; i++)
    session.system.makeDirectory(folders.slice(0, i).join("/"), 0o700);
  const result = session.system.writeFileAtomic(path, toprcText(session.settings), 0o600);
  tell(session, result < 0 ? `${path}: ${errnoText(result)}` : `Wrote configuration to '${path}'`);
  session.repaint();
}

// --- pages -------------------------------------------------------------------------------------------------------------

function onHelpKey(session: Session, view: Extract<View, { kind: "help" }>, key: Key): void {
  if (view.page === 0 && (key.char === "h" || key.char === "?")) view.page = 1;
  else session.view = { kind: "tasks" };
}

function onPageKey(session: Session, view: Extract<View, { kind: "detail" | "cgroups" }>, key: Key): void {
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

function onFieldsKey(session: Session, view: Extract<View, { kind: "fields" }>, key: Key): void {
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

function onColorsKey(session: Session, view: Extract<View, { kind: "colors" }>, key: Key): void {
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
