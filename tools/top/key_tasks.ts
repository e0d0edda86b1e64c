/** What each key does while the tasks are shown. */

import type { Key } from "../../lib/screen/screen.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { makeDirectories } from "../../lib/system/make_directories.ts";
import { moveBy, moveSort, nextWindow, resetWindow, scrollTo } from "./key_moves.ts";
import { askAutogroup, askKill, askRenice } from "./key_processes.ts";
import { ask, askWhole, isSecure } from "./key_prompt.ts";
import { askFilter, askFind, askLocate, askUser, locateNext } from "./key_search.ts";
import { parseFloatWord } from "./options.ts";
import { fieldIndex } from "./render_fields.ts";
import { type BottomKind, currentState, currentWindow, pointedPid, type Session, tell } from "./session.ts";
import { ownToprc } from "./settings.ts";
import type { Scale } from "./tasks.ts";
import { shownFields, type TopWindow } from "./windows.ts";

const SORT_KEYS: Readonly<Record<string, string>> = { P: "%CPU", M: "%MEM", N: "PID", T: "TIME+" };

const BOTTOM_KEYS: Readonly<Record<string, BottomKind>> = {
  "C-g": "cgroups",
  "C-k": "commandline",
  "C-n": "environment",
  "C-p": "namespaces",
  "C-u": "groups",
  "C-l": "log",
};

export function onTasksKey(session: Session, key: Key): void {
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
  makeDirectories(session.system, path.slice(0, path.lastIndexOf("/")), 0o700);
  const result = session.system.writeFileAtomic(path, toprcText(session.settings), 0o600);
  tell(session, result < 0 ? `${path}: ${errnoText(result)}` : `Wrote configuration to '${path}'`);
  session.repaint();
}
